//! Entity tags (RFC 9110, sections 8.8.3 and 13.1.1).

use crate::problem::{Code, Fault, Problem};

/// What a client says of the version that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// Nothing, or `*`: whatever version is there.
    Any,
    /// One of these tags, each in its quotes.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// Reads the header. What is no list of strong tags is refused as that, never as a change by somebody else:
    /// `If-Match` compares strongly, so a weak tag matches nothing.
    pub fn read(header: Option<&str>) -> Result<Self, Problem> {
        let Some(header) = header.map(str::trim) else { return Ok(Self::Any) };
        if header == "*" {
            return Ok(Self::Any);
        }
        let tags: Vec<&str> = header.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
        let quoted = |tag: &str| {
            tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).is_some_and(|tag| !tag.contains('"'))
        };
        let strong: Vec<String> =
            tags.iter().filter(|tag| quoted(tag)).map(|tag| (*tag).to_owned()).collect();
        let weak = |tag: &&&str| tag.strip_prefix("W/").is_some_and(quoted);
        let weak = tags.iter().filter(weak).count();
        let why = if tags.is_empty() || strong.len() + weak < tags.len() {
            "The header If-Match must hold ETags in their quotes, such as \"3\", or *"
        } else if strong.is_empty() {
            "The header If-Match holds a weak ETag, which matches nothing: send the ETag as it was given, without W/"
        } else {
            return Ok(Self::OneOf(strong));
        };
        Err(Problem::invalid(Code::InvalidRequest, vec![Fault::at("", why)]))
    }

    /// `version-mismatch`, with the tag in force, unless this version is meant.
    pub fn check(&self, current: &str) -> Result<(), Problem> {
        match self {
            Self::OneOf(tags) if !tags.iter().any(|tag| tag == current) => {
                Err(Problem { etag: Some(current.to_owned()), ..Code::VersionMismatch.into() })
            }
            Self::Any | Self::OneOf(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_strong_tags_matches_by_one_of_them() {
        for header in
            [None, Some("*"), Some(" * "), Some("\"3\""), Some("\"1\", \"3\""), Some("W/\"3\", \"3\"")]
        {
            assert_eq!(IfMatch::read(header).and_then(|tags| tags.check("\"3\"")), Ok(()), "{header:?}");
        }
        for header in ["\"2\"", "\"33\"", "\"1\",\"2\"", "W/\"3\", \"2\""] {
            let refused = IfMatch::read(Some(header)).expect("tags").check("\"3\"").expect_err(header);
            assert_eq!(
                (refused.code, refused.etag.as_deref()),
                (Code::VersionMismatch, Some("\"3\"")),
                "{header}"
            );
        }
    }

    #[test]
    fn what_is_no_strong_tag_is_told_as_what_it_is() {
        for (header, said) in [
            ("3", "in their quotes"),
            ("", "in their quotes"),
            ("\"3", "in their quotes"),
            ("w/\"3\"", "in their quotes"),
            ("\"3\" \"4\"", "in their quotes"),
            ("\"3\", *", "in their quotes"),
            ("W/\"3\"", "weak"),
            ("W/\"3\", W/\"4\"", "weak"),
        ] {
            let refused = IfMatch::read(Some(header)).expect_err(header);
            assert_eq!(refused.code, Code::InvalidRequest, "{header}");
            assert!(refused.detail.expect("words").contains(said), "{header}");
        }
    }
}
