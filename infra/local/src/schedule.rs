//! EventBridge Scheduler: every scheduled function once a minute, in order, never two ticks at once.

use std::sync::{Arc, Weak};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use shared::clock::Clock;

use crate::stack::Shared;

const MINUTE: Duration = Duration::from_mins(1);

/// Fires every minute until the stack is gone.
pub async fn every_minute(stack: Weak<Shared>) {
    loop {
        let Some(clock) = stack.upgrade().map(|stack| Arc::clone(&stack.clock)) else { return };
        clock.sleep(MINUTE).await;
        let Some(stack) = stack.upgrade() else { return };
        let Ok(_alone) = stack.ticking.try_lock() else { continue };
        tick(&stack).await;
    }
}

/// One tick of every scheduled function.
pub async fn tick(stack: &Shared) -> Value {
    let mut reports = Map::new();
    for (function, app) in &stack.scheduled {
        reports.insert(function.name.to_owned(), function.run(app, None).await);
    }
    Value::Object(reports)
}

/// One tick of one function; `None` if there is none of that name.
pub async fn run(stack: &Shared, name: &str) -> Option<Value> {
    let (function, app) = stack.scheduled.iter().find(|(function, _)| function.name == name)?;
    let _alone = stack.ticking.lock().await;
    Some(function.run(app, None).await)
}

/// Moves the clock on, minute by minute, and fires what falls due on the way.
pub async fn advance(stack: &Shared, seconds: u64) -> Vec<Value> {
    let _alone = stack.ticking.lock().await;
    let mut reports = Vec::new();
    let mut left = seconds;
    while left > 0 {
        let step = left.min(MINUTE.as_secs());
        stack.clock.advance(SignedDuration::from_secs(i64::try_from(step).unwrap_or(60)));
        if step == MINUTE.as_secs() {
            let at = stack.now().to_string();
            reports.push(json!({ "at": at, "reports": tick(stack).await }));
        }
        left -= step;
    }
    reports
}
