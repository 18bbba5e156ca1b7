//! Contacts: the people whom one talks to at a customer.

pub mod commands;
