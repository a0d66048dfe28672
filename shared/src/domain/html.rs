//! The text of an event: which HTML we take from an ATS, and how it is replaced in a body that Outlook wrote.
//!
//! What editors write is accepted and written anew: only the elements of a short list, closed in order, with no attribute
//! but the address of a link. Nothing of the sender's reaches a recruiter's mailbox as it came, and what is left out is
//! told.
//!
//! A kept sanitizer (ammonia 4.2, html5ever) was weighed in November 2026: with the release profile it adds 970 KiB to a
//! function of 863 KiB that has this tokenizer and a URL parser, and twenty crates, for a tree that no text of ours needs.

mod block;
mod note;

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, EndTag, StartTag, Token, Tokenizer};
use url::Url;

use super::address::clean_text;

pub use block::replace_text;
pub use note::with_note;

/// Elements inside one another at most; deeper ones are left out, and their text stays.
const DEEPEST: usize = 32;
/// Links are no longer than what mail programs take.
const LONGEST_LINK: usize = 2048;
/// Kinds of dropped parts that are told at most.
const MOST_TOLD: usize = 20;

/// Elements that are taken, and what each is written as.
const TAKEN: [(&str, &str); 23] = [
    ("p", "p"),
    ("br", "br"),
    ("div", "div"),
    ("b", "b"),
    ("strong", "strong"),
    ("i", "i"),
    ("em", "em"),
    ("u", "u"),
    ("s", "s"),
    ("strike", "s"),
    ("del", "s"),
    ("ins", "u"),
    ("ul", "ul"),
    ("ol", "ol"),
    ("li", "li"),
    ("a", "a"),
    ("blockquote", "blockquote"),
    ("h1", "h1"),
    ("h2", "h2"),
    ("h3", "h3"),
    ("h4", "h4"),
    ("code", "code"),
    ("pre", "pre"),
];
/// Elements whose content is no text for readers.
const WITH_CONTENT: [&str; 14] = [
    "script", "style", "head", "title", "noscript", "iframe", "object", "embed", "template", "svg", "math",
    "select", "textarea", "noembed",
];
/// Elements that are left out and begin a line of their own.
const LINES: [&str; 16] = [
    "table",
    "tr",
    "section",
    "article",
    "header",
    "footer",
    "aside",
    "main",
    "nav",
    "figure",
    "figcaption",
    "dl",
    "dt",
    "dd",
    "address",
    "center",
];

/// A text in its clean form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clean {
    /// HTML of the elements that are taken.
    pub html: String,
    /// What was left out, a sentence for each kind.
    pub dropped: Vec<String>,
}

/// The text in its clean form. Every text has one.
///
/// ```
/// use shared::domain::html::clean;
/// assert_eq!(clean("<P class=x>Tom &amp; <script>alert(1)</script>Ann<br/>").html, "<p>Tom &amp; Ann<br></p>");
/// ```
pub fn clean(body_html: &str) -> Clean {
    let mut writer = Writer::default();
    for token in tokens(body_html) {
        writer.take(token);
    }
    while writer.close() {}
    Clean { html: writer.out, dropped: told(writer.dropped) }
}

fn told(dropped: BTreeMap<String, usize>) -> Vec<String> {
    let say = |(what, count): (String, usize)| match count {
        1 => format!("{what} was left out"),
        _ => format!("{what} was left out, {count} times"),
    };
    dropped.into_iter().take(MOST_TOLD).map(say).collect()
}

fn tokens(html: &str) -> impl Iterator<Item = Token<usize>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(html, emitter).flatten()
}

#[derive(Default)]
struct Writer {
    out: String,
    open: Vec<&'static str>,
    dropped: BTreeMap<String, usize>,
    /// The element whose content is being left out, and how many of its name are open.
    skipping: Option<(Vec<u8>, usize)>,
}

impl Writer {
    fn take(&mut self, token: Token<usize>) {
        if let Some((name, depth)) = &mut self.skipping {
            match token {
                Token::StartTag(tag) if **tag.name == **name && !tag.self_closing => *depth += 1,
                Token::EndTag(tag) if **tag.name == **name => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                self.skipping = None;
            }
            return;
        }
        match token {
            Token::StartTag(tag) => self.start(&tag),
            Token::EndTag(tag) => self.end(&tag),
            Token::String(text) => self.text(&String::from_utf8_lossy(&text.value)),
            Token::Comment(_) => self.drop("a comment"),
            // A doctype says nothing, and what the standard calls a parse error has its place in the tokens all the same.
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }

    fn start(&mut self, tag: &StartTag<usize>) {
        let Some(name) = taken(&tag.name) else { return self.foreign(tag) };
        for attribute in tag.attributes.keys().filter(|attribute| !(name == "a" && ***attribute == *b"href"))
        {
            self.drop(&format!("the attribute {}", printable(attribute)));
        }
        let link = tag.attributes.get(b"href".as_slice()).and_then(|href| sound_link(href));
        if name == "a" && link.is_none() {
            return self.drop("a link without an address that begins with https:// or mailto:");
        }
        if name == "br" {
            if self.open.last().is_none_or(|last| !is_list(last)) {
                self.out.push_str("<br>");
            }
            return;
        }
        self.make_room(name);
        if self.open.len() >= DEEPEST {
            return self.drop("an element inside too many others");
        }
        match link {
            Some(href) if name == "a" => {
                self.out.extend(["<a href=\"", &escape(&href).replace('"', "&quot;"), "\">"]);
            }
            _ => self.out.extend(["<", name, ">"]),
        }
        self.open.push(name);
    }

    /// An element that is not taken: without its content where that is no text, else its text stays.
    fn foreign(&mut self, tag: &StartTag<usize>) {
        let name = &**tag.name;
        let is = |known: &&str| known.as_bytes() == name;
        if [b"span".as_slice(), b"html", b"body", b"font"].contains(&name) {
            for attribute in tag.attributes.keys() {
                self.drop(&format!("the attribute {}", printable(attribute)));
            }
            return;
        }
        self.drop(&format!("<{}>", printable(name)));
        if WITH_CONTENT.iter().any(is) && !tag.self_closing && name != b"embed" {
            self.skipping = Some((name.to_vec(), 1));
        } else if LINES.iter().any(is) || [b"hr".as_slice(), b"h5", b"h6"].contains(&name) {
            self.new_line();
        } else if [b"td".as_slice(), b"th"].contains(&name)
            && self.open.last().is_none_or(|last| !is_list(last))
        {
            self.out.push(' ');
        }
    }

    fn end(&mut self, tag: &EndTag<usize>) {
        let Some(name) = taken(&tag.name).filter(|name| *name != "br") else {
            let name = &**tag.name;
            if LINES.iter().any(|line| line.as_bytes() == name) || [b"h5".as_slice(), b"h6"].contains(&name) {
                self.new_line();
            }
            return;
        };
        // A block that ends closes what is open inside it; what ends in the line ends nothing around the line.
        let within = self.open.iter().rposition(|open| *open == name);
        let barrier = self.open.iter().rposition(|open| !is_in_line(open)).unwrap_or(0);
        if let Some(at) = within.filter(|at| !is_in_line(name) || *at >= barrier) {
            while self.open.len() > at {
                self.close();
            }
        }
    }

    fn text(&mut self, text: &str) {
        let shown = clean_text(text);
        if shown.len() != text.len() {
            self.drop("a control or direction character");
        }
        if self.open.last().is_some_and(|last| is_list(last)) {
            if shown.trim().is_empty() {
                return;
            }
            self.make_room("text");
        }
        self.out.push_str(&escape(&shown));
    }

    /// Closes and opens what HTML does by itself, so that `next` may stand here: a paragraph ends before the next block,
    /// an item before the next item, what is in the line before a block; in a list there are items only.
    fn make_room(&mut self, next: &'static str) {
        if !is_in_line(next) && next != "text" {
            while self.open.last().is_some_and(|last| is_in_line(last) || is_paragraph(last)) {
                self.close();
            }
        }
        if next == "a" && self.open.contains(&"a") {
            while self.open.contains(&"a") {
                self.close();
            }
        }
        if next == "li" {
            let list = self.open.iter().rposition(|open| is_list(open));
            while self.open.len() > list.map_or(0, |at| at + 1) {
                self.close();
            }
            if list.is_none() {
                self.out.push_str("<ul>");
                self.open.push("ul");
            }
        } else if self.open.last().is_some_and(|last| is_list(last)) && self.open.len() + 1 < DEEPEST {
            self.out.push_str("<li>");
            self.open.push("li");
        }
    }

    fn new_line(&mut self) {
        let fresh = self.out.is_empty() || self.out.ends_with('>');
        if !fresh && self.open.last().is_none_or(|last| !is_list(last)) {
            self.out.push_str("<br>");
        }
    }

    fn close(&mut self) -> bool {
        let name = self.open.pop();
        if let Some(name) = name {
            self.out.extend(["</", name, ">"]);
        }
        name.is_some()
    }

    fn drop(&mut self, what: &str) {
        *self.dropped.entry(what.to_owned()).or_default() += 1;
    }
}

/// As what an element is written.
fn taken(name: &[u8]) -> Option<&'static str> {
    TAKEN.iter().find(|(element, _)| element.as_bytes() == name).map(|(_, written)| *written)
}

/// Whether an element with these attributes may be one that we wrote.
fn is_written_here(name: &[u8], attributes: usize) -> bool {
    taken(name).is_some_and(|written| written.as_bytes() == name) && attributes <= usize::from(name == b"a")
}

fn is_in_line(name: &str) -> bool {
    matches!(name, "b" | "strong" | "i" | "em" | "u" | "s" | "a" | "code")
}

/// Blocks that hold no other block.
fn is_paragraph(name: &str) -> bool {
    matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "pre")
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
