//! The consent doctor (R9–R15, N2, N9): its API, its page, and that both agree with what a connection is told.

mod agree;

use serde_json::{Value, json};

use crate::world::{Answer, Person, World, minutes};

async fn ask(person: &Person<'_>, body: Value) -> Answer {
    person.post("/v1/diagnoses", body).await
}

async fn page(world: &World, form: &str) -> Answer {
    let request = local::http::Request::builder()
        .method("POST")
        .uri(format!("{}/doctor", world.stack.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.as_bytes().to_vec());
    Answer::of(&world.stack.ask(request.expect("a request")).await)
}

#[tokio::test]
async fn r10_to_r15_each_cause_is_told_with_who_and_where_to_click() {
    let world = World::start().await;
    let ana = world.ana().await;
    for (text, who, place) in [
        ("AADSTS65001: not consented", "it_admin", "Grant admin consent"),
        ("AADSTS50105: not assigned", "it_admin", "Assignment required"),
        ("AADSTS53003: blocked", "it_admin", "Conditional Access"),
        ("AADSTS90095: request", "it_admin", "Admin consent requests"),
        ("AADSTS7000112: disabled", "it_admin", "Enabled for users to sign in"),
        ("AADSTS50173: revoked", "recruiter", "Press Connect"),
        ("AADSTS7000215: bad secret", "vendor", "operator"),
    ] {
        let said = ask(&ana, json!({ "text": text })).await;
        assert_eq!((said.status, said.str("/who")), (200, who), "{}", said.text);
        assert!(said.json["steps"].to_string().contains(place), "{}", said.text);
        assert!(said.str("/message").contains(text.split(':').next().expect("a code")), "{}", said.text);
    }
}

#[tokio::test]
async fn an_unknown_code_gets_an_honest_answer_and_microsofts_page() {
    let world = World::start().await;
    let ana = world.ana().await;
    let said = ask(&ana, json!({ "text": "AADSTS987654: brand new" })).await;
    assert_eq!((said.str("/code"), said.str("/who")), ("AADSTS987654", "unknown"));
    assert!(said.str("/docs_url").ends_with("987654"));
    for member in ["transient", "sign_in_again", "tokens_dropped"] {
        assert!(said.json[member].is_null(), "{member}: {}", said.text);
    }
    let nothing = ask(&ana, json!({ "text": "it is broken" })).await;
    assert!(nothing.json["code"].is_null() && nothing.json["docs_url"].is_null(), "{}", nothing.text);
}

#[tokio::test]
async fn r9_a_connection_that_was_dropped_is_explained_from_what_is_stored() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.connection().await["id"].as_str().expect("an id").to_owned();
    let healthy = ask(&ana, json!({ "connection_id": id })).await;
    assert!(healthy.json["code"].is_null() && healthy.json["sign_in_again"] == false, "{}", healthy.text);

    world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    ana.post("/v1/connection/verify", json!({})).await;
    world.advance(minutes(8)).await;
    let shown = ana.connection().await;
    let said = ask(&ana, json!({ "connection_id": id })).await;
    assert_eq!(said.json["code"], shown["problem"]["microsoft"]["code"], "one verdict: {shown}");
    assert_eq!((said.str("/who"), &said.json["sign_in_again"]), ("recruiter", &json!(true)), "{}", said.text);
    let trace = shown["problem"]["microsoft"]["trace_id"].as_str().expect("a trace id");
    assert!(said.str("/message").contains(trace), "{}", said.text);
}

#[tokio::test]
async fn a_connection_is_explained_to_its_user_and_to_administrators_only() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.connection().await["id"].clone();
    let weak =
        |user: &str, customer: &str| json!({ "sub": user, "customer_id": customer, "scope": "connections" });
    let ben = world.person_with(weak("u-ben", "acme")).await;
    assert_eq!(ask(&ben, json!({ "connection_id": id })).await.status, 404);
    let elsewhere = world.person("u-ana", "other", "ana@contoso.com").await;
    assert_eq!(ask(&elsewhere, json!({ "connection_id": id })).await.status, 404);
    let admin = world.person("u-ada", "acme", "ada@contoso.com").await;
    assert_eq!(ask(&admin, json!({ "connection_id": id })).await.status, 200);
    assert_eq!(ask(&ana, json!({ "connection_id": "con_nonsense" })).await.status, 404);
}

#[tokio::test]
async fn a_question_is_one_text_or_one_connection() {
    let world = World::start().await;
    let ana = world.ana().await;
    for body in [json!({}), json!({ "text": 7 }), json!({ "text": "x", "connection_id": "con_x" })] {
        assert_eq!(ask(&ana, body.clone()).await.status, 422, "{body}");
    }
    assert_eq!(ask(&ana, json!({ "text": "x", "more": 1 })).await.problem(), (422, "unknown-field"));
}

#[tokio::test]
async fn the_page_explains_a_pasted_text_without_repeating_it() {
    let world = World::start().await;
    let empty = world.ana().await.get("/doctor").await;
    assert!(empty.status == 200 && empty.text.contains("<textarea"), "{}", empty.text);
    let form = "text=AADSTS50105%3A+%3Cscript%3Ealert(1)%3C%2Fscript%3E+ana.private%40contoso.com";
    let answer = page(&world, form).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text.contains("AADSTS50105") && answer.text.contains("Assignment required"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("alert(1)") && !answer.text.contains("ana.private"), "{}", answer.text);
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(page(&world, "").await.status, 200);
    assert_eq!(page(&world, &format!("text={}", "x".repeat(250_000))).await.status, 413);
}
