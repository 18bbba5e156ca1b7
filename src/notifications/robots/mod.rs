//! Robots of group chats: where messages are told to a group at DingTalk, WeCom or Feishu.
//!
//! The address of a robot holds its key. Address and secret are sealed, opened only to send, and never shown again.

pub mod commands;
pub mod model;
pub mod protocol;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;

use crate::web::Routes;

/// The routes of robots.
pub fn routes(_: &mut Routes) {}
