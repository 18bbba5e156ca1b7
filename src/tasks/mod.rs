//! Tasks: durable background work.
//!
//! A task is a row, put there by the transaction that wants it ([`Tx::enqueue`](crate::db::Tx::enqueue)) and worked off
//! by whatever process is free. A worker holds it by a lease that it renews; when the worker dies, the lease runs out
//! and another one begins the next try. A room that has work to do registers a [`TaskKind`](body::TaskKind) with the
//! application.

pub mod body;
pub mod commands;
pub mod drill;
pub mod model;
pub mod queries;
pub mod rules;
pub mod urls;
pub mod workers;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(_: &mut Routes) {}
