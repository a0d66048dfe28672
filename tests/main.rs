//! Acceptance tests: the whole stack, driven from outside. One binary, for a debug binary with the AWS SDK is
//! large.

#![expect(clippy::print_stdout, reason = "counts of cases and calls are for whoever reads the run")]

mod architecture;
mod boot;
mod browser;
mod calls;
mod connect;
mod crash;
mod customers;
mod exactly_once;
mod guard;
mod hostile;
mod interviews;
mod laptop;
mod logs;
mod openapi;
mod other_microsoft;
mod programs;
mod readme;
mod refresh;
mod routes;
mod state;
mod template;
mod world;
