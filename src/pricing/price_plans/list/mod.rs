//! The list of versions, over all customers: what waits, what one is writing, what comes, who has no price; as a page and
//! as a file.

pub mod export;
pub mod forms;
pub mod pages;
pub mod queries;
