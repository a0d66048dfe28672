//! Bodies that trickle past our deadline. The limit of a call is real time, but never more than what is left to the
//! request: so nearly all of it is gone when the call is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use serde_json::json;

use crate::exactly_once::Story;
use crate::journeys::{Came, Journey, sound};

/// Of the 25 seconds of a request: 300 ms are left, or fifteen bytes.
const GONE: SignedDuration = SignedDuration::from_millis(24_700);
const PAUSE_MS: u64 = 20;
const TOKEN: &str = "POST /{tenant}/oauth2/v2.0/token";

const CASES: [(Journey, &str, &str); 7] = [
    (Journey::PinnedConnection, "login", TOKEN),
    (Journey::PinnedConnection, "graph", "GET /me/calendar"),
    (Journey::Verify, "login", TOKEN),
    (Journey::CreateAtExpiry, "login", TOKEN),
    (Journey::CreateAtExpiry, "graph", "POST /me/events"),
    (Journey::Interview(Story::Create), "graph", "POST /me/events"),
    (Journey::Interview(Story::Reschedule), "graph", "PATCH /me/events/{id}"),
];

#[tokio::test]
async fn a_body_that_trickles_past_the_deadline_is_a_lost_answer() {
    for (journey, service, operation) in CASES {
        let case = format!("{journey:?}: {service} {operation} trickles");
        let world = journey.world().await;
        let scene = journey.prepare(&world, 1, &case).await;
        let kind = json!({ "dripping": { "ms": PAUSE_MS } });
        world.fault(json!({ "service": service, "operation": operation, "when": "after", "kind": kind }));
        let (clock, gone) = (Arc::clone(&world.stack.clock), AtomicBool::new(false));
        world.journal().after_each(Arc::new(move |_| {
            if !gone.swap(true, Ordering::SeqCst) {
                clock.advance(GONE);
            }
        }));
        let came = scene.step.start(&world).await;
        world.journal().clear_hooks();
        assert!(world.microsoft().faults().list().is_empty(), "{case}: the call was not made: {came:?}");
        let Came::Answer(answer) = &came else { panic!("{case}: a request") };
        sound(answer, false, &case);
        scene.ends(Some(&came), false).await;
    }
    println!("{} bodies trickled", CASES.len());
}
