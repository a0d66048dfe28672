//! Finds slots: reads every calendar that was named, and puts together what they leave.

use shared::access::store_problem;
use shared::app::App;
use shared::availability::{Asked, Reader, leaving, read};
use shared::domain::availability::member::Member;
use shared::domain::availability::solve::{Search, solve};
use shared::domain::availability::times::{Interval, Times};
use shared::domain::features::Feature;
use shared::domain::time::seconds;
use shared::function::{Request, Response};
use shared::problem::Problem;

use crate::answer::Seen;
use crate::request::{Wanted, parse};
use crate::{answer, moving, ready};

/// Time kept for putting the answer together.
const KEEP: i64 = 1;
/// More slots are of no use to anybody, and too much for an answer.
const MOST_SLOTS: usize = 1000;

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let wanted = parse(request.body())?;
    let loaded = match &wanted.rescheduling {
        Some(id) => app.store.load_for_change(&caller.customer, id, &caller.user).await,
        None => app.store.load(&caller.customer, &caller.user).await,
    };
    let loaded = loaded.map_err(store_problem)?;
    ready::allowed(app, &loaded, &[Feature::Availability])?;
    let moving = moving::interview(&wanted, &loaded, &caller)?;
    let (usable, key) = ready::token(app, &caller, &loaded, request.deadline).await?;

    let (times, as_of) = (with_buffers(&wanted), app.clock.now());
    let (people, rooms, id) = (&wanted.people, &wanted.rooms, wanted.rescheduling.as_ref());
    let asked = Asked { people, rooms, times: &times, moving: id, now: as_of };
    let reader = Reader { access: &app.access, graph: &app.graph, store: &app.store, key: &key };
    let until = leaving(request.deadline, seconds(KEEP));
    let look = moving::times(app, moving, &usable, &key, until);
    let (schedules, moving) = tokio::join!(read(reader, &usable, &asked, until), look);
    app.access.record_use(&usable).await;
    let schedules = schedules?;

    let (range, own) = (times.bounds().unwrap_or_default(), moving.own());
    let member = |schedule| Member::of(schedule, &wanted.policy, &own, range);
    let members: Vec<Member> = schedules.iter().map(member).collect();
    let (people, rooms) = members.split_at(wanted.people.len());
    let found = solve(&Search {
        windows: &wanted.windows,
        duration: wanted.duration,
        step: wanted.step,
        buffers: wanted.buffers,
        need: wanted.need,
        people,
        rooms: if wanted.needs_room { rooms } else { &[] },
        most: MOST_SLOTS,
    });
    Ok(Response::json(200, &answer::of(&wanted, &schedules, &found, &Seen { as_of, moving })))
}

/// The windows, and the buffers around them.
fn with_buffers(wanted: &Wanted) -> Times {
    let (before, after) = wanted.buffers;
    let wide = |(from, to): Interval| (from - before, to + after);
    Times::of(wanted.windows.iter().map(wide).collect())
}
