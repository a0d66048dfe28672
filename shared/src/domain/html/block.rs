//! Outlook's own part of a body: the block with the Teams link. Whoever sends a body replaces all of it, and
//! without that block the meeting loses its link (Microsoft: "preserve the meeting blob").

use html5gum::{StartTag, Token};
use url::Url;

use super::{is_written_here, tokens};

/// Outlook draws a line of underscores before its block.
const LINE: &str = "____________________";
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// The body with `new_text` in place of whatever stands before the block that holds `join_url`; the block, and
/// all that follows it, stays byte for byte. None if there is no such block: then nothing may be written.
///
/// The block begins at Outlook's line of underscores if there is one, else at the outermost element around the
/// link, or around what Outlook puts before it: the block of 2026 has two links to the meeting, of which only one is the
/// `joinUrl`. Elements that enclose both our text and the block are kept around both.
pub fn replace_text(body: &str, join_url: &str, new_text: &str) -> Option<String> {
    if join_url.is_empty() {
        return None;
    }
    let mut reader = Reader { join_url, ..Reader::default() };
    for token in tokens(body) {
        reader.take(token);
    }
    // A link that stands in nothing but elements that we ourselves write may be one of the old text.
    let of = |holds: Holds| reader.found.iter().filter(move |found| found.holds == holds);
    let exact = of(Holds::TheLink).find(|found| !found.ours).or_else(|| of(Holds::TheLink).next());
    let link = exact.or_else(|| of(Holds::OtherForm).find(|found| !found.ours))?;
    // A line tells where the block begins; without one it is the first of what stands in no text but the block.
    let kin = reader.found.iter().filter(|found| reader.line.is_none() && !found.ours);
    let block = kin.min_by_key(|found| found.from).filter(|first| first.from < link.from).unwrap_or(link);
    let head = body.get(..reader.body_from)?;
    let around =
        block.around.iter().map(|(start, end)| body.get(*start..*end)).collect::<Option<String>>()?;
    let kept = body.get(block.from..)?;
    Some(format!("{head}{around}{new_text}<br>{kept}"))
}

/// An open element.
#[derive(Clone)]
struct Open {
    name: Vec<u8>,
    /// Whether it may be of a text that we wrote: then it has no attributes.
    ours: bool,
    /// Where its start tag stands.
    span: (usize, usize),
    /// Where it begins, a rule (`hr`) right before it included.
    from: usize,
}

/// A place where the block may begin.
struct Found {
    from: usize,
    /// Start tags of the elements around both text and block.
    around: Vec<(usize, usize)>,
    ours: bool,
    holds: Holds,
}

/// What a place holds of the meeting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// The link that was looked for.
    TheLink,
    /// A link of the other form: Teams has a long and a short one for each meeting, and nothing in them tells whether two
    /// are the same. A long one beside a long one is another meeting.
    OtherForm,
    /// A class of Outlook's, or a link to some meeting.
    Kin,
}

#[derive(Default)]
struct Reader<'a> {
    join_url: &'a str,
    body_from: usize,
    open: Vec<Open>,
    /// The last line of underscores, with what was open there.
    line: Option<(usize, Vec<Open>)>,
    /// A rule, with nothing but blanks behind it so far.
    rule: Option<usize>,
    found: Vec<Found>,
}

impl Reader<'_> {
    fn take(&mut self, token: Token<usize>) {
        match token {
            Token::StartTag(tag) => self.start(&tag),
            Token::EndTag(tag) => {
                if let Some(at) = self.open.iter().rposition(|open| open.name == **tag.name) {
                    self.open.truncate(at);
                }
            }
            Token::String(text) => {
                let value = String::from_utf8_lossy(&text.value);
                self.rule = self.rule.filter(|_| value.trim().is_empty());
                if value.contains(LINE) && self.body_from <= text.span.start {
                    self.line = Some((text.span.start, self.open.clone()));
                }
                if value.contains(self.join_url) {
                    self.note(text.span.start, None, Holds::TheLink);
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }

    fn start(&mut self, tag: &StartTag<usize>) {
        let name = tag.name.to_ascii_lowercase();
        if name == b"body" || (name == b"html" && self.open.is_empty()) {
            // Everything before is head; a body of its own resets what html had opened.
            self.body_from = tag.span.end;
            self.open.clear();
            return;
        }
        let from = self.rule.take().filter(|_| self.open.is_empty()).unwrap_or(tag.span.start);
        if name == b"hr" && self.open.is_empty() {
            self.rule = Some(tag.span.start);
        }
        let ours = is_written_here(&name, tag.attributes.len());
        let open = Open { from, span: (tag.span.start, tag.span.end), ours, name };
        let held = tag.attributes.values().filter_map(|value| held(value, self.join_url));
        if let Some(holds) = held.min_by_key(|holds| *holds as u8) {
            self.note(tag.span.start, Some(&open), holds);
        }
        if !VOID.iter().any(|void| void.as_bytes() == open.name) {
            self.open.push(open);
        }
    }

    /// Notes a place that holds the link: within the open elements, and in `own` if it is an attribute of it.
    fn note(&mut self, at: usize, own: Option<&Open>, holds: Holds) {
        let chain: Vec<Open> = self.open.iter().cloned().chain(own.cloned()).collect();
        let outermost = chain.first().map_or(at, |open| open.from);
        let ours = chain.iter().all(|open| open.ours);
        let (from, around) = match &self.line {
            Some((line_at, line_open)) => {
                let shared = chain.iter().zip(line_open).take_while(|(a, b)| a.span == b.span).count();
                let from = line_open.get(shared).map_or(*line_at, |open| open.from);
                (from, chain.iter().take(shared).map(|open| open.span).collect())
            }
            None => (outermost, Vec::new()),
        };
        self.found.push(Found { from, around, ours, holds });
    }
}

/// Whether an attribute leads to the meeting: as it is, or wrapped by Defender's Safe Links.
fn is_the_link(value: &[u8], join_url: &str) -> bool {
    let value = String::from_utf8_lossy(value);
    if value.trim() == join_url {
        return true;
    }
    let Ok(url) = Url::parse(value.trim()) else { return false };
    let wraps = url.host_str().is_some_and(|host| host.ends_with(".safelinks.protection.outlook.com"));
    let wrapped = || url.query_pairs().any(|(name, target)| name == "url" && target == join_url);
    Url::parse(join_url).is_ok_and(|wanted| wanted == url) || (wraps && wrapped())
}

/// What an attribute holds of the meeting; none if nothing.
fn held(value: &[u8], join_url: &str) -> Option<Holds> {
    if is_the_link(value, join_url) {
        return Some(Holds::TheLink);
    }
    let value = String::from_utf8_lossy(value);
    let form = |text: &str| Url::parse(text.trim()).ok().and_then(|url| form_of(&url));
    match (form(&value), form(join_url)) {
        (Some(this), Some(wanted)) if this != wanted => Some(Holds::OtherForm),
        (Some(_), _) => Some(Holds::Kin),
        (None, _) => {
            let class = |word: &str| word.to_ascii_lowercase().starts_with("me-email-");
            value.split_whitespace().any(class).then_some(Holds::Kin)
        }
    }
}

/// The two forms of a link to a Teams meeting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `/l/meetup-join/…`
    Long,
    /// `/meet/…`
    Short,
}

/// The form of a link to a Teams meeting, in any cloud and also behind Safe Links; none if it is another link.
fn form_of(url: &Url) -> Option<Form> {
    const HOSTS: [&str; 5] = [
        "teams.microsoft.com",
        "teams.live.com",
        "gov.teams.microsoft.us",
        "dod.teams.microsoft.us",
        "teams.microsoftonline.cn",
    ];
    let host = url.host_str()?;
    if HOSTS.contains(&host) {
        let begins = |with| url.path().starts_with(with);
        return if begins("/l/meetup-join/") {
            Some(Form::Long)
        } else {
            begins("/meet/").then_some(Form::Short)
        };
    }
    let wraps = host.ends_with(".safelinks.protection.outlook.com");
    let (_, wrapped) = url.query_pairs().find(|(name, _)| wraps && name == "url")?;
    let wrapped = Url::parse(&wrapped).ok()?;
    HOSTS.contains(&wrapped.host_str()?).then(|| form_of(&wrapped))?
}
