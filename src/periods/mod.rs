//! Which billing months are billed and which are closed. What counts in a closed month changes no more; a billed one takes
//! no more usage, though prices may still be opened in it for customers that could not be billed. Usage and prices ask here
//! before they write, and the billing room says so here.

pub mod commands;
mod model;
pub mod queries;
