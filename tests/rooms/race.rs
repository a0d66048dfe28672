//! Two recruiters want the last room at the same time.

use serde_json::json;

use super::{ROOM7, ROOM8, create, path_of, post, shows, with_rooms};
use crate::world::{World, minutes};

async fn race(rooms: &[&str]) -> (World, Vec<String>) {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    world.advance(minutes(2)).await;
    let body = with_rooms(rooms, json!({ "hold_room": true }));
    let (first, second) =
        tokio::join!(create(&ana, "key-of-ana-0001", &body), create(&ben, "key-of-ben-0001", &body));
    assert_eq!((first.status, second.status), (202, 202), "{} {}", first.text, second.text);
    world.advance(minutes(10)).await;
    let mut ends = Vec::new();
    for (person, asked) in [(&ana, first), (&ben, second)] {
        let read = person.get(&path_of(&asked)).await;
        let (status, room, state, problem) = shows(&read);
        ends.push(format!("{status} {room} {state} {problem}"));
    }
    ends.sort_unstable();
    (world, ends)
}

#[tokio::test]
async fn exactly_one_gets_the_last_room_and_the_others_people_never_hear_of_it() {
    let (world, ends) = race(&[ROOM7]).await;
    let expected = [format!("failed {ROOM7} declined room-declined"), format!("scheduled {ROOM7} accepted ")];
    assert_eq!(ends, expected);
    assert_eq!(world.microsoft().events(ROOM7).len(), 1);
    assert_eq!(post(&world)["invites dana"], 1, "only the winner's candidate was mailed: {:?}", post(&world));
    assert!(!post(&world).contains_key("cancels dana"));
    let standing = world.meetings("ana@contoso.com").len() + world.meetings("ben@contoso.com").len();
    assert_eq!(standing, 1);
}

#[tokio::test]
async fn the_other_one_gets_the_next_room() {
    let (world, ends) = race(&[ROOM7, ROOM8]).await;
    let expected = [format!("scheduled {ROOM7} accepted "), format!("scheduled {ROOM8} accepted ")];
    assert_eq!(ends, expected);
    assert_eq!((world.microsoft().events(ROOM7).len(), world.microsoft().events(ROOM8).len()), (1, 1));
    assert_eq!(post(&world)["invites dana"], 2, "each candidate once: {:?}", post(&world));
}
