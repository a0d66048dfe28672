//! What was promised to IT administrators and to the customer's owner (product.md) is shown by a test that says so: by
//! the promise's id in its name or in the comment above it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::template::root;

/// Insent's N, Recruitee's R, Comeet's C and `InsightHire`'s I, as far as they are about approval, settings and checks.
fn promised() -> BTreeSet<String> {
    let row = |letter: char, numbers: &[u32]| numbers.iter().map(move |n| format!("{letter}{n}")).collect();
    let rows: [Vec<String>; 4] = [
        row('N', &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        row('R', &[6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
        row('C', &[1, 3]),
        row('I', &[2, 3, 9, 10, 11, 14, 15]),
    ];
    rows.into_iter().flatten().collect()
}

#[test]
fn every_promise_to_administrators_has_a_test_that_carries_its_id() {
    let mut kept: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["tests", "shared/src", "functions", "infra"] {
        walk(&root().join(folder), &mut |text| {
            for (name, ids) in tests_of(text) {
                for id in ids {
                    kept.entry(id).or_default().push(name.clone());
                }
            }
        });
    }
    let missing: Vec<String> = promised().into_iter().filter(|id| !kept.contains_key(id)).collect();
    assert!(missing.is_empty(), "no test shows {missing:?}; those that are shown: {kept:#?}");
}

fn walk(folder: &Path, read: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            walk(&path, read);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            read(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// Tests of a source, each with the ids that its name and its comment carry.
fn tests_of(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let (mut found, mut comment, mut is_test) = (Vec::new(), String::new(), false);
    for line in source.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            comment.push_str(words);
            comment.push(' ');
        } else if line.starts_with("#[") {
            is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
        } else {
            let head = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
            if let Some(name) = head.filter(|_| is_test).and_then(|rest| rest.split('(').next()) {
                let ids = ids_in(&comment).union(&ids_in(name)).cloned().collect();
                found.push((name.to_owned(), ids));
            }
            comment.clear();
            is_test = false;
        }
    }
    found
}

/// `N1`, `n01`, and every id of a row such as `N1–N4` or `r10_to_r15`.
fn ids_in(text: &str) -> BTreeSet<String> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '–').collect();
    let mut found = BTreeSet::new();
    let mut add = |from: Option<(char, u32)>, to: Option<(char, u32)>| {
        if let (Some((letter, first)), Some((same, last))) = (from, to)
            && letter == same
        {
            found.extend((first..=last).map(|n| format!("{letter}{n}")));
        }
    };
    for (at, word) in words.iter().enumerate() {
        let (from, to) = word.split_once('–').unwrap_or((word, word));
        add(id(from), id(to));
        if *word == "to" && at > 0 {
            add(id(words[at - 1]), words.get(at + 1).and_then(|next| id(next)));
        }
    }
    found
}

fn id(word: &str) -> Option<(char, u32)> {
    let letter = word.chars().next()?.to_ascii_uppercase();
    let number = &word[letter.len_utf8()..];
    let sound = "NRCI".contains(letter) && (1..=2).contains(&number.len());
    number.parse().ok().filter(|n| sound && (1..=15).contains(n)).map(|n| (letter, n))
}

#[test]
fn ids_are_found_in_names_and_comments_of_tests_and_nowhere_else() {
    let source = "/// N2, R9\u{2013}R11: what it shows.\n#[tokio::test]\nasync fn n01_i3_a_story() {}\n\
        /// N4.\nfn a_step_of_it() {}\n// N5\n#[test]\nfn r13_to_r14_another() {}\n#[test]\n\
        #[should_panic]\nfn no_id_in_rust_2024_n16_or_c() {}\n";
    let found: Vec<(String, Vec<String>)> =
        tests_of(source).into_iter().map(|(name, ids)| (name, ids.into_iter().collect())).collect();
    let expected = [
        ("n01_i3_a_story", vec!["I3", "N1", "N2", "R10", "R11", "R9"]),
        ("r13_to_r14_another", vec!["R13", "R14"]),
        ("no_id_in_rust_2024_n16_or_c", vec![]),
    ];
    let expected: Vec<(String, Vec<String>)> = expected
        .into_iter()
        .map(|(name, ids)| (name.to_owned(), ids.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(found, expected);
}
