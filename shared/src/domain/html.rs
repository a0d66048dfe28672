//! The text of an event: which HTML we take from an ATS, and how it is replaced in a body that Outlook wrote.
//!
//! Only a few elements are taken, and what is taken is written anew: no attribute, comment or entity of the
//! sender's reaches a recruiter's mailbox as it came.

mod block;
mod note;

use std::fmt;

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};
use url::Url;

pub use block::replace_text;
pub use note::with_note;

/// Elements inside one another at most.
const DEEPEST: usize = 32;
/// Links are no longer than what mail programs take.
const LONGEST_LINK: usize = 2048;
/// Faults told at most.
const MOST_FAULTS: usize = 20;

/// Something that we do not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlFault {
    /// Characters before it.
    pub at: usize,
    /// What it is.
    pub what: Fault,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An element that is not among those taken.
    Element(String),
    /// An attribute other than the `href` of a link.
    Attribute(String),
    /// A link without a sound `https:` or `mailto:` address.
    Link,
    /// An element where it cannot stand, such as an item outside a list.
    Place(String),
    /// An element that is not closed, or closed without being open.
    Unbalanced(String),
    /// A comment, a doctype or the like.
    Comment,
    /// What the HTML standard calls a parse error, by its name there.
    Malformed(&'static str),
    /// A control character.
    Control,
    /// Too many elements inside one another.
    TooDeep,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Element(name) => write!(f, "<{name}> is not allowed: p, br, ul, ol, li, b, i and a are"),
            Self::Attribute(name) => write!(f, "the attribute {name} is not allowed"),
            Self::Link => f.write_str("a link needs an href that begins with https:// or mailto:"),
            Self::Place(name) => write!(f, "<{name}> cannot stand here"),
            Self::Unbalanced(name) => write!(f, "<{name}> is not opened and closed in order"),
            Self::Comment => f.write_str("comments are not allowed"),
            Self::Malformed(name) => write!(f, "not sound HTML: {name}"),
            Self::Control => f.write_str("control characters are not allowed"),
            Self::TooDeep => f.write_str("too many elements inside one another"),
        }
    }
}

/// The text in its canonical form, or everything that is wrong with it.
///
/// ```
/// use shared::domain::html::check;
/// assert_eq!(check("<P>Tom &amp; Ann<br/>").as_deref(), Ok("<p>Tom &amp; Ann<br></p>"));
/// assert!(check("<script>alert(1)</script>").is_err());
/// ```
pub fn check(body_html: &str) -> Result<String, Vec<HtmlFault>> {
    let mut writer = Writer { body: body_html, ..Writer::default() };
    for token in tokens(body_html) {
        writer.take(token);
    }
    writer.close_all();
    if writer.faults.is_empty() { Ok(writer.out) } else { Err(writer.faults) }
}

fn tokens(html: &str) -> impl Iterator<Item = Token<usize>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).flatten()
}

#[derive(Default)]
struct Writer<'a> {
    body: &'a str,
    out: String,
    open: Vec<&'static str>,
    faults: Vec<HtmlFault>,
}

impl Writer<'_> {
    fn take(&mut self, token: Token<usize>) {
        match token {
            Token::StartTag(tag) => self.start(&tag),
            Token::EndTag(tag) => self.end(&tag),
            Token::String(text) => self.text(&String::from_utf8_lossy(&text.value), text.span.start),
            Token::Comment(comment) => self.fault(comment.span.start, Fault::Comment),
            Token::Doctype(doctype) => self.fault(doctype.span.start, Fault::Comment),
            Token::Error(error) => self.fault(error.span.start, Fault::Malformed(error.value.as_str())),
        }
    }

    fn start(&mut self, tag: &StartTag<usize>) {
        let at = tag.span.start;
        let Some(name) = allowed(&tag.name) else {
            return self.fault(at, Fault::Element(printable(&tag.name)));
        };
        self.close_implied(name);
        if !self.may_stand(name) {
            return self.fault(at, Fault::Place(name.to_owned()));
        }
        if self.open.len() >= DEEPEST {
            return self.fault(at, Fault::TooDeep);
        }
        let others = tag.attributes.keys().filter(|attribute| !(name == "a" && ***attribute == *b"href"));
        for attribute in others {
            self.fault(at, Fault::Attribute(printable(attribute)));
        }
        let href = tag.attributes.get(b"href".as_slice()).and_then(|href| sound_link(href));
        match (name, href) {
            ("a", Some(href)) => {
                let link = format!("<a href=\"{}\">", escape(&href).replace('"', "&quot;"));
                self.out.push_str(&link);
            }
            ("a", None) => self.fault(at, Fault::Link),
            (name, _) => self.out.extend(["<", name, ">"]),
        }
        if name != "br" {
            self.open.push(name);
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let name = allowed(&tag.name).filter(|name| *name != "br");
        let Some(name) = name else {
            return self.fault(tag.span.start, Fault::Element(printable(&tag.name)));
        };
        while self.open.last().is_some_and(|last| *last != name && may_be_left_open(last)) {
            self.close();
        }
        if self.open.last() == Some(&name) {
            self.close();
        } else {
            self.fault(tag.span.start, Fault::Unbalanced(name.to_owned()));
        }
    }

    fn text(&mut self, text: &str, at: usize) {
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
            self.fault(at, Fault::Control);
        }
        let in_a_list = self.open.last().is_some_and(|last| is_list(last));
        if in_a_list && !text.trim().is_empty() {
            self.fault(at, Fault::Place("text".to_owned()));
        }
        self.out.push_str(&escape(text));
    }

    /// What HTML closes by itself: a paragraph before the next block, an item before the next item.
    fn close_implied(&mut self, next: &str) {
        let closes = |last: &str| match last {
            "p" => matches!(next, "p" | "ul" | "ol" | "li"),
            "li" => next == "li",
            _ => false,
        };
        while self.open.last().is_some_and(|last| closes(last)) {
            self.close();
        }
    }

    fn may_stand(&self, name: &str) -> bool {
        let inside = self.open.last().copied().unwrap_or_default();
        let in_line = |open: &&str| matches!(*open, "b" | "i" | "a");
        match name {
            "li" => is_list(inside),
            "p" | "ul" | "ol" => !is_list(inside) && !self.open.iter().any(in_line),
            "a" => !is_list(inside) && !self.open.contains(&"a"),
            _ => !is_list(inside),
        }
    }

    fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.extend(["</", name, ">"]);
        }
    }

    fn close_all(&mut self) {
        while let Some(last) = self.open.last() {
            if !may_be_left_open(last) {
                self.fault(self.body.len(), Fault::Unbalanced((*last).to_owned()));
            }
            self.close();
        }
    }

    fn fault(&mut self, byte: usize, what: Fault) {
        if self.faults.len() < MOST_FAULTS {
            let before = self.body.char_indices().take_while(|(at, _)| *at < byte);
            self.faults.push(HtmlFault { at: before.count(), what });
        }
    }
}

fn allowed(name: &[u8]) -> Option<&'static str> {
    ["p", "br", "ul", "ol", "li", "b", "i", "a"].into_iter().find(|element| element.as_bytes() == name)
}

fn may_be_left_open(name: &str) -> bool {
    matches!(name, "p" | "li")
}

fn is_list(name: &str) -> bool {
    matches!(name, "ul" | "ol")
}

/// The address as it will stand there: made anew by the URL parser, so that no blank or line end hides in it.
fn sound_link(href: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(href).ok()?.trim();
    let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST_LINK)?;
    let sound = match url.scheme() {
        "https" => url.username().is_empty() && url.password().is_none(),
        "mailto" => url.path().contains('@'),
        _ => false,
    };
    sound.then(|| url.to_string())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A name for a message: short, and nothing that a page could take for markup.
fn printable(name: &[u8]) -> String {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-' || *b == b':';
    name.iter().copied().filter(plain).take(30).map(char::from).collect()
}

#[cfg(test)]
mod tests;
