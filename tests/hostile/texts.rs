//! Threat 26: characters that change a line, a header or its reading, and zones that are none.

use serde_json::json;

use crate::world::{World, interview};

/// Breaks a line, a header or the direction of text.
const DANGEROUS: [&str; 18] = [
    "\0",
    "\u{1}",
    "\n",
    "\r",
    "\r\nx: y",
    "\t",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{9f}",
    "\u{202a}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200f}",
    "\u{61c}",
    "\u{2028}",
    "\u{2029}",
];

/// Names that people typed or pasted carry such marks, and nobody could repair them: they are left out. What machines
/// made is refused.
#[tokio::test]
async fn t26_no_one_line_text_keeps_a_character_that_breaks_or_turns_it() {
    let world = World::start().await;
    let ana = world.ana().await;
    let is_clean = |shown: &str, bad: &str| {
        let breaks = |c: char| c.is_control() || DANGEROUS.iter().any(|bad| bad.starts_with(c));
        assert!(
            shown.starts_with('a') && shown.ends_with('b') && !shown.contains(breaks),
            "{bad:?}: {shown:?}"
        );
    };
    for (n, bad) in DANGEROUS.into_iter().enumerate() {
        let text = format!("a{bad}b");
        let room = json!({ "email": "r@x.io", "name": text, "building": text });
        let shown = ana.patch("/v1/customer", json!({ "name": text, "rooms": [room] })).await;
        for pointer in ["/name", "/rooms/0/name", "/rooms/0/building"] {
            is_clean(shown.str(pointer), bad);
        }
        let inside = json!({ "rooms": [{ "email": format!("r{bad}@x.io") }] });
        let answer = ana.patch("/v1/customer", inside).await;
        assert_eq!((answer.status, answer.str("/errors/0/pointer")), (422, "/rooms/0/email"), "{bad:?}");
        let body = json!({ "return_url": format!("{}/done", world.stack.url), "locale": text });
        assert_eq!(
            ana.post("/v1/connect-sessions", body).await.str("/errors/0/pointer"),
            "/locale",
            "{bad:?}"
        );
        let body = json!({ "return_url": format!("{}/done?x={text}", world.stack.url) });
        let answer = ana.post("/v1/connect-sessions", body).await;
        assert_eq!(answer.str("/errors/0/pointer"), "/return_url", "{bad:?}");
        for name in ["justification", "organization"] {
            let asked = ana.post("/v1/approvals", json!({ name: text })).await;
            is_clean(asked.str(&format!("/{name}")), bad);
        }
        let mut titled = interview();
        titled["title"] = json!(text);
        titled["candidates"][0]["name"] = json!(text);
        titled["online_meeting"] = json!("none");
        let answer = ana.post_as(&format!("key-of-odd-text-{n}"), "/v1/interviews", &titled).await;
        is_clean(answer.str("/title"), bad);
        is_clean(answer.str("/candidates/0/name"), bad);
    }
    let subjects: Vec<String> = world.microsoft().mails().into_iter().map(|mail| mail.subject).collect();
    assert!(!subjects.is_empty());
    for subject in &subjects {
        is_clean(subject, "in a mail");
    }
}

#[tokio::test]
async fn t26_a_name_in_the_ats_s_token_writes_no_line_of_its_own_into_a_mail() {
    let world = World::start().await;
    for bad in DANGEROUS {
        let name = format!("Ana{bad}Please open https://evil.example {}", "x".repeat(500));
        let claims = json!({ "sub": "u-ana", "customer_id": "acme", "email": "ana@contoso.com", "name": name,
            "scope": "connections" });
        let asked = world.person_with(claims).await.post("/v1/approvals", json!({})).await;
        assert_eq!(asked.status, 201, "{bad:?}: {}", asked.text);
        let (shown, mail) = (asked.str("/requester/name"), asked.str("/email/text"));
        assert!(!shown.contains(bad) && shown.chars().count() <= 200, "{bad:?}: {shown:?}");
        let line = mail.lines().nth(2).expect("the mail's first sentence");
        assert!(line.starts_with("Ana") && line.contains("asks you to approve the app"), "{bad:?}: {line:?}");
    }
}

#[tokio::test]
async fn t26_texts_of_all_scripts_are_kept_and_composed() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for (given, kept) in [
        ("e\u{301}cole", "\u{e9}cole"),
        ("  Acme  ", "Acme"),
        ("حسابات", "حسابات"),
        ("東京支社", "東京支社"),
        ("👩‍💻 Team", "👩‍💻 Team"),
        ("<b>\"Acme\" & 'Co'</b>", "<b>\"Acme\" & 'Co'</b>"),
        ("{{7*7}} ${x} %s", "{{7*7}} ${x} %s"),
    ] {
        let answer = ana.patch("/v1/customer", json!({ "name": given })).await;
        assert_eq!((answer.status, answer.str("/name")), (200, kept));
    }
}

#[tokio::test]
async fn t26_a_zone_is_a_name_of_the_database_or_refused() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for zone in [
        json!(""),
        json!("Europe"),
        json!("Europe/"),
        json!("Europe/Paris\u{0}"),
        json!("../Europe/Paris"),
        json!("/etc/passwd"),
        json!("GMT+25"),
        json!("Romance Standard Time"),
        json!("W. Europe"),
        json!("+01:00"),
        json!("Europe/Paris\n"),
        json!(" Europe/Paris"),
        json!(7),
        json!(["UTC"]),
    ] {
        let body = json!({ "return_url": format!("{}/done", world.stack.url), "time_zone": zone });
        let answer = ana.post("/v1/connect-sessions", body).await;
        assert_eq!(
            (answer.status, answer.str("/errors/0/pointer")),
            (422, "/time_zone"),
            "{zone}: {}",
            answer.text
        );
    }
    for zone in ["UTC", "America/Argentina/Buenos_Aires", "asia/kolkata", "Europe/Kyiv", "Etc/UTC"] {
        let body = json!({ "return_url": format!("{}/done", world.stack.url), "time_zone": zone });
        assert_eq!(ana.post("/v1/connect-sessions", body).await.status, 201, "{zone}");
    }
}

#[tokio::test]
async fn t26_headers_that_a_client_sends_are_not_read_as_more_than_they_are() {
    let world = World::start().await;
    let ana = world.ana().await;
    for key in ["short", "x", &"x".repeat(256)] {
        let answer = ana.post_as(key, "/v1/interviews", &interview()).await;
        assert!([400, 422].contains(&answer.status), "{key:?}: {}", answer.text);
    }
    let patch = async |tag: &str| {
        ana.call(reqwest::Method::PATCH, "/v1/customer", Some(&json!({ "name": "x" })), &[("if-match", tag)])
            .await
    };
    for tag in ["", "\"", "\"1\"x", ",,,"] {
        assert_eq!(patch(tag).await.problem(), (422, "invalid-request"), "{tag:?}");
    }
    assert_eq!(patch("\"999999999999999999999\"").await.problem(), (412, "version-mismatch"));
}
