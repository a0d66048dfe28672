//! What a refusal by Graph means to whoever called us: the same for every step, see `access`.

pub use crate::access::graph_problem;
