//! What the company sells and measures.

pub mod meters;
