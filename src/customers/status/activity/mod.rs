//! What customers do and owe, as far as their status depends on it. The rooms of usage and of receivables say it here; the
//! rules of the night read it.

pub mod commands;
