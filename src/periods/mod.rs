//! Which billing months are closed. What counts in a closed month changes no more: usage and prices ask here before they
//! write, and whoever closes months (the billing room, later) says so here.

pub mod commands;
mod model;
pub mod queries;
