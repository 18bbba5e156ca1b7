//! Kinds of messages: each says which variables its words may use, by which channels it goes, and has original words in
//! both languages. A room puts its kinds into the application's [`Kinds`].

pub mod catalogue;
pub mod model;

pub use model::{Kind, Kinds, Original, Sample, Variable};
