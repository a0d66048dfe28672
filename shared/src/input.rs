//! Reads a JSON body and tells all its faults at once.
//!
//! A field is read where it is wanted; what nobody read is unknown. Duplicate keys, which parsers resolve in
//! different ways, are refused (RFC 8259 section 4 leaves them open).

mod times;

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;

use crate::domain::address::{Address, bare_address, breaks_a_line, clean_line, clean_text};
use crate::domain::features::Feature;
use crate::domain::ids::UserId;
use crate::problem::{Code, Fault, Problem};
use crate::strict_json;

/// The faults found so far.
#[derive(Default)]
pub struct Faults(RefCell<Vec<(Code, Fault)>>);

impl Faults {
    /// Notes a fault.
    pub fn add(&self, code: Code, fault: Fault) {
        self.0.borrow_mut().push((code, fault));
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Notes a fault of the plain kind.
    pub fn invalid(&self, pointer: &str, message: impl Into<String>) {
        self.add(Code::InvalidRequest, Fault::at(pointer, message));
    }

    /// All of them as one problem: of their own kind if they are of one kind, else `invalid-request`.
    pub fn into_result(self) -> Result<(), Problem> {
        let faults = self.0.into_inner();
        let Some((first, _)) = faults.first() else { return Ok(()) };
        let one_kind = faults.iter().all(|(code, _)| code == first);
        let code = if one_kind { *first } else { Code::InvalidRequest };
        Err(Problem::invalid(code, faults.into_iter().map(|(_, fault)| fault).collect()))
    }
}

/// One JSON object that is being read.
pub struct Object<'a> {
    fields: Map<String, Value>,
    pointer: String,
    read: RefCell<BTreeSet<&'static str>>,
    faults: &'a Faults,
}

impl<'a> Object<'a> {
    /// The body as an object. An empty body is an empty object.
    pub fn parse(body: &[u8], faults: &'a Faults) -> Result<Self, Problem> {
        let value = if body.is_empty() { Value::Object(Map::new()) } else { strict_json::parse(body)? };
        let Value::Object(fields) = value else {
            return Err(Problem::from(Code::MalformedJson).because("The body is JSON, but not an object."));
        };
        Ok(Self { fields, pointer: String::new(), read: RefCell::default(), faults })
    }

    /// The pointer to one of its fields.
    pub fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }

    /// Notes a fault of a field.
    pub fn fault(&self, name: &str, message: impl Into<String>) {
        self.faults.invalid(&self.at(name), message);
    }

    /// A field, if it is there and not null.
    pub fn value(&self, name: &'static str) -> Option<&Value> {
        self.read.borrow_mut().insert(name);
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there, null or not.
    pub fn has(&self, name: &'static str) -> bool {
        self.read.borrow_mut().insert(name);
        self.fields.contains_key(name)
    }

    /// Text of at most `longest` characters, in NFC, as it is.
    pub fn text(&self, name: &'static str, longest: usize) -> Option<String> {
        let Some(text) = self.value(name)?.as_str() else {
            self.fault(name, "must be a text");
            return None;
        };
        let text: String = text.nfc().collect();
        if text.chars().count() > longest {
            self.fault(name, format!("may have {longest} characters"));
            return None;
        }
        Some(text)
    }

    /// Text of one line for people to read: what would not be seen, or would turn or end the line, is left out.
    pub fn line(&self, name: &'static str, longest: usize) -> Option<String> {
        let line = clean_line(&self.text(name, longest)?);
        if line.is_empty() {
            self.fault(name, "must not be blank");
            return None;
        }
        Some(line)
    }

    /// Text of one line for machines, such as an id or a URL: nothing in it is changed but blanks around it.
    pub fn exact_line(&self, name: &'static str, longest: usize) -> Option<String> {
        let text = self.text(name, longest)?;
        if text.trim().is_empty() {
            self.fault(name, "must not be blank");
            return None;
        }
        if text.chars().any(breaks_a_line) {
            self.fault(name, "must not hold control or direction characters");
            return None;
        }
        Some(text.trim().to_owned())
    }

    /// Text of several lines for people to read.
    pub fn paragraph(&self, name: &'static str, longest: usize) -> Option<String> {
        self.text(name, longest).map(|text| clean_text(&text))
    }

    /// A language tag (BCP 47).
    pub fn language(&self, name: &'static str) -> Option<String> {
        let tag = self.value(name)?.as_str().map(str::trim).filter(|tag| is_language_tag(tag));
        if tag.is_none() {
            self.fault(name, "must be a language tag such as en or pt-BR");
        }
        tag.map(str::to_owned)
    }

    /// A field that must be there; notes it where it is not. Faults of its content are noted by its reader.
    pub fn need<T>(&self, name: &'static str, got: Option<T>) -> Option<T> {
        if got.is_none() && self.value(name).is_none() {
            self.fault(name, "is needed");
        }
        got
    }

    /// True or false; `default` where it is left out.
    pub fn flag(&self, name: &'static str, default: bool) -> bool {
        match self.value(name) {
            None => default,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.fault(name, "must be true or false");
                default
            }
        }
    }

    /// A whole number within bounds.
    pub fn number(&self, name: &'static str, bounds: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let number = self.value(name)?.as_u64().filter(|n| bounds.contains(n));
        if number.is_none() {
            self.fault(name, format!("must be a whole number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// One of these words.
    pub fn word<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let found = self.value(name)?.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.fault(name, format!("must be one of {}", known.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// An e-mail address.
    pub fn address(&self, name: &'static str) -> Option<Address> {
        let address = self.value(name)?.as_str().and_then(|text| bare_address(text).parse().ok());
        if address.is_none() {
            self.fault(name, "must be an e-mail address");
        }
        address
    }

    /// A list of at most `most` items; `read` gets each with its pointer.
    pub fn list<T>(
        &self,
        name: &'static str,
        most: usize,
        read: impl Fn(&Value, &str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(items) = self.value(name)?.as_array() else {
            self.fault(name, "must be a list");
            return None;
        };
        if items.len() > most {
            self.fault(name, format!("may have {most} items"));
            return None;
        }
        let at = |i: usize| format!("{}/{i}", self.at(name));
        Some(items.iter().enumerate().filter_map(|(i, item)| read(item, &at(i))).collect())
    }

    /// A list of addresses.
    pub fn addresses(&self, name: &'static str, most: usize) -> Option<Vec<Address>> {
        self.list(name, most, |item, pointer| {
            let address = item.as_str().and_then(|text| bare_address(text).parse().ok());
            if address.is_none() {
                self.faults.invalid(pointer, "must be an e-mail address");
            }
            address
        })
    }

    /// A list of objects.
    pub fn objects<T>(
        &self,
        name: &'static str,
        most: usize,
        read: impl Fn(&Object<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.list(name, most, |item, pointer| self.inner(item, pointer, &read))
    }

    /// An object within this one.
    pub fn object<T>(&self, name: &'static str, read: impl Fn(&Object<'a>) -> Option<T>) -> Option<T> {
        let pointer = self.at(name);
        let value = self.value(name)?.clone();
        self.inner(&value, &pointer, &read)
    }

    fn inner<T>(&self, value: &Value, pointer: &str, read: &impl Fn(&Object<'a>) -> Option<T>) -> Option<T> {
        let Value::Object(fields) = value else {
            self.faults.invalid(pointer, "must be an object");
            return None;
        };
        let pointer = pointer.to_owned();
        let inner = Object { fields: fields.clone(), pointer, read: RefCell::default(), faults: self.faults };
        let got = read(&inner);
        inner.finish();
        got
    }

    /// Names of features.
    pub fn features(&self, name: &'static str) -> Option<BTreeSet<Feature>> {
        let features = self.list(name, Feature::ALL.len(), |item, pointer| {
            let feature = item.as_str().and_then(Feature::named);
            if feature.is_none() {
                self.faults.invalid(pointer, "must be the name of a feature");
            }
            feature
        });
        features.map(|features| features.into_iter().collect())
    }

    /// A user of the ATS.
    pub fn id(&self, name: &'static str) -> Option<UserId> {
        let id = self.value(name)?.as_str().and_then(|text| text.parse().ok());
        if id.is_none() {
            self.fault(name, "must be an id of 1 to 128 bytes");
        }
        id
    }

    /// Users of the ATS.
    pub fn ids(&self, name: &'static str, most: usize) -> Option<Vec<UserId>> {
        self.list(name, most, |item, pointer| {
            let id = item.as_str().and_then(|text| text.parse().ok());
            if id.is_none() {
                self.faults.invalid(pointer, "must be an id of 1 to 128 bytes");
            }
            id
        })
    }

    /// Notes every field that nobody read.
    pub fn finish(&self) {
        let read = self.read.borrow();
        let unknown: BTreeSet<&String> =
            self.fields.keys().filter(|key| !read.contains(key.as_str())).collect();
        for key in unknown {
            let escaped = key.replace('~', "~0").replace('/', "~1");
            self.faults.add(Code::UnknownField, Fault::at(self.at(&escaped), "is not known"));
        }
    }
}

/// Whether a text is a well-formed language tag: RFC 5646, section 2.1, without the grandfathered ones.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let language = parts.next().unwrap_or_default();
    let sound = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    tag.len() <= 35
        && (2..=8).contains(&language.len())
        && letters(language)
        && parts.clone().all(sound)
        && parts.next_back().is_none_or(|last| last.len() > 1)
}

/// The origin of an `https` URL, or of an `http` one; none if it is neither or carries a user.
pub fn origin_of(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    // Browsers read a backslash as a slash and drop tabs and line breaks; what we checked must be what they see.
    let literal = !text.contains(['\\', '\t', '\n', '\r', ' ']);
    (plain && literal && matches!(url.scheme(), "https" | "http")).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_is_one_by_its_form() {
        for tag in ["en", "de", "pt-BR", "zh-Hant-TW", "es-419", "sl-rozaj", "en-x-team"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for tag in
            ["", "e", "english language", "en_US", "en-", "-en", "12", "en-US\n", "en-a", "toolonglanguage"]
        {
            assert!(!is_language_tag(tag), "{tag:?}");
        }
    }
}
