//! Compares an answer with a shape: a JSON value of which only what it names must be there.
//!
//! | shape | holds for |
//! |---|---|
//! | `{"a": …}` | an object whose `a` fits; `"a?"` may be missing |
//! | `[x, y]` | a list of exactly these |
//! | `"<string>"`, `<text>` (not empty), `<number>`, `<bool>`, `<object>`, `<list>`, `<any>` | the type |
//! | `"<guid>"`, `<instant>` (RFC 3339), `<local>` (seven digits, no offset), `<etag>` | that spelling |
//! | `"<absent>"` | no such member |
//! | `{"<one-of>": […]}`, `{"<starts>": "…"}`, `{"<contains>": "…"}`, `{"<not>": x}` | what the name says |
//! | `{"<each>": x}`, `{"<some>": x}`, `{"<length>": n}`, `{"<within>": [least, most]}` | lists; a number |
//! | anything else | the same value |

use serde_json::{Map, Value};

/// What differs, as `at: expected …, seen …`.
pub(crate) fn differences(shape: &Value, seen: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(shape, Some(seen), "", &mut found);
    found
}

/// Whether there is no difference.
pub(crate) fn fits(shape: &Value, seen: &Value) -> bool {
    differences(shape, seen).is_empty()
}

fn compare(shape: &Value, seen: Option<&Value>, at: &str, found: &mut Vec<String>) {
    let mut differ = |seen: Option<&Value>| {
        let seen = seen.map_or_else(|| "nothing".to_owned(), short);
        found.push(format!(
            "{}: expected {}, seen {seen}",
            if at.is_empty() { "/" } else { at },
            short(shape)
        ));
    };
    match shape {
        Value::String(name) if name == "<absent>" => {
            if seen.is_some() {
                differ(seen);
            }
        }
        Value::Object(members) if members.keys().any(|name| name.starts_with('<')) => {
            let holds =
                seen.is_some_and(|seen| members.iter().all(|(name, value)| operator(name, value, seen)));
            if !holds {
                differ(seen);
            }
        }
        Value::Object(members) => match seen {
            Some(Value::Object(given)) => each_member(members, given, at, found),
            _ => differ(seen),
        },
        Value::Array(items) => {
            match seen.and_then(Value::as_array).filter(|list| list.len() == items.len()) {
                Some(list) => {
                    for (index, (item, seen)) in items.iter().zip(list).enumerate() {
                        compare(item, Some(seen), &format!("{at}/{index}"), found);
                    }
                }
                None => differ(seen),
            }
        }
        Value::String(name) if name.starts_with('<') && name.ends_with('>') => {
            if !seen.is_some_and(|seen| is_a(name, seen)) {
                differ(seen);
            }
        }
        other => {
            if seen != Some(other) {
                differ(seen);
            }
        }
    }
}

fn each_member(members: &Map<String, Value>, given: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
    for (name, shape) in members {
        let (name, optional) = name.strip_suffix('?').map_or((name.as_str(), false), |name| (name, true));
        let seen = given.get(name);
        if !(optional && seen.is_none()) {
            compare(shape, seen, &format!("{at}/{name}"), found);
        }
    }
}

fn operator(name: &str, value: &Value, seen: &Value) -> bool {
    let text = || Some((value.as_str()?, seen.as_str()?));
    match name {
        "<one-of>" => value.as_array().is_some_and(|shapes| shapes.iter().any(|shape| fits(shape, seen))),
        "<not>" => !fits(value, seen),
        "<starts>" => text().is_some_and(|(start, seen)| seen.starts_with(start)),
        "<contains>" => text().is_some_and(|(part, seen)| seen.contains(part)),
        "<each>" => seen.as_array().is_some_and(|list| list.iter().all(|one| fits(value, one))),
        "<some>" => seen.as_array().is_some_and(|list| list.iter().any(|one| fits(value, one))),
        "<length>" => seen.as_array().is_some_and(|list| value.as_u64() == u64::try_from(list.len()).ok()),
        "<within>" => {
            let bound = |at: usize| value.get(at).and_then(Value::as_f64);
            let seen = seen.as_f64();
            matches!((bound(0), seen, bound(1)), (Some(least), Some(seen), Some(most)) if (least..=most).contains(&seen))
        }
        _ => false,
    }
}

/// The names that [`compare`] and [`operator`] know; anything else in angle brackets is a slip of the pen.
pub(crate) fn unknown_names(shape: &Value) -> Vec<String> {
    const TYPES: &[&str] = &[
        "<absent>",
        "<string>",
        "<text>",
        "<number>",
        "<bool>",
        "<object>",
        "<list>",
        "<any>",
        "<guid>",
        "<instant>",
        "<local>",
        "<etag>",
    ];
    const OPERATORS: &[&str] =
        &["<one-of>", "<not>", "<starts>", "<contains>", "<each>", "<some>", "<length>", "<within>"];
    match shape {
        Value::String(name)
            if name.starts_with('<') && name.ends_with('>') && !TYPES.contains(&name.as_str()) =>
        {
            vec![name.clone()]
        }
        Value::Array(items) => items.iter().flat_map(unknown_names).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| {
                let bad = name.starts_with('<') && !OPERATORS.contains(&name.as_str());
                bad.then(|| name.clone()).into_iter().chain(unknown_names(value))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_a(name: &str, seen: &Value) -> bool {
    let text = seen.as_str();
    match name {
        "<any>" => true,
        "<string>" => text.is_some(),
        "<text>" => text.is_some_and(|text| !text.is_empty()),
        "<number>" => seen.is_number(),
        "<bool>" => seen.is_boolean(),
        "<object>" => seen.is_object(),
        "<list>" => seen.is_array(),
        "<guid>" => text.is_some_and(|text| text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()),
        "<instant>" => text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        "<local>" => text.is_some_and(|text| {
            text.split_once('.').is_some_and(|(_, digits)| digits.len() == 7)
                && text.parse::<jiff::civil::DateTime>().is_ok()
                && !text.contains(['Z', '+'])
        }),
        "<etag>" => text.is_some_and(|text| text.starts_with("W/\"") && text.ends_with('"')),
        _ => false,
    }
}

/// Values as a table shows them.
fn short(value: &Value) -> String {
    const MOST: usize = 160;
    let text = value.to_string();
    if text.chars().count() <= MOST {
        text
    } else {
        format!("{}…", text.chars().take(MOST).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_may_have_more_than_the_shape_and_never_less() {
        let seen = json!({"id": "x", "n": 3, "list": [1, 2], "zone": "UTC"});
        assert!(fits(&json!({"id": "<text>", "list": "<list>"}), &seen));
        assert!(fits(&json!({"missing?": "<text>", "gone": "<absent>"}), &seen));
        assert_eq!(
            differences(&json!({"missing": "<text>"}), &seen),
            ["/missing: expected \"<text>\", seen nothing"]
        );
        assert!(!fits(&json!({"zone?": "W. Europe Standard Time"}), &seen));
        assert!(!fits(&json!({"list": [1]}), &seen) && !fits(&json!({"zone": "<absent>"}), &seen));
    }

    #[test]
    fn operators_mean_what_their_names_say() {
        assert!(fits(&json!({"<each>": "<number>", "<length>": 2}), &json!([1, 2])));
        assert!(!fits(&json!({"<each>": "<number>"}), &json!([1, "2"])));
        assert!(fits(&json!({"<some>": {"a": 1}}), &json!([{"a": 0}, {"a": 1}])));
        assert!(fits(&json!({"<one-of>": ["5009", "<number>"]}), &json!(5009)));
        assert!(
            !fits(&json!({"<not>": "<text>"}), &json!("x"))
                && fits(&json!({"<starts>": "AA"}), &json!("AAkA"))
        );
        assert!(
            fits(&json!({"<within>": [3600, 5400]}), &json!(3600))
                && !fits(&json!({"<within>": [1, 2]}), &json!("1"))
        );
    }

    #[test]
    fn spellings_are_told_apart() {
        assert!(fits(&json!("<local>"), &json!("2026-12-01T10:00:00.0000000")));
        assert!(!fits(&json!("<local>"), &json!("2026-12-01T10:00:00Z")));
        assert!(fits(&json!("<instant>"), &json!("0001-01-01T00:00:00Z")));
        assert!(fits(&json!("<etag>"), &json!("W/\"x\"")) && !fits(&json!("<etag>"), &json!("x")));
        assert_eq!(unknown_names(&json!({"a": "<sting>", "<eech>": 1})), ["<eech>", "<sting>"]);
    }
}
