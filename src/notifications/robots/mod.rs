//! Robots of group chats: where messages are told to a group at DingTalk, WeCom or Feishu.
//!
//! The address of a robot holds its key. Address and secret are sealed, opened only to send, and never shown again.

pub mod commands;
pub mod forms;
pub mod model;
pub mod pages;
pub mod protocol;
pub mod queries;
pub mod rules;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::types::Permission;
use crate::web::Routes;

/// The routes of robots.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::RobotEdit, pages::index);
    r.get(urls::NEW, Permission::RobotEdit, pages::new);
    r.post(urls::INDEX, Permission::RobotEdit, pages::create);
    r.get("/messages/robots/{robot}/edit", Permission::RobotEdit, pages::edit).shows("robot");
    r.post("/messages/robots/{robot}", Permission::RobotEdit, pages::update);
    r.post("/messages/robots/{robot}/test", Permission::RobotEdit, pages::test);
    r.get("/messages/robots/{robot}/delete", Permission::RobotEdit, pages::confirm_delete);
    r.post("/messages/robots/{robot}/delete", Permission::RobotEdit, pages::delete);
}
