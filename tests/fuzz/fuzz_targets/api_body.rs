//! A body that a client sends: one byte chooses the route. Faults are told, all at once, by pointers into the body;
//! what is taken is within its bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::claim::Command;
use shared::domain::customer::Customer;
use shared::function::Response;
use shared::problem::{Code, Problem};

fn told(problem: &Problem) {
    let malformed = problem.code == Code::MalformedJson;
    assert!(malformed == problem.errors.is_empty(), "{problem:?}");
    assert!(problem.errors.iter().all(|fault| fault.pointer.is_empty() || fault.pointer.starts_with('/')));
    let answer = Response::problem(problem, "https://convene.example", "request");
    assert!((400..500).contains(&answer.status));
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else { return };
    let outcome = match choice % 5 {
        0 => interviews::request::new_interview(body, jiff::Timestamp::UNIX_EPOCH).map(|new| {
            let (details, when) = (new.details, new.when);
            assert!(when.start < when.end && jiff::tz::TimeZone::get(&when.zone).is_ok());
            assert!(!details.title.trim().is_empty() && details.title.chars().count() <= 255);
            assert!(!details.candidates.is_empty() || !details.interviewers.is_empty());
            assert!(!details.title.chars().any(char::is_control));
        }),
        1 => interviews::request::new_time(body, jiff::Timestamp::UNIX_EPOCH).map(|(command, _)| {
            assert!(matches!(command, Command::Reschedule { when, .. } if when.start < when.end));
        }),
        2 => interviews::request::comment(body)
            .map(|text| assert!(text.is_none_or(|text| text.chars().count() <= 2000))),
        3 => interviews::request::patch(body).map(|patch| assert!(patch != Default::default())),
        _ => connections::settings::apply(body, &Customer::default()).map(|next| {
            // What was taken once is taken again, and says the same.
            assert_eq!(connections::settings::apply(body, &next).expect("it was taken before"), next);
        }),
    };
    if let Err(problem) = outcome {
        told(&problem);
    }
});
