//! Nobody listens where the store or the key service should be, for a while: nothing is done, everybody is told to
//! come again, and afterwards everything goes on.

use std::net::SocketAddr;

use futures::future::join_all;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::exactly_once::quiesce;
use crate::journeys::{hold, lives, sound};
use crate::world::{World, minutes};

/// A port that leads to the stand-ins while it is open; shut, it refuses.
struct Door {
    at: SocketAddr,
    open: Option<JoinHandle<()>>,
}

impl Door {
    fn new() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        Self { at: listener.local_addr().expect("an address"), open: None }
    }

    async fn open(&mut self, world: &World) {
        let listener = TcpListener::bind(self.at).await.expect("the port is free");
        let port = world.stack.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let inside = SocketAddr::from(([127, 0, 0, 1], port));
        self.open = Some(tokio::spawn(async move {
            let mut guests = JoinSet::new();
            while let Ok((mut guest, _)) = listener.accept().await {
                guests.spawn(async move {
                    let mut host = TcpStream::connect(inside).await.expect("the stand-ins listen");
                    let _ = tokio::io::copy_bidirectional(&mut guest, &mut host).await;
                });
            }
        }));
    }

    /// Whoever is inside is thrown out.
    async fn shut(&mut self) {
        let open = self.open.take().expect("it is open");
        open.abort();
        let _ = open.await;
    }
}

async fn nobody_listens_at(service: &str) {
    let mut door = Door::new();
    let name = format!("AWS_ENDPOINT_URL_{service}");
    let world = World::with_setting(&name, &format!("http://{}/aws", door.at)).await;
    door.open(&world).await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let (browser, authorize) = ben.begin().await;
    let back = world.microsoft().sign_in(&authorize, &ben.email, sim::Answer::Accept).expect("back");
    world.until_swept("acme").await;
    world.skip_to_the_sweep("acme").await;
    world.pass_time(minutes(1));
    let (ana, ben) =
        (world.person("u-ana", "acme", &ana.email).await, world.person("u-ben", "acme", &ben.email).await);
    world.forget_keys("acme");
    door.shut().await;

    let (before, generation) = (world.journal().last(), world.microsoft().redemptions().len());
    let asked = join_all((0..3).map(|_| ana.schedule("key-of-a-shut-door")));
    let (made, verified, returned) =
        futures::join!(asked, ana.post("/v1/connection/verify", json!({})), browser.open(&back));
    let swept = world.tick("token-refresh").await;
    let followed = world.tick("follow-ups").await;
    for answer in made.iter().chain([&verified, &returned]) {
        sound(answer, false, service);
    }
    for answer in made.iter().chain([&verified]) {
        assert!(
            answer.problem() == (503, "service-unavailable")
                || answer.problem() == (409, "idempotency-key-in-progress"),
            "{service}: {answer:?}"
        );
    }
    assert!(swept["panicked"].is_null() && followed["panicked"].is_null(), "{service}: {swept} {followed}");
    let written = world.graph_since(before).into_iter().filter(|call| call.starts_with("POST")).count();
    assert_eq!(written, 0, "{service}: without the store or a token nothing is written");
    let redeemed = world.microsoft().redemptions().len() - generation;
    println!("{service} refused: {redeemed} redemptions, sweep {swept}");

    door.open(&world).await;
    world.pass_time(minutes(1));
    assert_eq!(ana.schedule("key-of-a-shut-door").await.status, 201, "{service}");
    assert_eq!(ben.connect().await, "connected", "{service}");
    quiesce(&world).await;
    world.until_swept("acme").await;
    let (ana, ben) =
        (world.person("u-ana", "acme", &ana.email).await, world.person("u-ben", "acme", &ben.email).await);
    assert_eq!(world.meetings(&ana.email).len(), 1, "{service}");
    for who in [&ana, &ben] {
        lives(who, service).await;
    }
    hold(&world, "acme", service).await;
}

#[tokio::test]
async fn where_the_store_does_not_listen_everybody_is_told_to_come_again() {
    nobody_listens_at("DYNAMODB").await;
}

#[tokio::test]
async fn where_the_key_service_does_not_listen_nothing_is_lost() {
    nobody_listens_at("KMS").await;
}
