//! Acceptance tests: the whole stack, driven from outside. One binary, for a debug binary with the AWS SDK is
//! large.

#![expect(clippy::print_stdout, reason = "counts of cases and calls are for whoever reads the run")]
#![expect(clippy::similar_names, reason = "a case, and what came of it, are best called so")]

mod approvals;
mod architecture;
mod assertions;
mod availability;
mod boot;
mod browser;
mod calls;
mod clouds;
mod connect;
mod crash;
mod customers;
mod deployed;
mod doctor;
mod events;
mod exactly_once;
mod faults;
mod guard;
mod hostile;
mod interviews;
mod it;
mod journeys;
mod laptop;
mod logs;
mod metrics;
mod openapi;
mod other_microsoft;
mod programs;
mod promises;
mod proof_log;
mod properties;
mod races;
mod readme;
mod refresh;
mod rooms;
mod routes;
mod seeds;
mod state;
mod statuses;
mod template;
mod world;
