//! Reads which modules of its crate a source file names, however it spells it.

/// A module of the crate that is named in a file, and the line.
pub(super) type Edge = (usize, String);

/// Every top-level module that `text` names by `crate::` or by enough `super::`. `depth` is how deep the file's own
/// module lies below the root of the crate (`access.rs`: 1, `access/redeem.rs`: 2).
pub(super) fn named_modules(text: &str, depth: usize) -> Vec<Edge> {
    let text = without_comments(text);
    let mut edges = by_crate(&text);
    edges.extend(by_super(&text, depth));
    edges.sort();
    edges
}

/// The text with line comments blanked; lines stay where they are. A URL in a string is cut too, which harms nothing.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn by_crate(text: &str) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (at, found) in text.match_indices("crate::") {
        if text[..at].ends_with(is_word) {
            continue;
        }
        let after = &text[at + found.len()..];
        let line = line_of(text, at);
        match after.strip_prefix('{') {
            None => edges.push((line, word(after))),
            Some(group) => edges.extend(members(group).into_iter().map(|(n, name)| (line + n, name))),
        }
    }
    edges
}

/// The first names of a group's members, each with the number of lines below the group's beginning.
fn members(group: &str) -> Vec<Edge> {
    let (mut open, mut lines, mut begins) = (1, 0, true);
    let mut found = Vec::new();
    for (at, c) in group.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            '\n' => lines += 1,
            ',' if open == 1 => begins = true,
            _ if begins && is_word(c) => {
                begins = false;
                found.push((lines, word(&group[at..])));
            }
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    found
}

/// `super::` leads out of the file's own module where it is repeated often enough; inline modules lie one deeper.
fn by_super(text: &str, depth: usize) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut inside = 0;
    for (number, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        inside += usize::from(words.contains(&"mod") && line.trim_end().ends_with('{'));
        for (at, _) in line.match_indices("super::").filter(|(at, _)| !line[..*at].ends_with("super::")) {
            let mut rest = &line[at..];
            let mut steps = 0;
            while let Some(next) = rest.strip_prefix("super::") {
                rest = next;
                steps += 1;
            }
            if steps >= depth + inside && !word(rest).is_empty() {
                edges.push((number + 1, word(rest)));
            }
        }
    }
    edges
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[test]
fn every_spelling_of_an_import_is_seen() {
    let text = "
use crate::store::Versioned;
use crate::{
    access, // crate::settings
    vault::{Binding, CustomerKey},
};
pub(crate) use crate::problem;
/// Not [`crate::app`].
fn f() { let _ = crate::clock::Now; my_crate::x(); }
mod tests {
    use super::super::telemetry;
    use super::Sealed;
}
";
    let named = named_modules(text, 1);
    let expected =
        [(2, "store"), (4, "access"), (5, "vault"), (7, "problem"), (9, "clock"), (11, "telemetry")];
    assert_eq!(named, expected.map(|(line, name)| (line, name.to_owned())));
    assert_eq!(named_modules("use super::store;", 1), [(1, "store".to_owned())]);
    assert_eq!(named_modules("use super::item;", 2), []);
}
