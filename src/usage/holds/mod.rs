//! What usage keeps from being erased: customers that an import created, once usage hangs on them.

mod batch;
mod queries;

pub use batch::FOLLOWER;
