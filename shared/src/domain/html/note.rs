//! A note on top of an event's text. Everything that is there stays byte for byte, the Teams block with it.

use html5gum::Token;

use super::tokens;

/// The document with this plain text as its first paragraph.
pub fn with_note(document: &str, note: &str) -> String {
    let start = tokens(document)
        .filter_map(|token| match token {
            Token::StartTag(tag) if tag.name.eq_ignore_ascii_case(b"body") => Some(tag.span.end),
            _ => None,
        })
        .last();
    let (head, rest) = document.split_at_checked(start.unwrap_or(0)).unwrap_or(("", document));
    let lines: Vec<String> = note.trim().lines().map(escaped).collect();
    format!("{head}<p>{}</p>{rest}", lines.join("<br>"))
}

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stands_first_and_nothing_else_changes() {
        let document = "<html><head><title>x</title></head>\r\n<BODY lang=\"en\">\r\n<p>Old</p><div>Join</div></body></html>";
        let noted = with_note(document, " The room is taken.\nSorry & <see> you ");
        let note = "<p>The room is taken.<br>Sorry &amp; &lt;see&gt; you</p>";
        assert_eq!(noted.replacen(note, "", 1), document);
        assert!(noted.contains(&format!("<BODY lang=\"en\">{note}")));
        assert_eq!(with_note("plain", "x"), "<p>x</p>plain");
        assert_eq!(with_note("", "x"), "<p>x</p>");
    }
}
