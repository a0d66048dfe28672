//! What the public page says, promise by promise, and that it agrees with what is really asked.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::domain::features::Feature;

use super::{between, manifest, page};
use crate::world::{Answer, Browser, World, parameter};

/// Steps and text of a topic on the page, by its anchor.
fn topic<'a>(page: &'a Answer, id: &str) -> &'a str {
    between(&page.text, &format!("<h3 id=\"{id}\">"), "Microsoft's page")
}

fn says(place: &str, words: &[&str]) {
    for word in words {
        assert!(place.contains(word), "{word} is not in: {place}");
    }
}

/// Scopes as a set, without Graph's address.
fn scopes(url: &str) -> BTreeSet<String> {
    let text = parameter(url, "scope").expect("scopes").replace("%2F", "/").replace("%3A", ":");
    let words = text.split(['+', ' ']).map(|word| word.rsplit('/').next().unwrap_or(word).to_owned());
    words.collect()
}

/// I2, I6–I8, R6, N6: what the page says is asked for is what is asked for, with every feature switched on.
#[tokio::test]
async fn i02_i06_i07_i08_r06_n06_the_page_and_both_urls_ask_for_the_same() {
    let all = Feature::ALL.map(Feature::name).join(",");
    for features in ["calendar", all.as_str()] {
        let world = World::with_setting("FEATURES", features).await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let wanted: Vec<&str> = features.split(',').filter(|name| *name != "calendar").collect();
        assert_eq!(ana.patch("/v1/customer", json!({ "features": wanted })).await.status, 200);
        let (_, authorize) = ana.begin().await;
        let asked = ana.post("/v1/approvals", json!({})).await;
        let approve = Browser::new(&world).open(asked.str("/admin_url")).await;
        let data = manifest(&world).await;
        let told: BTreeSet<String> = data.json["permissions"]
            .as_array()
            .expect("permissions")
            .iter()
            .map(|permission| permission["scope"].as_str().expect("a name").to_owned())
            .collect();
        assert_eq!(told, scopes(&authorize));
        assert_eq!(told, scopes(approve.header("location").expect("a redirect")));
        let html = page(&world).await.text;
        let table = between(&html, "id=\"permissions\"", "</table>");
        let shown: BTreeSet<String> = table
            .split("<code>")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(shown, told, "the page says what the data says");
        for permission in data.json["permissions"].as_array().expect("permissions") {
            let reference = permission["reference"].as_str().expect("a link");
            assert!(reference.starts_with("https://learn.microsoft.com/"), "{reference}");
            says(table, &[reference]);
        }
    }
}

/// I4, I-not: what cannot be done, with every call, and no statement that a feature makes untrue.
#[tokio::test]
async fn i04_what_is_not_asked_is_told_with_every_call_that_exists() {
    let world = World::start().await;
    let html = page(&world).await.text.replace("&#39;", "'");
    let told = between(&html, "id=\"not-asked\"", "</section>");
    says(
        told,
        &[
            "No application permission",
            "No directory",
            "No mail",
            "online meetings is not used",
            "own calendar only",
        ],
    );
    let data = manifest(&world).await.json;
    for call in data["graph_calls"].as_array().expect("calls") {
        let text = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
        says(told, &[&format!("{} {}", text("method"), text("path")), &text("purpose")]);
        assert_eq!(call["feature"], "calendar");
    }
    let mailing = World::with_setting("FEATURES", "calendar,mailbox,rooms_basic,shared_calendars").await;
    let titles = manifest(&mailing).await.json["not_asked"].to_string();
    for untrue in ["No mail", "No directory", "Nobody else"] {
        assert!(!titles.contains(untrue), "{titles}");
    }
}

#[tokio::test]
async fn i03_n05_i09_i10_who_approves_why_and_where_the_badge_is() {
    let world = World::start().await;
    let page = page(&world).await;
    says(
        topic(&page, "why-approval"),
        &["does not let users consent to calendar", "October and November 2025", "MC1163922"],
    );
    says(
        topic(&page, "who-approves"),
        &[
            "Global Administrator",
            "Cloud Application Administrator",
            "Application Administrator",
            "one press on Accept",
        ],
    );
    says(
        topic(&page, "approve-request"),
        &["Enterprise apps", "Admin consent requests", "My pending", "Accept"],
    );
    says(topic(&page, "approve-portal"), &["Grant admin consent", "All applications"]);
    says(topic(&page, "check-verified"), &["only Microsoft can confirm it", "blue badge", "Properties"]);
}

#[tokio::test]
async fn i05_tokens_are_told_to_be_where_they_are() {
    let html = page(&World::start().await).await.text;
    says(
        between(&html, "id=\"data\"", "</section>"),
        &["AES-256-GCM", "AWS KMS", "eu-west-1", "90 days", "not stored", "global"],
    );
}

/// The times are those of the code: see `domain::connection` and the sweep's own tests.
#[tokio::test]
async fn i11_i12_i13_how_to_revoke_and_how_fast_it_is_noticed() {
    let page = page(&World::start().await).await;
    says(topic(&page, "revoke-block"), &["Enabled for users to sign in? to No"]);
    says(topic(&page, "revoke-delete"), &["Properties", "Press Delete"]);
    says(
        topic(&page, "revoke-effect"),
        &["about one hour", "Nothing is removed from Outlook", "every 45 minutes"],
    );
}

#[tokio::test]
async fn i14_i15_identity_and_contact_are_those_of_the_settings() {
    let mut options = local::Options::default();
    for (name, value) in [
        ("APP_NAME", "Hire & <Co>"),
        ("PUBLISHER_ID", "123456"),
        ("SUPPORT_CONTACT", "https://help.vendor.example/it"),
    ] {
        options.settings.insert(name.to_owned(), value.to_owned());
    }
    let world = World::with(options).await;
    let page = page(&world).await;
    let identity = between(&page.text, "<header>", "</header>");
    let callback = format!("{}/api/auth/microsoft/callback", world.stack.url);
    says(identity, &["Hire &#38; &#60;Co&#62;", "123456", "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73", &callback]);
    says(identity, &[r#"<a href="https://help.vendor.example/it">"#, "as the operator states it"]);
    let data = manifest(&world).await.json;
    assert_eq!(
        (&data["app"]["name"], &data["app"]["publisher_id"]),
        (&json!("Hire & <Co>"), &json!("123456"))
    );
    let silent = World::with_setting("SUPPORT_CONTACT", "").await;
    assert_eq!(manifest(&silent).await.json["operation"]["contact"], Value::Null);
    says(&super::page(&silent).await.text, &["The operator has not named one"]);
}

#[tokio::test]
async fn i03_the_domain_file_is_what_microsoft_reads() {
    let world = World::start().await;
    let url = format!("{}/.well-known/microsoft-identity-association.json", world.stack.url);
    let file = Browser::new(&world).open(&url).await;
    assert_eq!((file.status, file.header("content-type")), (200, Some("application/json")));
    let expected = r#"{"associatedApplications":[{"applicationId":"3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73"}]}"#;
    assert_eq!(file.text, expected);
    assert_eq!(manifest(&world).await.str("/app/domain_file"), url);
}

#[tokio::test]
async fn r08_r10_to_r15_n07_n08_n09_n10_each_check_is_there_with_its_path() {
    let page = page(&World::start().await).await;
    says(between(&page.text, "id=\"troubleshooting\"", "<h3"), &["belong to your organization", "/doctor"]);
    for (id, words) in [
        ("check-entries", ["client id", "All applications"]), // R10
        ("check-user-consent", ["User consent settings", "Consent and permissions"]), // R10, R13
        ("check-assignment", ["Assignment required?", "nobody has to be assigned by hand"]), // R11, N8
        ("check-enabled", ["Enabled for users to sign in?", "7000112"]),
        ("check-conditional-access", ["Conditional Access", "Sign-in logs"]), // R12
        ("check-requests", ["Admin consent settings", "Add reviewers"]),      // R14, N9
        ("check-approved", ["Admin consent", "Grant admin consent"]),         // R15
        ("check-again", ["presses Connect again", "the first who asked too"]),
    ] {
        says(topic(&page, id), &words);
    }
    let map = between(&page.text, "id=\"map\"", "</section>"); // N7, N10
    for tab in [
        "All applications",
        "Admin consent requests",
        "Properties",
        "Users and groups",
        "Permissions",
        "Sign-in logs",
    ] {
        says(map, &[tab]);
    }
}

/// Everything in the data stands on the page: nothing is told to programs only.
#[tokio::test]
async fn i02_the_page_holds_everything_that_the_data_holds() {
    let world = World::start().await;
    let html = page(&world)
        .await
        .text
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    let data = manifest(&world).await.json;
    let mut texts = Vec::new();
    collect(&data, "", &mut texts);
    assert!(texts.len() > 150, "{}", texts.len());
    for text in texts {
        assert!(html.contains(&text), "the page lacks: {text}");
    }
}

/// Texts of the data; words of enumerations are told in other words.
fn collect(value: &Value, name: &str, into: &mut Vec<String>) {
    match value {
        Value::String(_) if ["grantor", "policy", "requests_off", "requests_on"].contains(&name) => {}
        Value::String(text) => into.push(text.clone()),
        Value::Object(members) => members.iter().for_each(|(name, inner)| collect(inner, name, into)),
        Value::Array(items) if name != "permissions" || items.iter().all(Value::is_object) => {
            for inner in items {
                collect(inner, name, into);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_page_may_load_nothing_and_run_nothing() {
    let world = World::start().await;
    for path in ["/it", "/doctor", "/problems/not-connected", "/it/unheard"] {
        let answer = Browser::new(&world).open(&format!("{}{path}", world.stack.url)).await;
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(between(&answer.text, "<style>", "</style>"), shared::function::STYLE, "{path}");
        let rest = answer.text.to_lowercase();
        for never in ["<script", "style=", "onclick", "onload", "<img", "<iframe", "javascript:"] {
            assert!(!rest.contains(never), "{path}: {never}");
        }
    }
}

/// WCAG 2.2, 1.4.3 and 1.4.11: text at 4.5 to 1, edges of controls at 3 to 1, in both themes.
#[test]
fn colours_have_the_contrast_that_wcag_aa_asks_for() {
    for theme in [0, 1] {
        let colour = |name: &str| {
            let pair = between(shared::function::STYLE, &format!("--{name}: light-dark("), ")");
            luminance(pair.split(", ").nth(theme).expect("two colours"))
        };
        let ratio = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
        for paper in ["paper", "tint"].map(colour) {
            for ink in ["ink", "soft", "link", "good", "warn"] {
                assert!(ratio(colour(ink), paper) >= 4.5, "{ink}: {}", ratio(colour(ink), paper));
            }
            assert!(ratio(colour("edge"), paper) >= 3.0, "{}", ratio(colour("edge"), paper));
        }
    }
}

/// WCAG's relative luminance of `#rrggbb`.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
