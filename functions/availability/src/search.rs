//! Finds slots: reads every calendar that was named, and puts together what they leave.

use shared::access::store_problem;
use shared::app::App;
use shared::availability::{Asked, Reader, leaving, read};
use shared::domain::availability::member::Member;
use shared::domain::availability::solve::{Search, solve};
use shared::domain::availability::times::{Interval, Times};
use shared::domain::features::Feature;
use shared::domain::interview::Interview;
use shared::domain::time::{Instant, seconds};
use shared::function::{Caller, Request, Response};
use shared::problem::{Code, Problem};
use shared::store::Loaded;

use crate::request::{Wanted, parse};
use crate::{answer, ready};

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
    let own = own_times(&wanted, &loaded, &caller)?;
    let (usable, key) = ready::token(app, &caller, &loaded, request.deadline).await?;

    let times = with_buffers(&wanted);
    let asked = Asked { people: &wanted.people, rooms: &wanted.rooms, times: &times };
    let reader = Reader { access: &app.access, graph: &app.graph, key: &key };
    let as_of = app.clock.now();
    let schedules = read(reader, &usable, &asked, leaving(request.deadline, seconds(KEEP))).await;
    app.access.record_use(&usable).await;
    let schedules = schedules?;

    let range = times.bounds().unwrap_or_default();
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
    Ok(Response::json(200, &answer::of(&wanted, &schedules, &found, as_of)))
}

/// The times of the interview that is to be moved: it is no conflict with itself.
fn own_times(wanted: &Wanted, loaded: &Loaded, caller: &Caller) -> Result<Vec<(Instant, Instant)>, Problem> {
    if wanted.rescheduling.is_none() {
        return Ok(Vec::new());
    }
    let open = |interview: &&Interview| interview.is_open_to(&caller.user, caller.is_admin());
    let interview = loaded.interview.as_ref().map(|read| &read.value).filter(open).ok_or(Code::NotFound)?;
    Ok(vec![(interview.when.start, interview.when.end)])
}

/// The windows, and the buffers around them.
fn with_buffers(wanted: &Wanted) -> Times {
    let (before, after) = wanted.buffers;
    let wide = |(from, to): Interval| (from - before, to + after);
    Times::of(wanted.windows.iter().map(wide).collect())
}
