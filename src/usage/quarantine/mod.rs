//! The quarantine 异常用量: records that a rule caught, as they were sent, until a person has decided.

pub mod commands;
pub mod model;
pub mod queries;
