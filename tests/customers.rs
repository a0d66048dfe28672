//! Customers: their settings, their switch, their connections, and their end.

mod connections;
mod deletion;
mod faults;
mod settings;
mod shredding;
mod switch;
