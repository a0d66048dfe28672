//! The ends of a sign-in, as the recruiting system (here the demo page) tells them to the recruiter.

use serde_json::json;

use super::chromium::in_chromium;
use super::page::Page;
use crate::world::World;

#[tokio::test]
async fn every_end_of_a_sign_in_is_told_in_words_and_leaves_a_clean_address() {
    in_chromium("ends", async |page| {
        let world = World::start().await;
        page.resize(760, 900).await;
        for (end, words) in [
            (End::Pending, "You declined, or your company requires an approval."),
            (End::WrongAccount, "The address of that account is not yours."),
            (End::WrongTenant, "That account belongs to another organization."),
            (End::Cancelled, "You came back without signing in."),
            (End::Denied, "The permission was declined."),
            (End::NoMailbox, "Connecting did not work."),
            (End::Connected, "Microsoft said yes."),
        ] {
            tell(&world, page, end).await;
            page.shows("returned", words).await;
            page.settled().await;
            let state = match end {
                End::Pending => "Not connected: declined, or waiting for an approval",
                End::Connected => "Connected",
                _ => "Not connected",
            };
            page.shows("connection-state", state).await;
            assert_eq!(page.address().await, format!("{}/", world.stack.url), "{end:?}");
            page.picture("connection", &format!("{end:?}").to_lowercase()).await;
            if end == End::Pending {
                consent_policy(&world, "legacy");
                // Somebody of the company connects: from now on a no is a no.
                world.ana().await;
            }
        }
    })
    .await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Pending,
    WrongAccount,
    WrongTenant,
    Cancelled,
    Denied,
    NoMailbox,
    Connected,
}

fn consent_policy(world: &World, policy: &str) {
    world.switch("consent-policy", json!({ "tenant": "contoso.com", "policy": policy }));
}

async fn tell(world: &World, page: &Page, end: End) {
    page.open(&world.stack.url).await;
    let user = match end {
        End::Pending => "ana",
        End::NoMailbox => "nora",
        _ => "ben",
    };
    page.choose("user", user).await;
    page.shows("connection-state", "Not connected").await;
    if end == End::Pending {
        consent_policy(world, "managed");
    }
    page.click("#connect").await;
    page.is_headed("Pick an account").await;
    let account = match end {
        End::Cancelled => return page.click("#cancel").await,
        End::WrongAccount => "carl@contoso.com",
        End::WrongTenant => "fay@fabrikam.com",
        End::NoMailbox => "nomail@contoso.com",
        End::Denied | End::Connected => "ben@contoso.com",
        End::Pending => "ana@contoso.com",
    };
    page.click(&format!("button[value='{account}']")).await;
    if end == End::Pending {
        page.is_headed("Need admin approval").await;
        return page.click("#cancel").await;
    }
    page.is_headed("Permissions requested").await;
    page.click(if end == End::Denied { "#decline" } else { "#accept" }).await;
    if end == End::NoMailbox {
        page.sees("//*[@id='returned']//a[.='mailbox-unavailable']").await;
        assert_eq!(page.links("#returned a").await, ["/problems/mailbox-unavailable"]);
    }
}
