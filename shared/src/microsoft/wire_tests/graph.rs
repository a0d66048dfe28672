use serde_json::{Value, json};

use super::super::{EventChange, Graph, GraphError, GraphEvidence, Located, NewEvent, Target};
use super::{Act, Scripted, answer};
use crate::domain::customer::CalendarChoice;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{Candidate, Details, Event, Options};
use crate::domain::secret::AccessToken;
use crate::domain::time::When;

fn event() -> Value {
    json!({
        "id": "AAk=", "@odata.etag": "W/\"1\"", "subject": "Interview",
        "start": { "dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-12-01T10:00:00.0000000", "timeZone": "UTC" },
    })
}

fn page(events: &[Value]) -> Act {
    answer(200, &json!({ "value": events }).to_string())
}

fn refusal(status: u16, code: &str) -> Act {
    answer(status, &json!({ "error": { "code": code, "message": "m" } }).to_string())
}

fn throttled(status: u16, header: &'static str) -> Act {
    Act::Answer(status, header, json!({ "error": { "code": "ApplicationThrottled" } }).to_string())
}

fn token() -> AccessToken {
    AccessToken::new("eyJ0".to_owned())
}

fn when() -> When {
    let time = |text: &str| text.parse().expect("time");
    When {
        start: time("2026-12-01T09:00:00Z"),
        end: time("2026-12-01T10:00:00Z"),
        zone: "Europe/Paris".to_owned(),
    }
}

async fn create(microsoft: &Scripted, seconds: i64) -> Result<Event, GraphError> {
    let claim: ClaimId = "clm_01ABCDEFGHJKMNPQRSTVWXYZ01".parse().expect("claim");
    let candidate = Candidate { email: "cara@mail.example".parse().expect("address"), name: None };
    let details =
        Details { title: "Interview".to_owned(), candidates: vec![candidate], ..Details::default() };
    let options = Options::default();
    let new = NewEvent {
        claim: &claim,
        details: &details,
        when: &when(),
        options: &options,
        room_only: false,
        calendar: None,
    };
    let graph = Graph::new(microsoft.wire.clone(), &microsoft.endpoints);
    graph.create_event(&token(), &new, Scripted::deadline(seconds)).await
}

const POST: &str = "POST /v1.0/me/events";
const FIND: &str = "GET /v1.0/me/events";
const READ: &str = "GET /v1.0/me/events/AAk%3D";
const PATCH: &str = "PATCH /v1.0/me/events/AAk%3D";
const CANCEL: &str = "POST /v1.0/me/events/AAk%3D/cancel";

#[tokio::test]
async fn a_create_waits_as_long_as_it_is_told() {
    let microsoft = Scripted::new([
        throttled(429, "retry-after: 2\r\n"),
        throttled(429, "retry-after: 1.5\r\n"),
        answer(201, &event().to_string()),
    ]);
    assert_eq!(create(&microsoft, 20).await.expect("event").id, "AAk=");
    assert_eq!(microsoft.calls(), [POST, POST, POST]);
    assert!(microsoft.waited() >= 3, "{}", microsoft.waited());
    let requests = microsoft.requests();
    assert!(requests.iter().all(|request| request.contains("client-request-id: ")
        && request.contains("prefer: IdType=\"ImmutableId\"")
        && request.contains("authorization: Bearer eyJ0")
        && request.contains("\"transactionId\":\"clm_01ABCDEFGHJKMNPQRSTVWXYZ01\"")));
}

#[tokio::test]
async fn a_busy_answer_promises_nothing_so_the_event_is_looked_up_after_the_wait() {
    let busy = throttled(503, "retry-after: 1.5\r\n");
    let microsoft = Scripted::new([busy, page(&[]), answer(201, &event().to_string())]);
    assert_eq!(create(&microsoft, 20).await.expect("event").id, "AAk=");
    assert_eq!(microsoft.calls(), [POST, FIND, POST]);
    assert!(microsoft.waited() >= 1, "{}", microsoft.waited());
}

#[tokio::test]
async fn a_wait_beyond_the_time_left_is_told_and_not_waited() {
    let microsoft = Scripted::new([throttled(429, "retry-after: 30\r\n")]);
    let error = create(&microsoft, 20).await.expect_err("throttled");
    assert!(matches!(error, GraphError::Throttled { wait, .. } if wait.as_secs() == 30));
    assert_eq!(microsoft.waited(), 0);
}

#[tokio::test]
async fn after_a_lost_answer_the_event_is_looked_up_and_found() {
    let big = answer(201, &"x".repeat(1024 * 1024 + 1));
    for lost in
        [Act::Reset, Act::Truncate(201, "{\"id\":".to_owned()), answer(201, "{\"id\":"), answer(504, ""), big]
    {
        let microsoft = Scripted::new([lost, page(&[event()])]);
        assert_eq!(create(&microsoft, 20).await.expect("event").id, "AAk=");
        assert_eq!(microsoft.calls(), [POST, FIND]);
    }
}

#[tokio::test]
async fn an_event_that_is_not_there_is_made_again() {
    let made = answer(201, &event().to_string());
    let microsoft = Scripted::new([Act::Reset, answer(500, ""), page(&[]), made]);
    assert_eq!(create(&microsoft, 20).await.expect("event").id, "AAk=");
    assert_eq!(microsoft.calls(), [POST, FIND, FIND, POST]);
    let filter = "/v1.0/me/events?$filter=singleValueExtendedProperties%2FAny%28ep%3A%20ep%2Fid%20eq%20%27String%20%7B";
    assert!(microsoft.requests()[1].contains(filter));
}

#[tokio::test]
async fn what_nobody_knows_is_said_to_be_unclear() {
    let microsoft = Scripted::new([Act::Reset, refusal(401, "InvalidAuthenticationToken")]);
    assert!(matches!(create(&microsoft, 20).await, Err(GraphError::Unclear(None))));
    let microsoft = Scripted::new([Act::Reset, page(&[]), throttled(429, "retry-after: 60\r\n")]);
    assert!(matches!(create(&microsoft, 20).await, Err(GraphError::Unclear(None))));
    let microsoft = Scripted::new([]);
    assert!(matches!(create(&microsoft, 0).await, Err(GraphError::Unavailable(None))));
}

#[tokio::test]
async fn a_used_transaction_id_leads_to_its_event() {
    let used =
        json!({ "error": { "code": "ErrorDuplicateTransactionId", "@event.existingEventId": "AAk=" } })
            .to_string();
    let microsoft = Scripted::new([answer(400, &used), answer(200, &event().to_string())]);
    assert_eq!(create(&microsoft, 20).await.expect("event").id, "AAk=");
    assert_eq!(microsoft.calls(), [POST, READ]);
    let microsoft = Scripted::new([refusal(409, "ErrorDuplicateTransactionId"), page(&[event()])]);
    assert_eq!(create(&microsoft, 20).await.expect("event").id, "AAk=");
    let microsoft = Scripted::new([refusal(409, "ErrorDuplicateTransactionId"), page(&[])]);
    assert!(matches!(create(&microsoft, 20).await, Err(GraphError::Refused(_))));
    // An event is there, Graph says, and cannot be looked at: nobody knows.
    for look in [
        refusal(400, "ErrorInvalidRequest"),
        refusal(403, "ErrorAccessDenied"),
        refusal(404, "ErrorItemNotFound"),
    ] {
        let microsoft = Scripted::new([refusal(409, "ErrorDuplicateTransactionId"), look]);
        assert!(matches!(create(&microsoft, 20).await, Err(GraphError::Unclear(_))));
    }
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    let microsoft = Scripted::new([refusal(400, "ErrorPropertyValidationFailure")]);
    let error = create(&microsoft, 20).await.expect_err("refused");
    assert_eq!(error.to_string(), "Graph does not take the request (400 ErrorPropertyValidationFailure)");
    assert_eq!(microsoft.calls(), [POST]);
}

async fn look_up(microsoft: &Scripted) -> Result<Option<Event>, GraphError> {
    let claim: ClaimId = "clm_01ABCDEFGHJKMNPQRSTVWXYZ01".parse().expect("claim");
    let graph = Graph::new(microsoft.wire.clone(), &microsoft.endpoints);
    graph.find_by_claim(&token(), &claim, None, Scripted::deadline(20)).await
}

#[tokio::test]
async fn a_token_does_not_follow_a_link_to_another_host() {
    let elsewhere = Scripted::new([]);
    let link = format!("{}/v1.0/me/events?$skiptoken=x", elsewhere.endpoints.graph);
    let microsoft =
        Scripted::new([answer(200, &json!({ "value": [], "@odata.nextLink": link }).to_string())]);
    assert!(matches!(look_up(&microsoft).await, Err(GraphError::Refused(_))));
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn an_event_that_is_gone_is_none_and_a_mailbox_that_is_gone_an_error() {
    let microsoft =
        Scripted::new([refusal(404, "ErrorItemNotFound"), refusal(404, "MailboxNotEnabledForRESTAPI")]);
    let graph = Graph::new(microsoft.wire.clone(), &microsoft.endpoints);
    let deadline = Scripted::deadline(20);
    assert_eq!(graph.event(&token(), "AAk=", deadline).await, Ok(None));
    assert!(matches!(graph.event(&token(), "AAk=", deadline).await, Err(GraphError::MailboxUnavailable(_))));
}

const TAG: &str = "clm_01ABCDEFGHJKMNPQRSTVWXYZ01";

fn target(claim: &ClaimId) -> Target<'_> {
    Target { id: Some("AAk="), claim, calendar: CalendarChoice::Primary }
}

async fn cancel(script: impl IntoIterator<Item = Act>) -> (Result<Option<String>, GraphError>, Vec<String>) {
    let (microsoft, claim) = (Scripted::new(script), TAG.parse().expect("claim"));
    let graph = Graph::new(microsoft.wire.clone(), &microsoft.endpoints);
    let outcome = graph.cancel_event(&token(), target(&claim), Some("moved"), Scripted::deadline(20)).await;
    (outcome, microsoft.calls())
}

fn gone() -> Act {
    refusal(404, "ErrorItemNotFound")
}

fn there() -> Act {
    answer(200, &event().to_string())
}

fn in_trash() -> Act {
    let mut event = event();
    event["isCancelled"] = json!(true);
    answer(200, &event.to_string())
}

#[tokio::test]
async fn a_cancellation_is_sent_until_the_event_is_gone_and_not_longer() {
    let (done, old) = (Ok(Some("AAk=".to_owned())), [CANCEL, READ, FIND, CANCEL]);
    let calls = |calls: &[&str]| calls.iter().map(|call| (*call).to_owned()).collect::<Vec<_>>();
    assert_eq!(cancel([answer(202, "")]).await.0, done);
    assert_eq!(cancel([gone(), gone(), page(&[])]).await, (done.clone(), calls(&old[..3])));
    let erred = cancel([gone(), there(), page(&[event()]), answer(202, "")]).await;
    assert_eq!(erred, (done.clone(), calls(&old)));
    assert_eq!(cancel([Act::Reset, gone(), page(&[])]).await, (done.clone(), calls(&old[..3])));
    let again = cancel([Act::Reset, there(), answer(202, "")]).await;
    assert_eq!(again, (done.clone(), calls(&[CANCEL, READ, CANCEL])));
    let refused = || refusal(403, "ErrorAccessDenied");
    assert_eq!(cancel([Act::Reset, refused()]).await.0, Err(GraphError::Unclear(None)));
    assert!(matches!(cancel([gone(), gone(), refused()]).await.0, Err(GraphError::Unclear(Some(_)))));
    // What lies in Deleted Items is still found by its id.
    assert_eq!(cancel([gone(), in_trash()]).await, (done.clone(), calls(&old[..2])));
    assert_eq!(cancel([gone(), there(), page(&[])]).await, (done, calls(&old[..3])));
}

#[tokio::test]
async fn an_event_under_another_id_is_the_one_that_is_called_off() {
    let mut moved = event();
    moved["id"] = json!("AAkNEW=");
    let (outcome, calls) = cancel([gone(), gone(), page(&[moved]), answer(202, "")]).await;
    assert_eq!(outcome, Ok(Some("AAkNEW=".to_owned())));
    assert_eq!(calls, [CANCEL, READ, FIND, "POST /v1.0/me/events/AAkNEW%3D/cancel"]);
}

#[tokio::test]
async fn only_two_calls_that_agree_or_outlook_itself_prove_that_an_event_is_gone() {
    let locate = async |script: Vec<Act>, doubted: bool| {
        let (microsoft, claim) = (Scripted::new(script), TAG.parse().expect("claim"));
        let graph = Graph::new(microsoft.wire.clone(), &microsoft.endpoints);
        let doubt = doubted.then(GraphEvidence::default);
        graph.locate(&token(), target(&claim), doubt, Scripted::deadline(20)).await
    };
    let is_gone = |found: Result<Located, GraphError>| match found {
        Ok(Located::Gone(_)) => Some(true),
        Ok(Located::Present(_)) => Some(false),
        Err(error) => {
            assert!(!matches!(error, GraphError::NotFound(_) | GraphError::Refused(_)), "{error}");
            None
        }
    };
    let cases = [
        (vec![there()], false, Some(false)),
        (vec![there(), page(&[event()])], true, Some(false)),
        (vec![there(), page(&[])], true, Some(true)),
        (vec![in_trash()], false, Some(true)),
        (vec![gone(), page(&[])], false, Some(true)),
        (vec![gone(), page(&[event()])], false, Some(false)),
        (vec![refusal(400, "ErrorInvalidIdMalformed"), page(&[event()])], false, Some(false)),
        (vec![gone(), gone()], false, None),
        (vec![gone(), refusal(400, "ErrorInvalidRequest")], false, None),
        (vec![gone(), refusal(403, "ErrorAccessDenied")], true, None),
        (vec![refusal(400, "ErrorInvalidRequest")], false, None),
    ];
    for (n, (script, doubted, expected)) in cases.into_iter().enumerate() {
        assert_eq!(is_gone(locate(script, doubted).await), expected, "case {n}");
    }
}

async fn change(
    if_match: Option<&str>,
    script: impl IntoIterator<Item = Act>,
) -> (Result<Event, GraphError>, Vec<String>) {
    let microsoft = Scripted::new(script);
    let graph = Graph::new(microsoft.wire.clone(), &microsoft.endpoints);
    let change =
        EventChange { when: Some(&when()), subject: Some("Interview"), if_match, ..EventChange::default() };
    let outcome = graph.change_event(&token(), "AAk=", &change, Scripted::deadline(20)).await;
    (outcome, microsoft.calls())
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_looked_at_before_it_is_repeated() {
    let (seen, calls) = change(None, [Act::Reset, answer(200, &event().to_string())]).await;
    assert!(seen.is_ok());
    assert_eq!(calls, [PATCH, READ]);
    let mut before = event();
    before["subject"] = json!("Old");
    let before = || answer(200, &before.to_string());
    assert!(matches!(change(None, [Act::Reset, before()]).await.0, Err(GraphError::Unclear(None))));
    let (again, calls) =
        change(Some("W/\"1\""), [Act::Reset, before(), answer(200, &event().to_string())]).await;
    assert!(again.is_ok());
    assert_eq!(calls, [PATCH, READ, PATCH]);
    let stale = change(Some("W/\"0\""), [refusal(412, "ErrorIrresolvableConflict")]).await.0;
    assert!(matches!(stale, Err(GraphError::Stale(_))));
}
