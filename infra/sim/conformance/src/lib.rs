//! What Microsoft answers, as data: one line of `*.jsonl` is one request and the answer that the real service gives.
//!
//! - [`corpus()`] reads the lines; [`Line`] is one of them, [`harmless`](mod@harmless) says what it may do to real
//!   people.
//! - [`run()`] replays them against a [`Place`]: the stand-in, which can be set up for every line, or a real tenant with
//!   one signed-in person, where only harmless lines run and everything made is removed again.
//! - [`Report`] says where the place differs from the corpus.
//!
//! The format is described in `infra/sim/README.md`.

mod clean;
mod expect;
mod fill;
pub mod harmless;
mod http;
mod line;
mod place;
mod report;
mod request;
mod run;
mod shape;
mod sign_in;
mod stage;

pub use clean::clean;
pub use line::{Line, Mark, corpus};
pub use place::{Credentials, Place, SignedIn};
pub use report::{Outcome, Report, Verdict};
pub use run::{Pending, run};
pub use sign_in::sign_in;
