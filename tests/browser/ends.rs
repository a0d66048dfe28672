//! The ends of a sign-in, as the recruiting system (here the demo page) tells them to the recruiter.

use super::chromium::in_chromium;
use super::page::Page;
use crate::world::World;

#[tokio::test]
async fn every_end_of_a_sign_in_is_told_in_words_and_leaves_a_clean_address() {
    in_chromium("ends", async |page| {
        let world = World::start().await;
        // Somebody else of the company is connected: from now on a no is a no.
        world.ana().await;
        page.resize(900, 700).await;
        for (end, words) in [
            (End::WrongAccount, "That was another account than yours."),
            (End::WrongTenant, "That account belongs to another organisation."),
            (End::Cancelled, "You came back without signing in."),
            (End::Denied, "The permission was declined."),
            (End::NoMailbox, "Connecting did not work."),
            (End::Connected, "Microsoft said yes."),
        ] {
            tell(&world, page, end).await;
            page.shows("returned", words).await;
            page.settled().await;
            let connected = if end == End::Connected { "Connected" } else { "Not connected" };
            page.shows("connection-state", connected).await;
            assert_eq!(page.address().await, format!("{}/", world.stack.url), "{end:?}");
            page.shot(&format!("{end:?}").to_lowercase()).await;
        }
    })
    .await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    WrongAccount,
    WrongTenant,
    Cancelled,
    Denied,
    NoMailbox,
    Connected,
}

async fn tell(world: &World, page: &Page, end: End) {
    page.open(&world.stack.url).await;
    page.choose("user", if end == End::NoMailbox { "nora" } else { "ben" }).await;
    page.shows("connection-state", "Not connected").await;
    page.click("#connect").await;
    page.is_headed("Pick an account").await;
    let account = match end {
        End::Cancelled => return page.click("#cancel").await,
        End::WrongAccount => "carl@contoso.com",
        End::WrongTenant => "fay@fabrikam.com",
        End::NoMailbox => "nomail@contoso.com",
        End::Denied | End::Connected => "ben@contoso.com",
    };
    page.click(&format!("button[value='{account}']")).await;
    page.is_headed("Permissions requested").await;
    page.click(if end == End::Denied { "#decline" } else { "#accept" }).await;
    if end == End::NoMailbox {
        page.sees("//*[@id='returned']//a[.='mailbox-unavailable']").await;
        assert_eq!(page.links("#returned a").await, ["/problems/mailbox-unavailable"]);
    }
}
