//! `--state DIR`: stopped in the evening, started in the morning on another port, and everything goes on.

use std::path::PathBuf;

use local::Options;
use serde_json::json;

use crate::world::{World, minutes};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("convene-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    async fn world(&self) -> World {
        World::with(Options { state: Some(self.0.clone()), ..Options::default() }).await
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_stack_that_is_started_again_goes_on_where_it_stopped() {
    let folder = Folder::new("state");
    let world = folder.world().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-today").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (id, join_url) = (made.str("/id").to_owned(), made.str("/join_url").to_owned());
    let (port, mails) = (world.stack.url.clone(), world.microsoft().mails());
    drop(world);

    let world = folder.world().await;
    world.pass_time(minutes(30));
    assert_ne!(world.stack.url, port, "the old port may be taken");
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.status().await, "connected");
    let read = ana.get(&format!("/v1/interviews/{id}")).await;
    assert_eq!((read.status, read.str("/join_url")), (200, join_url.as_str()));
    assert_eq!(world.microsoft().mails(), mails);
    assert_eq!(world.microsoft().events("ana@contoso.com").len(), 1);

    let replay = ana.schedule("key-of-today").await;
    assert_eq!((replay.status, replay.header("idempotent-replayed")), (201, Some("true")));
    let to =
        json!({ "start": "2026-12-01T15:00:00", "end": "2026-12-01T15:45:00", "time_zone": "Europe/Paris" });
    let moved = ana.post_as("key-of-tomorrow", &format!("/v1/interviews/{id}/reschedule"), &to).await;
    assert_eq!((moved.status, moved.str("/join_url")), (200, join_url.as_str()), "{}", moved.text);

    // A sweep is due within that time: the refresh token of the first evening must still be good.
    world.advance(minutes(50)).await;
    assert_eq!(ana.status().await, "connected");
    let verified = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(verified.str("/status"), "connected", "{}", verified.text);
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("owner");
    drop(folder.world().await);
    let mode = std::fs::metadata(&folder.0).expect("the folder").permissions().mode();
    assert_eq!(mode & 0o077, 0);
}
