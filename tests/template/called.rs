//! That no role may do what no story needs. While stories run, each permission that a request used is noted, down to
//! the rows; afterwards the template is held against the notes. `.ci/run` does both: a single test cannot know what
//! the others called.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use super::iam::{Grant, grants};

/// Set, the variable names the file of the notes.
const NOTES: &str = "CONVENE_CALLED";
/// Set, too, the notes are complete, and are looked at.
const COMPLETE: &str = "CONVENE_CALLED_BY_ALL";

/// What `.ci/run` says to this process: the file of the notes, and whether they are complete.
#[expect(clippy::disallowed_methods, reason = "said by .ci/run, to the tests alone")]
fn told() -> Option<(OsString, bool)> {
    Some((std::env::var_os(NOTES)?, std::env::var_os(COMPLETE).is_some()))
}

/// Notes a use of a grant: each once for all stories of this process.
pub(super) fn note(grant: &Grant, action: &str, rows: &[String]) {
    static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let Some((file, false)) = told() else { return };
    let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut new = String::new();
    for use_ in uses(grant, action, rows) {
        if !noted.contains(&use_) {
            let _ = writeln!(new, "{use_}");
            noted.insert(use_);
        }
    }
    if !new.is_empty() {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(file);
        file.and_then(|mut file| file.write_all(new.as_bytes())).expect("the notes can be written");
    }
}

fn uses(grant: &Grant, action: &str, rows: &[String]) -> Vec<String> {
    let subject = format!("{} {action} {}", grant.function, grant.subject());
    if rows.is_empty() {
        return vec![subject];
    }
    rows.iter().map(|row| format!("{subject} {row}")).collect()
}

/// What the stories cannot show: what AWS itself calls in a function's name (encryption at rest, the log, the stream,
/// the queue), and the client secret.
fn unseen(grant: &Grant) -> bool {
    grant.resource == "DataKey"
        || grant.resource.ends_with("Log")
        // Either this or an assertion: whoever signs one in the stories would decrypt the other.
        || grant.with_certificate == Some(false)
        || ["Table/stream/*", "DeadLetters", "*"].contains(&grant.resource.as_str())
}

#[test]
fn no_role_may_do_what_no_story_needs() {
    let Some((file, true)) = told() else {
        println!("SKIPPED: only after all stories is it known what they called: see .ci/run");
        return;
    };
    let notes = std::fs::read_to_string(file).expect("the notes");
    let noted: BTreeSet<String> = notes.lines().map(str::to_owned).collect();
    let granted: BTreeSet<String> = grants()
        .iter()
        .filter(|grant| !unseen(grant))
        .flat_map(|grant| {
            let bare = |action: &String| action.rsplit(':').next().unwrap_or_default().to_owned();
            grant
                .actions
                .iter()
                .flat_map(|action| uses(grant, &bare(action), &grant.rows()))
                .collect::<Vec<_>>()
        })
        .collect();
    let unused: Vec<_> = granted.difference(&noted).collect();
    assert!(unused.is_empty(), "granted, and never used: {unused:#?}");
    println!("{} permissions of roles, each used by a story", granted.len());
}
