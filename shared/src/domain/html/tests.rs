use proptest::prelude::*;

use super::*;

fn html(text: &str) -> String {
    clean(text).html
}

#[test]
fn what_editors_write_is_taken_and_written_in_one_way() {
    for (text, canonical) in [
        ("", ""),
        ("plain", "plain"),
        ("<p>Agenda</p>", "<p>Agenda</p>"),
        ("<P>a<BR/>b</P >", "<p>a<br>b</p>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<ul><li>a<li><b>b</b></ul>", "<ul><li>a</li><li><b>b</b></li></ul>"),
        ("<p>list:<ol> <li>x</li> </ol>", "<p>list:</p><ol><li>x</li></ol>"),
        ("R&D, Tom &amp; Ann, 1 &lt; 2, &#39;x&apos; &eacute;", "R&amp;D, Tom &amp; Ann, 1 &lt; 2, 'x' é"),
        ("a > b", "a &gt; b"),
        ("<a href='HTTPS://Contoso.com'>x</a>", "<a href=\"https://contoso.com/\">x</a>"),
        ("<a href=mailto:ana@contoso.com>x</a>", "<a href=\"mailto:ana@contoso.com\">x</a>"),
        (
            "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>",
        ),
        ("<div>a</div><div><br></div><div>b</div>", "<div>a</div><div><br></div><div>b</div>"),
        ("<strong>a</strong><em>b</em><u>c</u><s>d</s>", "<strong>a</strong><em>b</em><u>c</u><s>d</s>"),
        (
            "<h1>a</h1><h4>b</h4><blockquote><p>c</p></blockquote>",
            "<h1>a</h1><h4>b</h4><blockquote><p>c</p></blockquote>",
        ),
        ("<pre>a\n  b</pre><code>c</code>", "<pre>a\n  b</pre><code>c</code>"),
        ("<strike>a</strike><del>b</del><ins>c</ins>", "<s>a</s><s>b</s><u>c</u>"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
    ] {
        assert_eq!(clean(text), Clean { html: canonical.to_owned(), dropped: Vec::new() }, "{text}");
        assert_eq!(html(canonical), canonical, "{text}, again");
    }
}

#[test]
fn what_is_not_taken_is_left_out_and_told() {
    for (text, canonical, told) in [
        ("<script>alert(1)</script>a", "a", "<script> was left out"),
        ("<style>p{}</style>a", "a", "<style> was left out"),
        ("<svg><script>x</script><circle/></svg>a", "a", "<svg> was left out"),
        ("<iframe src=x><p>x</p></iframe>a", "a", "<iframe> was left out"),
        ("<img src=x onerror=y>a", "a", "<img> was left out"),
        ("<p onclick=x>a</p>", "<p>a</p>", "the attribute onclick was left out"),
        ("<p style=x>a</p><p style=y>b</p>", "<p>a</p><p>b</p>", "the attribute style was left out, 2 times"),
        (
            "<a href=https://x.example target=_blank>a</a>",
            "<a href=\"https://x.example/\">a</a>",
            "the attribute target was left out",
        ),
        ("<!-- x -->a", "a", "a comment was left out"),
        ("a\u{7}b\u{202e}c", "abc", "a control or direction character was left out"),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            " a b<br> c<br>",
            "<table> was left out",
        ),
        ("<span style=\"color:red\">a</span>", "a", "the attribute style was left out"),
    ] {
        let clean = clean(text);
        assert_eq!(clean.html, canonical, "{text}");
        assert!(clean.dropped.iter().any(|what| what == told), "{text}: {:?}", clean.dropped);
    }
    assert_eq!(clean("<span>a</span>"), Clean { html: "a".to_owned(), dropped: Vec::new() });
    let many = (0..40).map(|n| format!("<x{n}>")).collect::<Vec<_>>().concat();
    assert_eq!(clean(&many).dropped.len(), MOST_TOLD);
}

#[test]
fn what_is_not_closed_in_order_is_closed() {
    for (text, canonical) in [
        ("<b>x", "<b>x</b>"),
        ("<b><i>x</b></i>y", "<b><i>x</i></b>y"),
        ("x</p>", "x"),
        ("<li>x</li>", "<ul><li>x</li></ul>"),
        ("<ul>x</ul>", "<ul><li>x</li></ul>"),
        ("<ul><td>", "<ul></ul>"),
        ("<ul><ul><li>x</ul></ul>", "<ul><li><ul><li>x</li></ul></li></ul>"),
        ("<b><p>x</p></b>", "<b></b><p>x</p>"),
        ("<p><b>x</p>y</b>", "<p><b>x</b></p>y"),
        (
            "<a href=https://x.example>a<a href=https://y.example>b</a>",
            "<a href=\"https://x.example/\">a</a><a href=\"https://y.example/\">b</a>",
        ),
    ] {
        assert_eq!(html(text), canonical, "{text}");
    }
    let deep = html(&"<div>".repeat(100));
    assert_eq!(deep.matches("<div>").count(), DEEPEST);
}

#[test]
fn a_link_leads_to_the_web_or_to_a_mailbox() {
    for href in [
        "javascript:alert(1)",
        " java\nscript:alert(1)",
        "http://x.example",
        "//x.example",
        "/path",
        "data:text/html,x",
        "https://",
        "https://microsoft.com@evil.example",
        "mailto:",
        "",
    ] {
        let clean = clean(&format!("<a href=\"{href}\">x</a>"));
        assert_eq!((clean.html.as_str(), clean.dropped.len()), ("x", 1), "{href}");
    }
    assert_eq!(html("<a>x</a>"), "x");
}

#[test]
fn a_wrapper_without_attributes_may_be_ours_and_one_with_them_is_outlooks() {
    assert!(is_written_here(b"div", 0) && is_written_here(b"a", 1) && !is_written_here(b"div", 1));
    assert!(!is_written_here(b"table", 0) && !is_written_here(b"strike", 0));
}

const JOIN: &str = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_Mjk%40thread.v2/0?context=%7b%22Tid%22%3a%222f1d%22%7d&x=1";

/// A body as Outlook writes it around a text and a block.
fn outlook(text: &str, block: &str) -> String {
    format!(
        "<html>\r\n<head>\r\n<meta charset=\"utf-8\"><style>p {{ x: y }}</style>\r\n</head>\r\n<body>\r\n{text}\r\n<br>\r\n{block}\r\n</body>\r\n</html>\r\n"
    )
}

fn block() -> String {
    let href = JOIN.replace('&', "&amp;");
    format!(
        "<div class=\"me-email-text\" lang=\"en-US\">\r\n<div>Microsoft Teams – réunion</div>\r\n<div><a class=\"x\" href=\"{href}\">Join</a></div>\r\n</div>\r\n<div>after</div>"
    )
}

#[test]
fn the_block_with_the_link_is_kept_byte_for_byte() {
    let body = outlook("<p>Ägenda</p>", &block());
    let (head, _) = body.split_once("\r\n<p>").expect("body");
    let (_, kept) = body.split_once("<br>\r\n").expect("block");
    let changed = replace_text(&body, JOIN, "<p>New</p>").expect("block");
    assert_eq!(changed, format!("{head}<p>New</p><br>{kept}"));
    let again = replace_text(&changed, JOIN, "<p>Newer</p>").expect("block");
    assert_eq!(again, format!("{head}<p>Newer</p><br>{kept}"));
}

#[test]
fn without_the_link_nothing_is_written() {
    for body in [
        "",
        "<p>x</p>",
        &outlook("<p>x</p>", "<div>Join</div>"),
        &outlook("", &block().replace("19%3a", "20%3a")),
    ] {
        assert_eq!(replace_text(body, JOIN, "<p>New</p>"), None);
    }
    assert_eq!(replace_text(&outlook("", &block()), "", "x"), None);
}

#[test]
fn the_line_before_the_block_belongs_to_it() {
    let line = format!("<div style=\"x\"><span>{}</span></div>", "_".repeat(80));
    let changed =
        replace_text(&outlook("<p>Old</p>", &format!("{line}\r\n{}", block())), JOIN, "New").expect("block");
    assert!(
        changed.contains(&format!("<body>New<br>{line}\r\n<div class=")) && !changed.contains("Old"),
        "{changed}"
    );
    let rule =
        replace_text(&outlook("<p>Old</p>", &format!("<hr>\r\n{}", block())), JOIN, "New").expect("block");
    assert!(rule.contains("<body>New<br><hr>\r\n<div class="), "{rule}");
}

#[test]
fn a_wrapper_around_text_and_block_stays_around_both() {
    let inside = format!("<div dir=\"ltr\"><p>Old</p><div>{}</div>{}</div>", "_".repeat(80), block());
    let changed = replace_text(&outlook("", &inside), JOIN, "New").expect("block");
    assert!(
        changed.contains("<body><div dir=\"ltr\">New<br><div>___") && !changed.contains("Old"),
        "{changed}"
    );
}

#[test]
fn a_link_that_the_old_text_quotes_is_not_the_block() {
    let quoted = format!("<p>See <a href=\"{}\">here</a></p>", JOIN.replace('&', "&amp;"));
    let changed = replace_text(&outlook(&quoted, &block()), JOIN, "New").expect("block");
    assert!(changed.contains("<body>New<br><div class=\"me-email-text\""), "{changed}");
}

const SHORT: &str = "https://teams.microsoft.com/meet/2291234567890?p=Xy7Q";

/// The block of 2026: two links to the meeting, of which one is the `joinUrl`, and no conference id.
fn block_of_2026(first: &str, second: &str) -> String {
    let [first, second] = [first, second].map(|link| link.replace('&', "&amp;"));
    format!(
        "<div class=\"me-email-text\" lang=\"en-US\">Microsoft Teams Meeting</div>\r\n\
         <div><a class=\"me-email-headline\" href=\"{first}\">Join the meeting now</a></div>\r\n\
         <div><span>For organizers:</span> <a class=\"me-email-link\" href=\"{second}\">Meeting options</a></div>"
    )
}

#[test]
fn the_block_of_2026_is_kept_whichever_of_its_links_is_the_join_url() {
    for (first, second) in [(JOIN, SHORT), (SHORT, JOIN), (SHORT, SHORT)] {
        for join_url in [JOIN, SHORT] {
            let block = block_of_2026(first, second);
            let changed = replace_text(&outlook("<p>Old</p>", &block), join_url, "<p>New</p>");
            let changed = changed.unwrap_or_else(|| panic!("{first} {second} {join_url}"));
            assert!(changed.contains(&format!("<body><p>New</p><br>{block}")), "{changed}");
            assert!(!changed.contains("Old"));
            let again = replace_text(&changed, join_url, "<p>Newer</p>").expect("block");
            assert!(again.contains(&format!("<body><p>Newer</p><br>{block}")), "{again}");
        }
    }
}

#[test]
fn the_block_of_another_meeting_is_not_this_ones() {
    let other = JOIN.replace("19%3a", "20%3a");
    assert_eq!(replace_text(&outlook("", &block_of_2026(&other, &other)), JOIN, "x"), None);
    let short = SHORT.replace("229", "230");
    assert_eq!(replace_text(&outlook("", &block_of_2026(&short, &short)), SHORT, "x"), None);
    let quoted = format!("<p>See <a href=\"{SHORT}\">here</a></p>");
    assert_eq!(replace_text(&outlook(&quoted, ""), JOIN, "x"), None, "a link of our own text is no block");
}

#[test]
fn a_link_wrapped_by_safe_links_is_found() {
    let wrapped = Url::parse_with_params("https://eur01.safelinks.protection.outlook.com/", [("url", JOIN)])
        .expect("url");
    let body = outlook(
        "<p>Old</p>",
        &format!("<table><tr><td><a href=\"{}\">Join</a></td></tr></table>", escape(wrapped.as_str())),
    );
    assert!(replace_text(&body, JOIN, "New").expect("block").contains("<body>New<br><table>"));
}

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<p>".to_owned()),
        Just("</p>".to_owned()),
        Just("<ul>".to_owned()),
        Just("<li>".to_owned()),
        Just("</li>".to_owned()),
        Just("</ul>".to_owned()),
        Just("<b>".to_owned()),
        Just("</b>".to_owned()),
        Just("<br/>".to_owned()),
        Just("<a href=\"https://x.example/?a&amp;b\">".to_owned()),
        Just("</a>".to_owned()),
        Just("&amp;".to_owned()),
        Just("<div class=x>".to_owned()),
        Just("</div>".to_owned()),
        Just("<pre>".to_owned()),
        Just("<td>".to_owned()),
        Just("<svg>".to_owned()),
        Just("</svg>".to_owned()),
        ".{0,4}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_was_cleaned_once_is_taken_again_unchanged(text in soup()) {
        let once = clean(&text);
        prop_assert_eq!(clean(&once.html), Clean { html: once.html.clone(), dropped: Vec::new() });
    }

    #[test]
    fn nothing_but_the_elements_of_the_list_is_ever_written(text in "\\PC*|[<>/a-z&;!\"'= \\r\\n-]{0,80}") {
        for token in tokens(&html(&text)) {
            match token {
                Token::StartTag(tag) => prop_assert!(is_written_here(&tag.name, tag.attributes.len())),
                Token::EndTag(tag) => prop_assert!(taken(&tag.name).is_some()),
                Token::String(_) => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(html in "\\PC*|[<>/a-z&;!\"'= \\r\\n-]{0,80}", cut in 0usize..400) {
        let _ = clean(&html);
        let body = outlook(&html, &block());
        let _ = replace_text(body.get(..cut.min(body.len())).unwrap_or(&html), JOIN, &html);
        let _ = replace_text(&html, "https://x", "");
    }

    #[test]
    fn a_body_loses_its_block_to_no_text(text in soup()) {
        let text = html(&text);
        let changed = replace_text(&outlook("<p>Old</p>", &block()), JOIN, &text).expect("block");
        prop_assert!(changed.contains(&block()));
        prop_assert!(replace_text(&changed, JOIN, "<p>x</p>").expect("block").contains(&block()));
    }
}
