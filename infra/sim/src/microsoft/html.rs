//! What Exchange does to the text of an event: sanitised, rewrapped, with a Teams block at the end (microsoft.md E3).

const HEAD: &str = "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n</head>\r\n<body>\r\n";
const TAIL: &str = "\r\n</body>\r\n</html>\r\n";
/// `bodyPreview` is at most this long.
const PREVIEW: usize = 255;

/// The document that is kept for this content.
pub(crate) fn rewrap(content: &str, is_text: bool) -> String {
    let inner = if is_text {
        html_escape::encode_text(content).replace('\n', "<br>\r\n")
    } else {
        without_scripts(inner(content))
    };
    format!("{HEAD}{}{TAIL}", inner.trim())
}

/// The same document with the block of 2026: no conference id, and two links, of which the first is the short one.
pub(crate) fn with_block(document: &str, join_url: &str, short: &str) -> String {
    let inner = inner(document).trim();
    format!(
        "{HEAD}{inner}\r\n<br>\r\n<div class=\"me-email-text\" lang=\"en-US\">\r\n\
         <div><span class=\"me-email-text\">Microsoft Teams meeting</span></div>\r\n</div>\r\n\
         <div><a class=\"me-email-headline\" href=\"{short}\">Join the meeting now</a></div>\r\n\
         <div><span>For organizers:</span> <a class=\"me-email-link\" href=\"{join_url}\">Meeting options</a></div>{TAIL}"
    )
}

/// The same document with the block as it was until 2025.
pub(crate) fn with_old_block(document: &str, join_url: &str) -> String {
    let inner = inner(document).trim();
    format!(
        "{HEAD}{inner}\r\n<br>\r\n<div class=\"me-email-text\" lang=\"en-US\">\r\n\
         <div>Microsoft Teams meeting</div>\r\n\
         <div><a class=\"me-email-headline\" href=\"{join_url}\">Join the meeting now</a></div>\r\n</div>{TAIL}"
    )
}

fn inner(document: &str) -> &str {
    let lower = document.to_ascii_lowercase();
    let Some(open) = lower.find("<body") else { return document };
    let start = lower[open..].find('>').map_or(document.len(), |end| open + end + 1);
    let end = lower.rfind("</body>").filter(|end| *end >= start).unwrap_or(document.len());
    &document[start..end]
}

fn without_scripts(html: &str) -> String {
    let mut rest = html;
    let mut out = String::new();
    loop {
        let lower = rest.to_ascii_lowercase();
        let Some(open) = lower.find("<script") else { return out + rest };
        out.push_str(&rest[..open]);
        match lower[open..].find("</script>") {
            Some(close) => rest = &rest[open + close + "</script>".len()..],
            None => return out,
        }
    }
}

/// The first words as plain text.
pub(crate) fn preview(document: &str) -> String {
    let mut inside = false;
    let text: String = inner(document)
        .chars()
        .filter(|c| match c {
            '<' => {
                inside = true;
                false
            }
            '>' if inside => {
                inside = false;
                false
            }
            _ => !inside,
        })
        .collect();
    html_escape::decode_html_entities(text.trim()).chars().take(PREVIEW).collect()
}
