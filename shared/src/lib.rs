#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod access;
pub mod app;
pub mod approving;
pub mod availability;
pub mod aws_http;
pub mod clock;
pub mod concurrent;
mod deadlines;
pub mod doctor;
mod doctor_table;
pub mod domain;
pub mod function;
pub mod input;
pub mod manifest;
pub mod metrics;
pub mod microsoft;
pub mod outbox;
pub mod problem;
mod problem_table;
mod request;
mod response;
pub mod scheduling;
pub mod settings;
pub mod shredding;
pub mod signing_in;
pub mod store;
mod strict_json;
pub mod telemetry;
pub mod vault;
