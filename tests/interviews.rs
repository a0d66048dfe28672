//! Interviews as the API promises them: asked for, read, moved, changed and called off.

mod absence;
mod by_hand;
mod cancel;
mod connections;
mod create;
mod edge;
mod faults_of_requests;
mod keys;
mod limits;
mod patch;
mod read;
mod reschedule;
mod rooms;
mod seen;
mod teams;
mod timeline;
