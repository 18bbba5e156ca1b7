//! Lines that somebody writes by hand into a draft 手工行: what for, how much and why. They stand behind what the run has
//! found and may take something off, but not more than the bill comes to.

pub mod commands;
pub mod forms;
pub mod pages;
