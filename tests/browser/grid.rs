//! "Find a time" on the demo page, by keyboard alone: who is free, busy or unknown, and a slot that is taken, moved
//! and given back.

use fantoccini::key::Key;
use jiff::Timestamp;
use local::{Options, Stack, StackClock, furnish};
use serde_json::{Value, json};
use sim::MailKind;

use super::chromium::in_chromium;
use super::page::Page;
use super::{calendar, connect, mails, only_event, open};

const PANEL: [&str; 3] = ["carl@contoso.com", "dana@example.org", "dora@contoso.com"];

#[tokio::test]
async fn a_time_is_found_taken_moved_and_given_back_by_keyboard_alone() {
    let stack = furnished().await;
    in_chromium("grid", async |page| {
        open(&stack, page).await;
        refused_before_connecting(page).await;
        connect(&stack, page).await;
        ask(page).await;
        look_at_the_calendars(page).await;
        lose_a_slot(&stack, page).await;
        let link = take(&stack, page).await;
        move_on(&stack, page, &link).await;
        on_a_phone(page).await;
        give_back(&stack, page).await;
    })
    .await;
    assert_eq!(stack.journal.violations(), Vec::<String>::new());
}

/// As `cargo local` starts it.
async fn furnished() -> Stack {
    let mut options = Options::default();
    options.settings.insert("FEATURES".to_owned(), "calendar,availability,rooms".to_owned());
    let stack = Stack::start(StackClock::running(), options).await.expect("the stack starts");
    furnish(&stack).await.expect("it is furnished");
    stack
}

/// The page says who must act.
async fn refused_before_connecting(page: &Page) {
    page.tab_to("#look").await;
    page.press_enter().await;
    page.sees("//*[@id='find'][@data-state='failed']").await;
    page.shows("look-problem", "Who must act: you, the recruiter.").await;
    page.shows("look-problem", "not-connected").await;
}

/// Two of three people, of whom one cannot be looked into; the week after the one that begins.
async fn ask(page: &Page) {
    page.tab_to("#people [value='otto@contoso.com']").await;
    page.press_space().await;
    page.tab_to("#need").await;
    page.press(Key::Down).await;
    assert_eq!(page.value("need").await, "2", "any two of these three");
    page.tab_to("#look").await;
    page.press_enter().await;
    page.sees("//*[@id='find'][@data-state='shown']").await;
    page.tab_to("#after").await;
    page.press_enter().await;
    page.sees("//*[@id='find'][@data-state='shown']").await;
    page.shows("found", "Otto Onpremises is unknown, so never taken for free: the mailbox lies on a server")
        .await;
    page.shows("found", "slots of 45 minutes").await;
}

/// One Tab leads to the first slot; the calendars of its day are above it.
async fn look_at_the_calendars(page: &Page) {
    page.tab_to(".slot").await;
    let mut rows = Vec::new();
    for _ in 0..6 {
        page.press(Key::Up).await;
        rows.push(page.focused(".strip", "aria-label").await);
        if page.focus_is("[data-state=unknown]").await {
            let tip = page.seen(":focus .tip").await.expect("the reason is shown to whoever is there");
            assert!(
                tip.contains("unknown, and so never taken for free: the mailbox lies on a server"),
                "{tip}"
            );
            page.shot("unknown").await;
            page.press(Key::Escape).await;
            assert_eq!(page.seen(":focus .tip").await, None, "Escape takes it away");
        }
    }
    rows.reverse();
    let says = [
        "nothing in the calendar",
        "busy 09:00 – 10:30",
        "busy 11:00 – 12:30",
        "unknown",
        "busy 08:00",
        "nothing",
    ];
    for (row, what) in rows.iter().zip(says) {
        assert!(row.contains("Monday") && row.contains(what), "{row} does not say {what}");
    }
    assert!(!rows[3].contains("nothing in the calendar") && !rows[3].contains("free;"), "{}", rows[3]);
    for _ in 0..6 {
        page.press(Key::Down).await;
    }
}

/// Somebody was faster: it is told who is in the way, nobody is invited, and the slot is gone.
async fn lose_a_slot(stack: &Stack, page: &Page) {
    let start = page.focused(".slot", "data-slot").await;
    let from: Timestamp = start.parse().expect("an instant");
    let to = from + jiff::SignedDuration::from_mins(45);
    let busy = json!({ "user": "carl@contoso.com", "start": from.to_string(), "end": to.to_string() });
    stack.microsoft.switch("busy", busy).expect("Carl is busy");
    page.press_enter().await;
    page.shows("take-problem", "carl@contoso.com is busy").await;
    page.shows("take-problem", "slot-taken").await;
    page.settled().await;
    assert!(calendar(stack).is_empty() && mails(stack, MailKind::Invitation).is_empty());
    assert_ne!(page.focused(".slot", "data-slot").await, start, "the slot is not offered any more");
}

/// Gives the Teams link.
async fn take(stack: &Stack, page: &Page) -> String {
    let start = page.focused(".slot", "data-slot").await;
    page.press_enter().await;
    page.shows("said", "Scheduled").await;
    page.settled().await;
    page.shows("booked", "With Dana, Carl Interviewer and Dora Interviewer").await;
    assert!(page.focus_is("#booked").await, "whoever took it is led to it");

    let event = only_event(stack);
    assert_eq!(instant(&event), start.parse().expect("an instant"));
    let invited = event["attendees"].as_array().expect("attendees").iter();
    let mut invited: Vec<_> = invited.filter_map(|one| one["emailAddress"]["address"].as_str()).collect();
    invited.sort_unstable();
    assert_eq!(&invited[..3], PANEL);
    assert!(invited[3].starts_with("room") && invited.len() == 4, "{invited:?}");
    let told = mails(stack, MailKind::Invitation);
    assert!(PANEL.iter().all(|one| told.iter().any(|to| to == one)), "{told:?}");
    event["onlineMeeting"]["joinUrl"].as_str().expect("a Teams link").to_owned()
}

async fn move_on(stack: &Stack, page: &Page, link: &str) {
    let before = only_event(stack);
    page.tab_to("#booked [data-do=slot]").await;
    page.press_enter().await;
    page.shows("booked", "Pick its new time below").await;
    let start = page.focused(".slot", "data-slot").await;
    page.picture("find", "moving").await;
    page.press_enter().await;
    page.shows("said", "Moved").await;
    page.settled().await;

    let event = only_event(stack);
    assert_eq!(event["id"], before["id"], "the same event");
    assert_ne!(instant(&event), instant(&before));
    assert_eq!(instant(&event), start.parse().expect("an instant"));
    assert_eq!(event["onlineMeeting"]["joinUrl"], link);
    assert!(PANEL.iter().all(|one| mails(stack, MailKind::Update).iter().any(|to| to == one)));
    page.resize(1280, 1700).await;
    page.tab_to(".slot").await;
    page.picture("find", "wide").await;
}

/// 360 px: nothing sticks out, and the reason is readable there too.
async fn on_a_phone(page: &Page) {
    page.resize(360, 740).await;
    assert!(page.fits().await, "nothing sticks out of a phone's screen");
    page.tab_to("[data-stop]").await;
    while !page.focus_is("[data-state=unknown]").await {
        page.press(Key::Up).await;
    }
    assert!(page.seen(":focus .tip").await.is_some_and(|tip| tip.contains("did not answer Exchange Online")));
    assert!(page.fits().await, "nor does what is said of a calendar");
    page.shot("phone").await;
}

async fn give_back(stack: &Stack, page: &Page) {
    page.tab_to("#booked [data-do=cancel]").await;
    page.press_enter().await;
    page.shows("change-title", "Cancel").await;
    page.tab_to("#change-do").await;
    page.press_enter().await;
    page.shows("booked", "Cancelled").await;
    page.settled().await;
    assert!(calendar(stack).is_empty());
    assert!(PANEL.iter().all(|one| mails(stack, MailKind::Cancellation).iter().any(|to| to == one)));
    assert!(page.focus_is("#booked").await, "the focus is not lost with the button");
}

fn instant(event: &Value) -> Timestamp {
    format!("{}Z", super::instant(event, "start")).parse().expect("an instant")
}
