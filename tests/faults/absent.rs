//! What is not placed at single calls here, and where it is shown instead.

/// Classes of faults of Graph that `exactly_once::matrix` places at every call about an interview, under these names.
const IN_THE_MATRIX: [&str; 20] = [
    "reset before a byte was sent",
    "reset, answer lost",
    "half of the answer",
    "empty 200",
    "empty 200, done",
    "malformed",
    "429",
    "429 in 2.5",
    "429 until a date",
    "429 in a day",
    "429 in -1",
    "500",
    "500, done",
    "502 page",
    "503",
    "504, done",
    "403",
    "404 page",
    "409",
    "412",
];

pub(super) fn is_in_the_matrix(class: &str) -> bool {
    IN_THE_MATRIX.contains(&class)
}

/// Classes of the fault matrix that no answer of a stand-in can show, or that are shown by tests of their own.
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    (
        "DNS fails, connection refused, TLS alert",
        "the stand-ins share one plain listener; to the product all three are a call that was not sent: faults::refused for all calls to Microsoft at once, faults::door for the store and for KMS",
    ),
    (
        "1 byte/s body",
        "the limit of a call is real time: faults::slow, at the calls to Microsoft of a request whose time is nearly over; the AWS SDK's own limit is three real seconds a try, and 'no answer in time' is the same to the caller",
    ),
    (
        "stale read",
        "everything that is served is read consistently; the index and the page of a sweep may lag, which 'item vanished' shows from one side and the re-read before each action from the other",
    ),
    (
        "other oid",
        "another account is another answer of Entra: connect::accounts and hostile::id_tokens; a refresh brings no id_token that is read",
    ),
    ("SQS, runtime", "there is no queue; the runtime is boot.rs"),
    ("process: crash after effect, after persist", "crash.rs and crash::journeys"),
    ("process: freeze and resume, two environments, duplicate invoke", "races.rs and refresh::races"),
    (
        "process: clock jump forward",
        "'no answer in time' and 'answer after the deadline' move it by seconds at every call; hostile::workers and seeds.rs by minutes and hours",
    ),
];
