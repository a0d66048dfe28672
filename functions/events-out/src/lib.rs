//! Tells the ATS's side what happened: the table's stream, row by row, becomes events on a bus. At least once, and
//! in no promised order: consumers compare versions.
//!
//! What was not told at last (the stream gives up after ten attempts) is told again by hand: see `repair.rs`.

mod repair;
mod stream;

use serde::Deserialize;
use shared::function::{Report, StreamFunction};
use shared::outbox::Outbox;
use shared::store::{Batch, STREAMED};

use repair::Repair;

/// The function.
pub const FUNCTION: StreamFunction = StreamFunction {
    name: "events-out",
    rows: &STREAMED,
    handle: |outbox, event| Box::pin(handle(outbox, event)),
};

/// What the function is started with.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    /// By the stream.
    Stream(Batch),
    /// By an operator: `{"repair": {"customer_id": "acme"}}`.
    Repair { repair: Repair },
}

async fn handle(outbox: &Outbox, event: Report) -> Result<Report, String> {
    match Input::deserialize(event) {
        Ok(Input::Stream(batch)) => Ok(stream::tell(outbox, &batch).await),
        Ok(Input::Repair { repair }) => repair::tell(outbox, &repair).await,
        Err(_) => {
            Err("neither records of the table's stream nor {\"repair\": {\"customer_id\": …}}".to_owned())
        }
    }
}
