//! Whatever fails around it, a request has its effect once: one event, one mail for each person and change, and what
//! is stored is what stands in Outlook.

mod agree;
mod callers;
mod matrix;
mod overtaken;
mod story;

pub(crate) use agree::{agree, quiesce, unsettled};
pub(crate) use matrix::faults;
pub(crate) use story::{KEY, Ready, Story};
