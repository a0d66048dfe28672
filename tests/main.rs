//! Acceptance tests: the whole stack, driven from outside. One binary, for a debug binary with the AWS SDK is
//! large.

mod browser;
mod calls;
mod connect;
mod customers;
mod interviews;
mod logs;
mod refresh;
mod state;
mod template;
mod world;
