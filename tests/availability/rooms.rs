//! The list of rooms, from three sources.

use serde_json::{Value, json};

use super::open_world;
use crate::world::{Person, World};

fn names(answer: &Value) -> Vec<&str> {
    let rooms = answer["data"].as_array().expect("a list").iter();
    rooms
        .map(|room| room["email"].as_str().expect("an address").split('@').next().unwrap_or_default())
        .collect()
}

async fn list(person: &Person<'_>, query: &str) -> Value {
    let answer = person.get(&format!("/v1/rooms{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json
}

/// Ana's customer has this feature and her tenant's administrator has approved it.
async fn with_feature<'a>(world: &'a World, feature: &str, scope: &str) -> Person<'a> {
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.patch("/v1/customer", json!({ "features": [feature, "rooms"] })).await.status, 200);
    let scopes = format!("openid profile email offline_access User.Read Calendars.ReadWrite {scope}");
    world.switch("grant-admin-consent", json!({ "tenant": "contoso.com", "scopes": scopes }));
    assert_eq!(ana.connect().await, "connected");
    ana
}

#[tokio::test]
async fn the_customers_own_list_is_filtered_and_paged() {
    let world = open_world().await;
    let ana = world.ana().await;
    assert_eq!(list(&ana, "").await, json!({ "data": [], "next_cursor": null }));
    let rooms = json!([
        { "email": "room7@contoso.com", "name": "Room 7", "capacity": 8, "building": "Main" },
        { "email": "room8@contoso.com", "name": "Room 8", "capacity": 4, "building": "main" },
        { "email": "room9@contoso.com", "building": "Tower" },
    ]);
    assert_eq!(ana.patch("/v1/customer", json!({ "rooms": rooms })).await.status, 200);
    let n = world.journal().last();
    let all = list(&ana, "").await;
    assert_eq!(
        all["data"][0],
        json!({ "email": "room7@contoso.com", "name": "Room 7", "capacity": 8, "building": "Main", "source": "rooms" })
    );
    assert_eq!(names(&list(&ana, "?building=MAIN").await), ["room7", "room8"]);
    assert_eq!(names(&list(&ana, "?min_capacity=6").await), ["room7"], "of room 9 the size is not known");
    let page = list(&ana, "?limit=2").await;
    let cursor = page["next_cursor"].as_str().expect("a next page");
    assert_eq!(names(&page), ["room7", "room8"]);
    assert_eq!(names(&list(&ana, &format!("?limit=2&cursor={cursor}")).await), ["room9"]);
    // It leads on in the list that it came from, and in no other.
    let elsewhere = ana.get(&format!("/v1/rooms?building=Main&cursor={cursor}")).await;
    assert_eq!(elsewhere.problem(), (422, "invalid-request"), "{}", elsewhere.text);
    assert!(world.graph_since(n).is_empty(), "nobody is asked for what is kept here");
    let refused = ana.get("/v1/rooms?limit=0&cursor=2").await;
    assert_eq!((refused.status, refused.json["errors"].as_array().map(Vec::len)), (422, Some(2)));
    for query in ["min_capacity=x", "min_capacity=-1", "min_capacity=10001"] {
        assert_eq!(
            ana.get(&format!("/v1/rooms?{query}")).await.problem(),
            (422, "invalid-request"),
            "{query}"
        );
    }
    assert_eq!(ana.get("/v1/rooms?capacity=4").await.problem(), (422, "unknown-field"));
}

#[tokio::test]
async fn the_directory_is_read_page_by_page_without_rooms_that_cannot_be_booked() {
    let world = open_world().await;
    for n in 100..330 {
        let email = format!("room{n}@contoso.com");
        world.microsoft().add_user(&email, &format!("Room {n}"));
        let place = json!({ "room": email, "capacity": n % 10, "building": if n < 200 { "North" } else { "South" },
            "reserved": n % 2 == 1 });
        world.switch("place", place);
    }
    let ana = with_feature(&world, "rooms_directory", "Place.Read.All").await;
    world.journal().clear();
    let first = list(&ana, "?limit=60&building=North").await;
    assert_eq!(names(&first).len(), 50, "half of a hundred are reserved");
    let (mut seen, mut cursor, mut calls) = (Vec::new(), String::new(), 0);
    loop {
        let page = list(&ana, &format!("?limit=40&min_capacity=4{cursor}")).await;
        seen.extend(names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>());
        calls += 1;
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    // 4, 6 and 8 of every ten, and rooms 7 and 8.
    assert_eq!((seen.len(), calls), (69 + 2, 2));
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "no room twice");
    assert_eq!(list(&ana, "?limit=1").await["data"][0]["source"], "rooms_directory");
}

#[tokio::test]
async fn a_building_is_also_the_name_of_a_room_list() {
    let world = open_world().await;
    world.switch("place", json!({ "room": "room8@contoso.com", "capacity": 4, "list": "Old Mill" }));
    let ana = with_feature(&world, "rooms_directory", "Place.Read.All").await;
    let found = list(&ana, "?building=old%20mill").await;
    assert_eq!((names(&found), found["data"][0]["building"].as_str()), (vec!["room8"], Some("old mill")));
    assert_eq!(names(&list(&ana, "?building=Main").await), ["room7"]);
}

#[tokio::test]
async fn the_older_way_tells_names_and_addresses() {
    let world = open_world().await;
    let ana = with_feature(&world, "rooms_basic", "User.ReadBasic.All").await;
    world.journal().clear();
    let found = list(&ana, "").await;
    assert_eq!(names(&found), ["room7", "room8"]);
    assert_eq!(
        found["data"][0],
        json!({ "email": "room7@contoso.com", "name": "Room 7", "capacity": null, "building": null, "source": "rooms_basic" })
    );
    assert_eq!(world.graph_since(0), ["GET /me/findRooms"]);
    assert!(names(&list(&ana, "?min_capacity=2").await).is_empty(), "sizes are not told");
}

#[tokio::test]
async fn a_permission_that_is_not_approved_yet_leaves_the_own_list_or_is_named() {
    let world = open_world().await;
    let ana = world.ana().await;
    let rooms = json!([{ "email": "room7@contoso.com" }]);
    let patch = json!({ "features": ["rooms_directory", "rooms"], "rooms": rooms });
    assert_eq!(ana.patch("/v1/customer", patch).await.status, 200);
    assert_eq!(list(&ana, "").await["data"][0]["source"], "rooms");
    assert_eq!(ana.patch("/v1/customer", json!({ "features": ["rooms_directory"] })).await.status, 200);
    let refused = ana.get("/v1/rooms").await;
    assert_eq!(refused.problem(), (403, "scope-missing"));
    assert!(refused.str("/detail").contains("Place.Read.All"), "{}", refused.text);
}
