//! Acceptance tests of the whole stack live in `main.rs`.
