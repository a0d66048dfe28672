//! What a run found, for a person to read.

use crate::line::Line;
use std::fmt;

/// What became of one line.
#[derive(Clone, Debug)]
pub enum Verdict {
    Holds,
    /// The place answers otherwise.
    Differs(Vec<String>),
    /// It was not asked, for this reason.
    Skipped(String),
    /// The stand-in is known to be wrong here: why, and what differs.
    Pending(String, Vec<String>),
    /// It is on the list of known differences, and does not differ.
    NoLongerPending,
}

/// A line and what became of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub line: Line,
    pub verdict: Verdict,
}

/// All of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Whether every line that ran holds or is known to differ.
    pub fn is_good(&self) -> bool {
        self.outcomes
            .iter()
            .all(|one| matches!(one.verdict, Verdict::Holds | Verdict::Skipped(_) | Verdict::Pending(..)))
    }

    /// How many lines hold.
    pub fn held(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Holds))
    }

    fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.outcomes.iter().filter(|one| is(&one.verdict)).count()
    }

    /// One sentence with the numbers.
    pub fn summary(&self) -> String {
        let ran = self.count(|verdict| !matches!(verdict, Verdict::Skipped(_)));
        let mut words =
            format!("conformance: {} lines, {ran} asked, {} hold", self.outcomes.len(), self.held());
        for (count, what) in [
            (self.count(|verdict| matches!(verdict, Verdict::Differs(_))), "differ"),
            (self.count(|verdict| matches!(verdict, Verdict::Pending(..))), "pending"),
            (self.count(|verdict| matches!(verdict, Verdict::NoLongerPending)), "no longer pending"),
            (self.outcomes.len() - ran, "not asked"),
        ] {
            if count > 0 {
                words = format!("{words}, {count} {what}");
            }
        }
        words
    }

    /// The lines without a recording behind them, and what the place says of each.
    pub fn beliefs(&self) -> String {
        let asked = self.outcomes.iter().filter(|one| one.line.mark.is_belief());
        let rows = asked.filter_map(|one| match one.verdict {
            Verdict::Holds => Some(format!("  holds    {} [{}]\n", one.line.id, one.line.mark.name())),
            Verdict::Differs(_) => Some(format!("  DIFFERS  {} [{}]\n", one.line.id, one.line.mark.name())),
            _ => None,
        });
        rows.collect()
    }
}

/// The differences: for each line its name, where it stands and comes from, and what was expected and seen.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Outcome { line, verdict } in &self.outcomes {
            let (word, rows): (&str, &[String]) = match verdict {
                Verdict::Differs(rows) => ("DIFFERS", rows),
                Verdict::NoLongerPending => ("HOLDS AGAIN", &[]),
                Verdict::Holds | Verdict::Skipped(_) | Verdict::Pending(..) => continue,
            };
            writeln!(f, "{word:<12} {} ({}) [{}] {}", line.id, line.file, line.mark.name(), line.source)?;
            for row in rows {
                writeln!(f, "{:<12} {row}", "")?;
            }
            if matches!(verdict, Verdict::NoLongerPending) {
                writeln!(f, "{:<12} strike it from the file `pending`", "")?;
            }
        }
        Ok(())
    }
}
