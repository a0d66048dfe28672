//! Every fault at every call: the calls of a journey are found by making it once, so that a new call is covered by
//! itself. Afterwards the invariants of `journeys` hold: nothing is lost, nothing is done twice, a live grant stays.
//!
//! Graph's faults at the calls about interviews are `exactly_once::matrix`; what is listed there is not repeated.

mod absent;
mod classes;
mod door;
mod refused;
mod slow;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::exactly_once::Story;
use crate::journeys::{Approving, Came, Journey, sound};
use crate::world::World;
use classes::{CLASSES, Class, Kind, kind};

/// A call of a journey's step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) service: &'static str,
    pub(crate) operation: String,
    /// Table, grant type or user.
    pub(crate) detail: String,
    /// How many calls of this operation come before it.
    pub(crate) skip: u32,
}

/// The calls that the step makes when nothing goes wrong. Of many equal ones the first and the last stand for all.
async fn calls_of(journey: Journey) -> Vec<Spot> {
    let world = journey.world().await;
    let scene = journey.prepare(&world, 1, "the calls are noted").await;
    let before = world.journal().last();
    let came = scene.step.start(&world).await;
    let mut counts: BTreeMap<(&str, String), u32> = BTreeMap::new();
    let mut points = Vec::new();
    for call in world.journal().since(before) {
        let count = counts.entry((call.service, call.operation.clone())).or_default();
        points.push(Spot {
            service: call.service,
            operation: call.operation,
            detail: call.detail,
            skip: *count,
        });
        *count += 1;
    }
    scene.ends(Some(&came), true).await;
    points.retain(|point| {
        let count = counts[&(point.service, point.operation.clone())];
        count <= 4 || point.skip == 0 || point.skip == count - 1
    });
    points
}

/// Every fault that can be placed there: class, side of the effect, and what the call is answered.
pub(crate) fn at(spot: &Spot) -> Vec<(&'static str, &'static str, Value)> {
    let placed = |class: &'static Class| Some((class.name, class.when, class.at(spot).ok()?));
    CLASSES.iter().filter_map(placed).collect()
}

/// One case.
struct Case {
    point: Spot,
    class: &'static Class,
    answer: Value,
    lasts: bool,
}

impl Case {
    fn name(&self, journey: Journey) -> String {
        let Spot { service, operation, skip, .. } = &self.point;
        let lasts = if self.lasts { ", lasting" } else { "" };
        format!("{journey:?}: {} at {service} {operation} #{skip}{lasts}", self.class.name)
    }

    fn place(&self, world: &World) {
        let Spot { service, operation, skip, .. } = &self.point;
        world.fault(json!({
            "service": service, "operation": operation, "skip": skip, "when": self.class.when,
            "kind": self.answer, "times": u32::from(!self.lasts),
        }));
        if self.class.late == 0 {
            return;
        }
        let (wanted, seconds, seen) = (self.point.clone(), self.class.late, AtomicU32::new(0));
        let (journal, clock) = (world.journal().clone(), Arc::clone(&world.stack.clock));
        world.journal().after_each(Arc::new(move |n| {
            let is_it = |call: &sim::Call| {
                call.n == n && call.service == wanted.service && call.operation == wanted.operation
            };
            if journal.calls().iter().rev().any(is_it) && seen.fetch_add(1, Ordering::SeqCst) == wanted.skip {
                clock.advance(SignedDuration::from_secs(seconds));
            }
        }));
    }
}

fn cases(journey: Journey, points: &[Spot]) -> Vec<Case> {
    let mut cases = Vec::new();
    for point in points {
        for class in CLASSES {
            let Ok(answer) = placed(journey, point, class) else { continue };
            let case = |lasts| Case { point: point.clone(), class, answer: answer.clone(), lasts };
            cases.push(case(false));
            cases.extend(class.may_last().then(|| case(true)));
        }
    }
    cases
}

/// What the call is answered, or why there is no such case in this journey.
fn placed(journey: Journey, point: &Spot, class: &Class) -> Result<Value, &'static str> {
    let answer = class.at(point)?;
    let about_an_interview =
        matches!(journey, Journey::Interview(_) | Journey::Finishing | Journey::CreateAtExpiry);
    if about_an_interview
        && matches!(kind(point), Kind::Change | Kind::Look)
        && absent::is_in_the_matrix(class.name)
    {
        return Err("in exactly_once::matrix");
    }
    if journey == Journey::Finishing && point.operation == "BatchGetItem" && class.name == "item vanished" {
        return Err("a consistent read does not deny a row; a claim without its connection came to nothing");
    }
    let is_the_same = ["invalid_grant, real", "interaction_required"].contains(&class.name);
    if journey == Journey::FalseAlarm && kind(point) == Kind::Refresh && is_the_same {
        return Err("a second refusal of the same kind, minutes later, is what ends a connection");
    }
    Ok(answer)
}

async fn one(world: &World, journey: Journey, n: usize, case: &Case) {
    let name = case.name(journey);
    let mut scene = journey.prepare(world, n, &name).await;
    scene.silence = case.class.silence();
    case.place(world);
    let came = scene.step.start(world).await;
    let struck = case.lasts || world.microsoft().faults().list().is_empty();
    world.journal().clear_hooks();
    if case.class.late < 0 {
        // A clock that was wrong is put right.
        world.pass_time(SignedDuration::from_secs(-case.class.late));
    }
    assert!(struck, "{name}: the call was not made: {came:?}");
    match &came {
        Came::Answer(answer) => sound(answer, case.class.is_ours(&case.point), &name),
        Came::Report(report) => assert!(report["panicked"].is_null(), "{name}"),
    }
    scene.ends(Some(&came), false).await;
}

/// All cases, in one world after another. A case that fails is told, and the next one gets a new world.
async fn all(journey: Journey, cases: &[Case]) -> Vec<String> {
    let (mut failed, mut rest) = (Vec::new(), cases);
    while !rest.is_empty() {
        let world = journey.world().await;
        let share = &rest[..rest.len().min(journey.cases_per_world())];
        let mut done = 0;
        for case in share {
            done += 1;
            if AssertUnwindSafe(one(&world, journey, done, case)).catch_unwind().await.is_err() {
                failed.push(case.name(journey));
                break;
            }
        }
        rest = &rest[done..];
    }
    failed
}

async fn run(journeys: &[Journey]) {
    for journey in journeys {
        let points = calls_of(*journey).await;
        let cases = cases(*journey, &points);
        let failed = all(*journey, &cases).await;
        println!("{journey:?}: {} cases at {} calls", cases.len(), points.len());
        assert!(failed.is_empty(), "{} cases failed; each is told above: {failed:#?}", failed.len());
    }
}

#[tokio::test]
async fn a_first_connection_survives_every_fault() {
    run(&[Journey::FirstConnection]).await;
}

#[tokio::test]
async fn a_sign_in_survives_every_fault() {
    run(&[
        Journey::Session,
        Journey::Connect,
        Journey::PinnedConnection,
        Journey::Reconnection,
        Journey::Approval,
    ])
    .await;
}

#[tokio::test]
async fn a_management_call_survives_every_fault() {
    run(&[Journey::Verify, Journey::Disconnect, Journey::SwitchOff, Journey::Deletion]).await;
}

#[tokio::test]
async fn an_approval_survives_every_fault() {
    run(&[
        Journey::Approving(Approving::Ask),
        Journey::Approving(Approving::Open),
        Journey::Approving(Approving::Report),
        Journey::Approving(Approving::Proof),
        Journey::Approving(Approving::Withdraw),
    ])
    .await;
}

#[tokio::test]
async fn a_sweep_survives_every_fault() {
    run(&[Journey::Sweep]).await;
}

#[tokio::test]
async fn a_doubt_is_settled_under_every_fault() {
    run(&[Journey::Confirmation, Journey::FalseAlarm]).await;
}

#[tokio::test]
async fn a_follow_up_survives_every_fault() {
    run(&[Journey::FirstLook, Journey::Election, Journey::Finishing]).await;
}

#[tokio::test]
async fn a_create_survives_every_fault() {
    run(&[Journey::CreateAtExpiry, Journey::Interview(Story::Create)]).await;
}

#[tokio::test]
async fn a_change_survives_every_fault() {
    run(&[
        Journey::Interview(Story::Reschedule),
        Journey::Interview(Story::Cancel),
        Journey::Interview(Story::PatchPeople),
    ])
    .await;
}

#[tokio::test]
async fn what_has_no_case_is_told_with_its_reason() {
    let mut reasons: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let (mut cases_in_all, mut covered) = (0, BTreeSet::new());
    for journey in Journey::ALL {
        let points = calls_of(journey).await;
        let cases = cases(journey, &points);
        cases_in_all += cases.len();
        covered.extend(cases.iter().map(|case| (kind(&case.point), case.class.name)));
        for (point, class) in points.iter().flat_map(|point| CLASSES.iter().map(move |class| (point, class)))
        {
            if let Err(reason) = placed(journey, point, class) {
                let call = format!("{:?} × {}", kind(point), class.name);
                reasons.entry(reason).or_default().insert(call);
            }
        }
        println!("{journey:?}: {} cases at {} calls", cases.len(), points.len());
    }
    for (reason, pairs) in &reasons {
        println!("no case, for {reason}: {}", pairs.iter().cloned().collect::<Vec<_>>().join("; "));
    }
    for (class, reason) in absent::ELSEWHERE {
        println!("no case: {class}: {reason}");
    }
    println!("{cases_in_all} cases in all, {} pairs of call and class", covered.len());
    assert!(cases_in_all >= 400);
    let kinds: BTreeSet<Kind> = covered.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds.len(), 10, "a kind of call without a case: {kinds:?}");
    for class in CLASSES {
        assert!(covered.iter().any(|(_, name)| *name == class.name), "{} is never placed", class.name);
    }
}
