//! Numbers of Entra in a text: behind `AADSTS` or what was meant by it, in `error_codes`, behind a word for "error
//! code", or alone; with separators or line breaks inside.

use std::collections::BTreeSet;

use crate::domain::availability::schedule_error;
use crate::domain::verdict::TABLE;

/// Words behind which a bare number is meant as a code, as stems in the languages of Microsoft's pages.
const CODE_WORDS: [&str; 32] = [
    "code",
    "código",
    "codigo",
    "codice",
    "kod",
    "kód",
    "kode",
    "koodi",
    "コード",
    "코드",
    "代码",
    "代碼",
    "код",
    "error",
    "erro",
    "errore",
    "erreur",
    "fehler",
    "fehlernummer",
    "fout",
    "fel",
    "fejl",
    "feil",
    "virhe",
    "błąd",
    "ошибка",
    "hata",
    "chyba",
    "エラー",
    "오류",
    "错误",
    "錯誤",
];
/// What may stand between such a word and the number.
const LINKS: [&str; 17] = [
    "is", "was", "ist", "war", "lautet", "est", "es", "è", "er", "är", "on", "number", "no", "n", "nr",
    "nummer", "id",
];
/// Longest way, in characters, from the word to the number.
const NEAR: usize = 16;
/// A number of Entra has so many digits.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=8;

/// Every number, known or not behind the prefix; known ones elsewhere. `lower` is flat and in lower case.
pub(super) fn codes(lower: &str) -> Vec<u32> {
    let mut found: Vec<u32> = lower.split("aadsts").skip(1).filter_map(leading_number).collect();
    let lists = lower.split("error_codes").skip(1).filter_map(|rest| rest.split(']').next());
    found.extend(lists.flat_map(|list| list.split(|c: char| !c.is_ascii_digit()).filter_map(number)));
    if found.is_empty() {
        found.extend(mistyped(lower));
    }
    if found.is_empty() {
        let named = CODE_WORDS.iter().flat_map(|word| lower.split(word).skip(1).filter_map(linked_number));
        let alone =
            grouped(lower.trim()).filter(|(_, rest)| rest.trim().is_empty()).map(|(number, _)| number);
        found.extend(named.chain(alone).filter(|number| is_known(*number)));
    }
    let mut seen = BTreeSet::new();
    found.retain(|number| seen.len() < 16 && seen.insert(*number));
    found
}

fn is_known(number: u32) -> bool {
    TABLE.binary_search_by_key(&number, |row| row.number).is_ok()
}

/// Numbers behind a word that is one slip away from the prefix, or two where the number is known.
fn mistyped(lower: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for (at, _) in lower.match_indices('a') {
        if lower[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let rest = &lower[at..];
        let word = rest.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        let slips =
            if (4..=8).contains(&word.len()) { distance(word.as_bytes(), b"aadsts") } else { usize::MAX };
        if slips > 2 {
            continue;
        }
        let behind = leading_number(&rest[word.len()..]);
        found.extend(behind.filter(|number| slips <= 1 || is_known(*number)));
    }
    found
}

/// Levenshtein's distance; both words are short.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// The number at the beginning, behind a few signs at most.
fn leading_number(rest: &str) -> Option<u32> {
    let signs = rest.char_indices().take(6).find(|(_, c)| c.is_ascii_digit())?.0;
    let clean = rest.get(..signs)?.chars().all(|c| !c.is_alphanumeric());
    grouped(rest.get(signs..)?).map(|(number, _)| number).filter(|_| clean)
}

/// A number of Exchange's for the error of a single calendar, behind a word for "code" or alone.
pub(super) fn of_one_calendar(lower: &str) -> Option<String> {
    let behind = CODE_WORDS.iter().flat_map(|word| lower.split(word).skip(1).filter_map(linked));
    let first = |text| leading_digits(text).map(|(digits, _)| digits);
    let alone = Some(lower.trim()).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
    let mut numbers = behind.filter_map(first).chain(alone);
    numbers.find(|number| number.len() == 4 && schedule_error::is_known(number)).map(str::to_owned)
}

/// The number behind a word for "code".
fn linked_number(rest: &str) -> Option<u32> {
    grouped(linked(rest)?).map(|(number, _)| number)
}

/// What begins with the digits behind a word for "code": signs and at most one short word may stand between.
fn linked(rest: &str) -> Option<&str> {
    let end = rest.char_indices().take(NEAR).find(|(_, c)| c.is_ascii_digit())?.0;
    let between = rest.get(..end)?;
    let mut words = between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let linked = words.next().is_none_or(|word| LINKS.contains(&word) || CODE_WORDS.contains(&word));
    (linked && words.next().is_none()).then(|| rest.get(end..)).flatten()
}

/// A number and what stands behind it: `50105`, `50,105`, `7.000.112`, or digits that a line break parts.
fn grouped(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (first, mut rest) = text.split_at(end);
    if first.is_empty() {
        return None;
    }
    let mut digits = first.to_owned();
    if first.len() <= 3 {
        while let Some((group, behind)) = group(rest, 3) {
            digits.push_str(group);
            rest = behind;
        }
    }
    // A line break was flattened to a blank: it may have cut the number anywhere.
    if let Some((tail, behind)) = rest.strip_prefix(' ').and_then(|cut| leading_digits(cut)) {
        let joined = number(&format!("{digits}{tail}")).filter(|joined| is_known(*joined));
        if let Some(joined) = joined.filter(|_| !number(&digits).is_some_and(is_known)) {
            return Some((joined, behind));
        }
    }
    number(&digits).map(|number| (number, rest))
}

/// A separator and exactly so many digits.
fn group(text: &str, length: usize) -> Option<(&str, &str)> {
    let rest = text.strip_prefix([',', '.', ' ', '\'', '\u{2019}', '_'])?;
    leading_digits(rest).filter(|(digits, _)| digits.len() == length)
}

fn leading_digits(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn number(digits: &str) -> Option<u32> {
    DIGITS.contains(&digits.len()).then(|| digits.parse().ok()).flatten()
}
