//! Reading interviews: from the store alone, and by nobody who has no business with them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{Person, World, interview, minutes};

/// A user of the ATS without the scope `admin`.
async fn plain<'a>(world: &'a World, user: &str, customer: &str, email: &str) -> Person<'a> {
    let claims =
        json!({ "sub": user, "customer_id": customer, "email": email, "scope": "connections interviews" });
    world.person_with(claims).await
}

#[tokio::test]
async fn a_read_shows_what_the_create_answered_and_asks_only_the_store() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let n = world.journal().last();
    let read = ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await;
    assert_eq!((read.status, &read.json), (200, &made.json));
    assert_eq!(read.header("etag"), made.header("etag"));
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn others_are_told_that_it_does_not_exist_and_administrators_see_it() {
    let world = World::start().await;
    world.ana().await;
    let ana = plain(&world, "u-ana", "acme", "ana@contoso.com").await;
    let path = format!("/v1/interviews/{}", ana.schedule("key-of-one-request").await.str("/id"));
    assert_eq!(ana.get(&path).await.status, 200);
    let ben = plain(&world, "u-ben", "acme", "ben@contoso.com").await;
    let fay = world.person("u-ana", "globex", "fay@fabrikam.com").await;
    let when = json!({ "start": "2026-12-02T10:00:00Z", "end": "2026-12-02T10:45:00Z" });
    for other in [&ben, &fay] {
        assert_eq!(other.get(&path).await.problem(), (404, "not-found"));
        assert_eq!(
            other.patch(&path, json!({ "title": "Mine" })).await.status,
            if other.customer == "acme" { 404 } else { 409 }
        );
        let moved = other.post_as("key-of-another", &format!("{path}/reschedule"), &when).await;
        assert_eq!(moved.status, if other.customer == "acme" { 404 } else { 409 }, "{}", moved.text);
        assert_eq!(other.get("/v1/interviews").await.json, json!({ "data": [], "next_cursor": null }));
    }
    assert_eq!(ben.connect().await, "connected");
    assert_eq!(fay.connect().await, "connected");
    for other in [&ben, &fay] {
        for path in [
            path.clone(),
            "/v1/interviews/int_00000000000000000000000000".to_owned(),
            "/v1/interviews/x".to_owned(),
        ] {
            assert_eq!(other.get(&path).await.problem(), (404, "not-found"));
            assert_eq!(other.patch(&path, json!({ "title": "Mine" })).await.problem(), (404, "not-found"));
            for verb in ["reschedule", "cancel"] {
                let body = if verb == "cancel" { json!({}) } else { when.clone() };
                let answer = other.post_as(&format!("key-{verb}"), &format!("{path}/{verb}"), &body).await;
                assert_eq!(answer.problem(), (404, "not-found"), "{verb} {path}");
            }
        }
    }
    assert_eq!(world.mails().len(), 2, "nobody was told of anything");
    let admin = world.person_with(json!({ "sub": "u-boss", "customer_id": "acme", "scope": "admin" })).await;
    assert_eq!(admin.get(&path).await.status, 200);
    let patched = admin.patch(&path, json!({ "title": "Interview: Platform engineer" })).await;
    assert_eq!(
        (patched.status, patched.str("/title")),
        (200, "Interview: Platform engineer"),
        "{}",
        patched.text
    );
    assert_eq!(patched.str("/requested_by"), "u-ana");
    assert_eq!(world.meeting("ana@contoso.com")["subject"], "Interview: Platform engineer");
}

#[tokio::test]
async fn a_list_is_paged_newest_first_and_each_sees_his_own() {
    let world = World::start().await;
    world.ana().await;
    let ana = plain(&world, "u-ana", "acme", "ana@contoso.com").await;
    let ben = plain(&world, "u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let admin = world.person_with(json!({ "sub": "u-boss", "customer_id": "acme", "scope": "admin" })).await;
    let mut made = Vec::new();
    for n in 0..7 {
        let who = if n % 3 == 2 { &ben } else { &ana };
        let mut body = interview();
        body["title"] = json!(format!("Interview {n}"));
        let answer = who.post_as(&format!("key-number-{n}"), "/v1/interviews", &body).await;
        made.push((answer.str("/id").to_owned(), answer.str("/requested_by").to_owned()));
        world.pass_time(minutes(1));
    }
    made.reverse();
    for (who, owner) in [(&ana, Some("u-ana")), (&ben, Some("u-ben")), (&admin, None)] {
        let wanted: Vec<&str> =
            made.iter().filter(|(_, by)| owner.is_none_or(|o| o == by)).map(|(id, _)| id.as_str()).collect();
        for limit in [1, 2, 50] {
            let pages = all_pages(who, limit).await;
            assert!(pages.iter().all(|page| page.len() <= limit), "{pages:?}");
            assert_eq!(pages.concat(), wanted, "{owner:?} by {limit}");
        }
    }
    let whole = admin.get("/v1/interviews").await;
    assert_eq!(whole.json["data"].as_array().map(Vec::len), Some(7));
    assert!(whole.json["next_cursor"].is_null());
    let one = ana.get(&format!("/v1/interviews/{}", whole.str("/data/0/id"))).await;
    assert_eq!(whole.json["data"][0], one.json, "an item of a list is the resource itself");
}

async fn all_pages(who: &Person<'_>, limit: usize) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    let mut seen = BTreeSet::new();
    loop {
        let page = who.get(&format!("/v1/interviews?limit={limit}{cursor}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let ids = page.json["data"]
            .as_array()
            .expect("data")
            .iter()
            .map(|i| i["id"].as_str().expect("id").to_owned());
        pages.push(ids.collect());
        let Value::String(next) = &page.json["next_cursor"] else { return pages };
        assert!(seen.insert(next.clone()), "a cursor leads on");
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn a_list_takes_no_odd_limit_or_cursor() {
    let world = World::start().await;
    let ana = world.ana().await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=%2B5",
        "limit=",
        "cursor=%00",
        "cursor=abc",
        "cursor=",
        "limit=5&limit=5",
    ] {
        let answer = ana.get(&format!("/v1/interviews?{query}")).await;
        assert_eq!(answer.problem(), (422, "invalid-request"), "{query}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_token_without_the_scope_gets_nowhere() {
    let world = World::start().await;
    world.ana().await;
    let claims = json!({ "sub": "u-ana", "customer_id": "acme", "scope": "connections availability" });
    let ana = world.person_with(claims).await;
    assert_eq!(ana.get("/v1/interviews").await.status, 403);
    assert_eq!(ana.schedule("key-of-one-request").await.status, 403);
    let admin = world.person_with(json!({ "sub": "u-ana", "customer_id": "acme", "scope": "admin" })).await;
    assert_eq!(admin.schedule("key-of-one-request").await.status, 403, "creating needs the scope interviews");
}
