//! The few `OData` options and `Prefer` headers that the stand-in understands; others are a 501, never ignored.

use super::event::View;
use super::graph_error::{GraphError, error, not_built, unknown_zone};
use super::zones::zone;
use axum::http::HeaderMap;
use std::collections::BTreeMap;

/// Options of one request.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) view: View,
    /// A tag to look for: property id and value.
    pub(crate) tag: Option<(String, String)>,
    pub(crate) top: Option<usize>,
    pub(crate) skip: usize,
    pub(crate) range: (Option<String>, Option<String>),
    /// `Preference-Applied` of the answer.
    pub(crate) applied: Vec<String>,
    /// All options as given, for the link to the next page.
    given: BTreeMap<String, String>,
}

pub(crate) fn read(query: &str, headers: &HeaderMap) -> Result<Query, GraphError> {
    let mut read = Query::default();
    read.view.immutable = false;
    let given: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    for (name, value) in given.clone() {
        match name.as_str() {
            "$select" => {
                read.view.select = Some(value.split(',').map(|field| field.trim().to_owned()).collect());
            }
            "$expand" => {
                if !is_closed(&value) {
                    return Err(error(400, "BadRequest", "Parsing Select and Expand failed."));
                }
                read.view.expand = expand(&value).ok_or_else(|| not_built(&format!("$expand={value}")))?;
                if !read.view.expand.iter().all(|id| is_property(id)) {
                    let text = "The extended property attribute combination is invalid.";
                    return Err(error(400, "ErrorInvalidExtendedProperty", text));
                }
            }
            // Of an Outlook item, not of its property.
            "$filter" if value.starts_with("id eq ") => {
                return Err(error(
                    400,
                    "ErrorInvalidProperty",
                    "The property 'Id' does not support filtering.",
                ));
            }
            "$filter" => read.tag = Some(tag(&value).ok_or_else(|| not_built(&format!("$filter={value}")))?),
            "$top" => read.top = value.parse().ok(),
            "$skip" => read.skip = value.parse().unwrap_or(0),
            "startDateTime" => read.range.0 = Some(value),
            "endDateTime" => read.range.1 = Some(value),
            _ => return Err(not_built(&name)),
        }
    }
    read.given = given;
    read.prefer(headers)?;
    Ok(read)
}

impl Query {
    /// The query string of the page that begins at `skip`.
    pub(crate) fn next_page(&self, skip: usize) -> String {
        let mut given = self.given.clone();
        given.insert("$skip".to_owned(), skip.to_string());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    }

    fn prefer(&mut self, headers: &HeaderMap) -> Result<(), GraphError> {
        let lines = headers.get_all("prefer").iter().filter_map(|line| line.to_str().ok());
        for preference in lines.flat_map(|line| line.split(',')).map(str::trim) {
            let Some((name, value)) = preference.split_once('=') else { continue };
            let value = value.trim_matches('"');
            if name.eq_ignore_ascii_case("outlook.timezone") {
                zone(value).ok_or_else(|| unknown_zone(value))?;
                value.clone_into(&mut self.view.zone);
            } else if name.eq_ignore_ascii_case("IdType") {
                self.view.immutable = value.eq_ignore_ascii_case("ImmutableId");
            } else {
                continue;
            }
            self.applied.push(preference.to_owned());
        }
        Ok(())
    }
}

/// Whether the request asks for immutable ids, as each of ours must.
pub(crate) fn wants_immutable_ids(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all("prefer").iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| line.split(',').any(|one| one.trim().eq_ignore_ascii_case("IdType=\"ImmutableId\"")))
}

/// Whether every bracket and every quote is closed.
fn is_closed(text: &str) -> bool {
    let count = |wanted: char| text.chars().filter(|c| *c == wanted).count();
    count('(') == count(')') && count('\'').is_multiple_of(2)
}

/// Whether the type of a named property is one that MAPI has for single values.
fn is_property(id: &str) -> bool {
    let types = [
        "Binary",
        "Boolean",
        "Currency",
        "Double",
        "Float",
        "CLSID",
        "Integer",
        "Short",
        "String",
        "SystemTime",
    ];
    id.split_once(' ').is_some_and(|(kind, _)| types.contains(&kind))
}

/// `singleValueExtendedProperties($filter=id eq 'a' or id eq 'b')`.
fn expand(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix("singleValueExtendedProperties(")?.strip_suffix(')')?;
    let filter = inner.trim().strip_prefix("$filter=")?;
    filter.split(" or ").map(|part| quoted(part.trim().strip_prefix("id eq ")?)).collect()
}

/// `singleValueExtendedProperties/Any(ep: ep/id eq '...' and ep/value eq '...')`.
fn tag(text: &str) -> Option<(String, String)> {
    let inner = text.strip_prefix("singleValueExtendedProperties/")?;
    let inner = inner.get(..4).filter(|any| any.eq_ignore_ascii_case("any(")).map(|_| &inner[4..])?;
    let (variable, condition) = inner.strip_suffix(')')?.split_once(':')?;
    let variable = variable.trim();
    let (id, value) = condition.trim().split_once(" and ")?;
    let id = id.trim().strip_prefix(&format!("{variable}/id eq "))?;
    let value = value.trim().strip_prefix(&format!("{variable}/value eq "))?;
    Some((quoted(id)?, quoted(value)?))
}

/// An `OData` string: quotes inside are doubled.
fn quoted(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}

/// Undoes percent escapes of one path segment; `+` stays.
pub(crate) fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = segment.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let (byte, length) =
            hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).map_or((bytes[at], 1), |byte| (byte, 3));
        out.push(byte);
        at += length;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_property_options_are_understood_and_others_are_not() {
        let id = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name BookingId";
        assert_eq!(
            expand(&format!("singleValueExtendedProperties($filter=id eq '{id}')")),
            Some(vec![id.to_owned()])
        );
        let filter =
            format!("singleValueExtendedProperties/Any(ep: ep/id eq '{id}' and ep/value eq 'it''s')");
        assert_eq!(tag(&filter), Some((id.to_owned(), "it's".to_owned())));
        assert_eq!(tag("subject eq 'x'"), None);
        assert_eq!(decode("AA%2Bb%3D+%zz"), "AA+b=+%zz");
    }
}
