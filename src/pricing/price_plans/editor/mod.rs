//! Writing a version: the form with its charges and their tiers, how it is shown, and the trial beside it.

pub mod charge_forms;
pub mod forms;
pub mod pages;
pub mod past_usage;
pub mod trial;
pub mod view;
