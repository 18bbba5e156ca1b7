//! Meters 计量项: what is measured, in which unit, and by which dimensions.

pub mod model;
pub mod queries;
