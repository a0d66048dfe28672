//! What attackers try. Names of tests begin with the number of the threat in quality.md, section 3.

mod bodies;
mod browsers;
mod gateway;
mod hosts;
mod id_tokens;
mod local_gateway;
mod moved;
mod return_urls;
mod secrets;
mod tenants;
mod texts;
mod workers;
