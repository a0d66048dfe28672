//! The page for IT administrators: what it says, that it says what is so, and who may open a company's own.

mod link;
mod said;
mod tenants;

use crate::world::{Answer, Browser, World};

/// The public page.
async fn page(world: &World) -> Answer {
    let answer = Browser::new(world).open(&format!("{}/it", world.stack.url)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The same as data.
async fn manifest(world: &World) -> Answer {
    let answer = Browser::new(world).open(&format!("{}/it/manifest.json", world.stack.url)).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json")),
        "{}",
        answer.text
    );
    answer
}

/// The text between two marks.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("{from} is not there")).1;
    rest.split_once(to).unwrap_or_else(|| panic!("{to} does not follow {from}")).0
}
