use proptest::prelude::*;

use super::*;

fn faults(html: &str) -> Vec<Fault> {
    check(html).expect_err(html).into_iter().map(|fault| fault.what).collect()
}

#[test]
fn what_is_taken_is_written_in_one_way() {
    for (html, canonical) in [
        ("", ""),
        ("plain", "plain"),
        ("<p>Agenda</p>", "<p>Agenda</p>"),
        ("<P>a<BR/>b</P >", "<p>a<br>b</p>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<ul><li>a<li><b>b</b></ul>", "<ul><li>a</li><li><b>b</b></li></ul>"),
        ("<p>list:<ol> <li>x</li> </ol>", "<p>list:</p><ol> <li>x</li> </ol>"),
        ("R&D, Tom &amp; Ann, 1 &lt; 2, &#39;x&apos; &eacute;", "R&amp;D, Tom &amp; Ann, 1 &lt; 2, 'x' é"),
        ("a > b", "a &gt; b"),
        ("<a href='HTTPS://Contoso.com'>x</a>", "<a href=\"https://contoso.com/\">x</a>"),
        ("<a href=mailto:ana@contoso.com>x</a>", "<a href=\"mailto:ana@contoso.com\">x</a>"),
        (
            "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\">x</a>",
        ),
    ] {
        assert_eq!(check(html).as_deref(), Ok(canonical), "{html}");
        assert_eq!(check(canonical).as_deref(), Ok(canonical), "{html}, again");
    }
}

#[test]
fn everything_else_is_a_fault() {
    let element = |name: &str| Fault::Element(name.to_owned());
    assert_eq!(faults("<script>alert(1)</script>"), [element("script"), element("script")]);
    assert_eq!(faults("<img src=x onerror=y>"), [element("img")]);
    assert_eq!(faults("<p onclick=x style=y>a</p>").len(), 2);
    assert_eq!(
        faults("<a href=https://x.example target=_blank>a</a>"),
        [Fault::Attribute("target".to_owned())]
    );
    assert_eq!(faults("<!-- x -->"), [Fault::Comment]);
    assert_eq!(faults("<b>x"), [Fault::Unbalanced("b".to_owned())]);
    assert_eq!(faults("<b><i>x</b></i></b>"), [Fault::Unbalanced("b".to_owned())]);
    assert_eq!(faults("x</p>"), [Fault::Unbalanced("p".to_owned())]);
    assert_eq!(faults("<li>x</li>")[0], Fault::Place("li".to_owned()));
    assert_eq!(faults("<ul>x</ul>"), [Fault::Place("text".to_owned())]);
    assert_eq!(faults("a\u{7}b"), [Fault::Malformed("control-character-in-input-stream"), Fault::Control]);
    assert!(faults("a <").iter().all(|fault| matches!(fault, Fault::Malformed(_))));
    assert!(faults(&"<b>".repeat(40)).contains(&Fault::TooDeep));
    assert_eq!(faults(&"<u>".repeat(40)).len(), MOST_FAULTS);
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
        assert_eq!(faults(&format!("<a href=\"{href}\">x</a>"))[0], Fault::Link, "{href}");
    }
    assert_eq!(faults("<a>x</a>")[0], Fault::Link);
}

#[test]
fn a_fault_says_where_it_is_in_characters() {
    let found = check("<p>é\r\nö <u>x</u></p>").expect_err("faults");
    assert_eq!(found[0], HtmlFault { at: 8, what: Fault::Element("u".to_owned()) });
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
        ".{0,4}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_was_taken_once_is_taken_again_unchanged(html in soup()) {
        if let Ok(canonical) = check(&html) {
            prop_assert_eq!(check(&canonical), Ok(canonical.clone()));
        }
    }

    #[test]
    fn no_text_makes_it_panic(html in "\\PC*|[<>/a-z&;!\"'= \\r\\n-]{0,80}", cut in 0usize..400) {
        let _ = check(&html);
        let body = outlook(&html, &block());
        let _ = replace_text(body.get(..cut.min(body.len())).unwrap_or(&html), JOIN, &html);
        let _ = replace_text(&html, "https://x", "");
    }

    #[test]
    fn a_body_loses_its_block_to_no_text(text in soup()) {
        if let Ok(text) = check(&text) {
            let changed = replace_text(&outlook("<p>Old</p>", &block()), JOIN, &text).expect("block");
            prop_assert!(changed.contains(&block()));
            prop_assert!(replace_text(&changed, JOIN, "<p>x</p>").expect("block").contains(&block()));
        }
    }
}
