//! What the receipt of a deletion is worth: copies do not open, a repeat tells the same, and whoever dies half-way is
//! succeeded by whoever comes next.

use serde_json::{Value, json};

use crate::crash::dies_after;
use crate::world::{Answer, Person, Rows, World, minutes};

fn delete(world: &World, person: &Person<'_>) -> local::http::Request<Vec<u8>> {
    let request = local::http::Request::builder()
        .method("DELETE")
        .uri(format!("{}/v1/customer", world.stack.url))
        .header("authorization", format!("Bearer {}", person.token));
    request.body(Vec::new()).expect("a request")
}

fn times(receipt: &Answer) -> [String; 3] {
    ["/keys_destroyed_at", "/irrecoverable_after", "/access_tokens_end_by"]
        .map(|name| receipt.str(name).to_owned())
}

/// Puts rows back as a restored backup would.
fn restore(world: &World, table: &str, rows: &[Value]) {
    for row in rows {
        let request = serde_json::from_value(json!({ "TableName": table, "Item": row })).expect("a request");
        world.stack.aws.database().put_item(request).expect("stored");
    }
}

/// C11, threat 31.
#[tokio::test]
async fn rows_that_come_back_from_a_copy_do_not_open() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-creation").await;
    let copy = world.stack.aws.dump()["convene"].as_array().expect("rows").clone();
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    world.advance(minutes(2)).await;
    let own = |row: &&Value| row.to_string().contains("C#acme");
    let copy: Vec<Value> = copy.iter().filter(own).cloned().collect();
    assert!(copy.len() >= 5, "settings, connection, pointer, interview, claim");

    restore(&world, "convene", &copy);
    assert_eq!(ana.status().await, "connected", "the row says so");
    assert_eq!(
        ana.schedule("key-of-another").await.problem(),
        (409, "not-connected"),
        "and nothing comes of it"
    );
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.problem(), (409, "not-connected"));
    assert_eq!(ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await.status, 404);
    world.advance(minutes(60)).await;
    assert_eq!(world.meetings("ana@contoso.com").len(), 1);

    // With a new key of the same customer they do not open either.
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    assert!(ana.schedule("key-of-a-third").await.status >= 400);
    assert!(ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await.status >= 400);
    assert_eq!(ben.schedule("key-of-ben").await.status, 201);
}

#[tokio::test]
async fn a_repeat_tells_the_times_of_the_first() {
    let world = World::start().await;
    let ana = world.ana().await;
    let first = ana.delete("/v1/customer").await;
    world.pass_time(minutes(30));
    let again = ana.delete("/v1/customer").await;
    assert_eq!((again.status, &again.json), (202, &first.json));
    world.advance(minutes(2)).await;
    assert_eq!(Rows::of(&world).with("C#acme").count(), 0);
}

#[tokio::test]
async fn a_key_that_comes_late_moves_the_times_for_it_could_have_sealed_something() {
    let world = World::start().await;
    let ana = world.ana().await;
    let key = world.stack.aws.dump()["convene-keys"][0].clone();
    let first = ana.delete("/v1/customer").await;
    world.pass_time(minutes(30));
    restore(&world, "convene-keys", &[key]);
    let again = ana.delete("/v1/customer").await;
    assert_eq!(Rows::keys(&world), 0);
    assert_eq!(again.str("/requested_at"), first.str("/requested_at"));
    for (before, after) in times(&first).iter().zip(times(&again)) {
        assert!(*before < after, "{before} {after}");
    }
}

#[tokio::test]
async fn where_there_is_nothing_there_is_a_receipt_and_nothing_is_left_of_it() {
    let world = World::start().await;
    let ada = world.person_with(json!({ "sub": "u-ada", "customer_id": "nobody", "scope": "admin" })).await;
    let receipt = ada.delete("/v1/customer").await;
    assert_eq!(receipt.status, 202, "{}", receipt.text);
    assert_eq!(receipt.json["checked"]["sealed_values_tried"], 0);
    assert_eq!(times(&ada.delete("/v1/customer").await), times(&receipt));
    world.advance(minutes(2)).await;
    assert_eq!(Rows::of(&world).with("C#nobody").count(), 0);
}

/// After each call of the deletion its function dies; either the client comes back, or follow-ups are alone with it.
#[tokio::test]
async fn whoever_dies_half_way_is_succeeded() {
    for client_comes_back in [true, false] {
        let mut n = 0;
        loop {
            n += 1;
            let case = format!("dies after call {n}, client comes back: {client_comes_back}");
            let world = World::start().await;
            let ana = world.ana().await;
            assert_eq!(ana.schedule("key-of-creation").await.status, 201);
            world.forgets();
            let died = dies_after(&world, n, world.stack.ask(delete(&world, &ana))).await.is_none();
            if client_comes_back {
                world.pass_time(minutes(5));
                let receipt = ana.delete("/v1/customer").await;
                assert_eq!((receipt.status, &receipt.json["keys_destroyed"]), (202, &json!(true)), "{case}");
                assert_eq!(Rows::keys(&world), 0, "{case}");
                assert_eq!(ana.delete("/v1/customer").await.json, receipt.json, "{case}");
            }
            world.advance(minutes(3)).await;
            let marked = n > 1 || client_comes_back || !died;
            assert_eq!(Rows::keys(&world) == 0, marked, "{case}");
            let rows = Rows::of(&world).with("C#acme").count() + Rows::of(&world).with("S#").count();
            assert_eq!(rows == 0, marked, "{case}: {rows} rows");
            if !died {
                break;
            }
        }
        println!("a deletion died after each of {} calls", n - 1);
        assert!(n > 5, "{n}");
    }
}
