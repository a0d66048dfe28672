//! What Convene talks about: pure values and decisions.
//!
//! Nothing here waits, reads a clock, or knows AWS or HTTP. The `serde` form of these types is the stored form;
//! what clients see is spelled by the functions.

pub mod address;
pub mod approval;
mod asking;
pub mod attendees;
pub mod availability;
pub mod claim;
pub mod cloud;
pub mod connection;
pub mod customer;
pub mod event;
pub mod features;
pub mod forecast;
pub mod grant;
pub mod graph_code;
pub mod guard;
pub mod history;
pub mod html;
pub mod ids;
pub mod interview;
pub mod key;
pub mod outbound;
pub mod permissions;
pub mod proof_log;
pub mod roles;
pub mod secret;
mod seen;
pub mod sign_in;
pub mod symptoms;
pub mod time;
pub mod verdict;
mod verdict_table;
pub mod wiped;
pub mod zones;
