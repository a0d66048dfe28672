//! Pages in a real browser: what a person sees and presses, and what has happened underneath.

mod approval;
mod chromium;
mod ends;
mod forecast;
mod grid;
mod it;
mod newest;
mod page;
mod refusals;

use jiff::ToSpan;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use local::{Options, Stack, StackClock};
use serde_json::Value;
use shared::clock::Clock;
use sim::MailKind;

use chromium::in_chromium;
use page::Page;

const ANA: &str = "ana@contoso.com";
const TITLE: &str = "Interview: Head of Engineering";

#[tokio::test]
async fn a_recruiter_connects_schedules_moves_and_cancels_in_the_browser() {
    let stack = stack().await;
    in_chromium("story", async |page| {
        open(&stack, page).await;
        connect(&stack, page).await;
        let link = schedule(&stack, page).await;
        move_it(&stack, page, &link).await;
        cancel(&stack, page).await;
        page.resize(400, 900).await;
        assert!(page.fits().await, "nothing sticks out of a phone's screen");
        page.shot("phone").await;
    })
    .await;
    assert_eq!(stack.journal.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn the_keyboard_reaches_everything_on_the_page_and_is_never_trapped() {
    let stack = stack().await;
    in_chromium("keyboard", async |page| {
        page.open(&stack.url).await;
        let stops = page.tab_round().await;
        let place = |id: &str| {
            stops.iter().position(|stop| stop == id).unwrap_or_else(|| panic!("no Tab reaches {id}"))
        };
        let order = [
            "user",
            "connect",
            "title",
            "candidate",
            "start",
            "end",
            "zone",
            "room",
            "teams",
            "schedule",
            "mailbox",
            "app",
        ];
        assert!(order.is_sorted_by_key(|id| place(id)), "{order:?} are reached as {stops:?}");
        page.focus("connect").await;
        page.press_enter().await;
        page.sees("//h1[.='Pick an account']").await;
    })
    .await;
}

async fn stack() -> Stack {
    Stack::start(StackClock::running(), Options::default()).await.expect("the stack starts")
}

async fn open(stack: &Stack, page: &Page) {
    page.open(&stack.url.replace("localhost", "127.0.0.1")).await;
    assert_eq!(
        page.address().await,
        format!("{}/", stack.url),
        "sign-in works on localhost only: the page goes there"
    );
    page.shows("connection-state", "Not connected").await;
    page.shows("calendar", "Empty.").await;
    page.shows("outbox", "None yet.").await;
    assert!(calendar(stack).is_empty() && stack.microsoft.redemptions().is_empty());
}

/// By Microsoft's own pages, which are another site.
async fn connect(stack: &Stack, page: &Page) {
    page.click("#connect").await;
    page.sees("//h1[.='Pick an account']").await;
    assert_eq!(page.host().await, "127.0.0.1");
    page.shot("microsoft-account").await;
    page.click("button[value='ana@contoso.com']").await;
    page.sees("//main[contains(., 'Have full access to your calendars')]").await;
    page.shot("microsoft-consent").await;
    assert!(stack.microsoft.redemptions().is_empty(), "nothing happens before the person accepts");

    page.click("#accept").await;
    page.shows("connection-state", "Connected").await;
    page.shows("connection-state", ANA).await;
    page.shows("returned", "Microsoft said yes.").await;
    assert_eq!(page.address().await, format!("{}/", stack.url), "the outcome is taken out of the address");
    let redeemed: Vec<_> =
        stack.microsoft.redemptions().into_iter().map(|one| (one.user, one.code)).collect();
    assert_eq!(redeemed, [(ANA.to_owned(), 0)]);
    page.settled().await;
    page.shot("connected").await;
}

/// Gives the Teams link.
async fn schedule(stack: &Stack, page: &Page) -> String {
    let start = in_a_week(stack).at(10, 0, 0, 0);
    page.write("title", TITLE).await;
    page.write("candidate", "dana@example.org").await;
    page.enter_time("start", start).await;
    page.enter_time("end", start + 45.minutes()).await;
    assert_eq!(page.value("zone").await, "Europe/Paris", "the zone is the browser's");
    page.click("#schedule").await;
    let status = format!("//li[@data-status='scheduled'][contains(., '{TITLE}')]");
    page.sees(&status).await;
    page.settled().await;
    for part in ["list", "calendar"] {
        page.shows(part, &start.strftime("%-d %B %Y").to_string()).await;
        page.shows(part, "10:00 – 10:45").await;
    }
    page.shows("said", "Scheduled").await;
    page.shows("outbox", "invitation to dana@example.org").await;
    page.shot("scheduled").await;

    let event = only_event(stack);
    assert_eq!(event["subject"], TITLE);
    assert_eq!(
        (instant(&event, "start"), instant(&event, "end")),
        (in_utc(start), in_utc(start + 45.minutes()))
    );
    let link = event["onlineMeeting"]["joinUrl"].as_str().expect("a Teams link").to_owned();
    assert_eq!(page.links("#list a").await, [link.as_str()]);
    assert_eq!(page.links("#calendar a").await, [link.as_str()]);
    assert_eq!(mails(stack, MailKind::Invitation), ["carl@contoso.com", "dana@example.org"]);
    link
}

async fn move_it(stack: &Stack, page: &Page, link: &str) {
    let before = only_event(stack);
    let start = in_a_week(stack).at(14, 0, 0, 0);
    page.click("[data-do=move]").await;
    page.shows("change-title", TITLE).await;
    page.enter_time("new-start", start).await;
    page.enter_time("new-end", start + 1.hour()).await;
    page.shot("move").await;
    page.click("#change-do").await;
    page.shows("said", "Moved").await;
    page.settled().await;
    page.shows("list", "14:00 – 15:00").await;
    page.shows("calendar", "14:00 – 15:00").await;
    page.shows("outbox", "update to dana@example.org").await;
    page.shot("moved").await;

    let event = only_event(stack);
    assert_eq!(event["id"], before["id"], "the same event");
    assert_eq!((instant(&event, "start"), instant(&event, "end")), (in_utc(start), in_utc(start + 1.hour())));
    assert_eq!(event["onlineMeeting"]["joinUrl"], link);
    assert_eq!(page.links("#calendar a").await, [link]);
    assert_eq!(mails(stack, MailKind::Update), ["carl@contoso.com", "dana@example.org"]);
}

async fn cancel(stack: &Stack, page: &Page) {
    let comment = "The position is filled. Thank you!";
    page.click("[data-do=cancel]").await;
    page.write("comment", comment).await;
    page.click("#change-do").await;
    page.sees(&format!("//li[@data-status='cancelled'][contains(., '{TITLE}')]")).await;
    page.settled().await;
    page.shows("said", "Cancelled").await;
    page.shows("calendar", "Empty.").await;
    page.shows("outbox", "cancellation to dana@example.org").await;
    page.shows("outbox", comment).await;
    assert!(page.links("#list a").await.is_empty(), "a cancelled interview has no link to join");
    page.shot("cancelled").await;

    assert!(calendar(stack).is_empty());
    assert_eq!(mails(stack, MailKind::Cancellation), ["carl@contoso.com", "dana@example.org"]);
    assert!(stack.microsoft.mails().iter().all(|m| m.kind != MailKind::Cancellation || m.comment == comment));

    page.choose("mailbox", "carl@contoso.com").await;
    page.shows("calendar", "(cancelled)").await;
    assert_eq!(stack.microsoft.events("carl@contoso.com")[0]["isCancelled"], true);
}

fn calendar(stack: &Stack) -> Vec<Value> {
    stack.microsoft.events(ANA)
}

fn only_event(stack: &Stack) -> Value {
    let mut events = calendar(stack);
    assert_eq!(events.len(), 1, "{events:#?}");
    events.remove(0)
}

/// Who got mails of this kind.
fn mails(stack: &Stack, kind: MailKind) -> Vec<String> {
    let mails = stack.microsoft.mails().into_iter().filter(|mail| mail.kind == kind);
    let mut to: Vec<String> = mails.map(|mail| mail.to).collect();
    to.sort();
    to
}

/// The day a week from now, as the browser's clock shows it.
fn in_a_week(stack: &Stack) -> jiff::civil::Date {
    paris().to_datetime(stack.clock.now()).date() + 7.days()
}

/// A local time of Paris as Graph shows it in UTC.
fn in_utc(local: DateTime) -> String {
    let instant = paris().to_ambiguous_timestamp(local).unambiguous().expect("one instant");
    TimeZone::UTC.to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn instant(event: &Value, name: &str) -> String {
    assert_eq!(event[name]["timeZone"], "UTC");
    event[name]["dateTime"].as_str().and_then(|text| text.split('.').next()).unwrap_or_default().to_owned()
}

fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").expect("the zone is known")
}
