//! The ways between the pages of the room.

use crate::types::Permission;
use crate::web::ui::Ui;

use super::{deliveries, robots, templates};

/// A way to a page of the room.
#[derive(Debug, Clone, Copy)]
pub struct Tab {
    /// What it is called.
    pub label: &'static str,
    /// Where it leads.
    pub url: &'static str,
    /// Whether it is the page that is open.
    pub current: bool,
}

/// The ways that the one who looks may go.
pub fn of(ui: &Ui, current: &str) -> Vec<Tab> {
    let t = ui.t;
    [
        (Permission::MessageView, t.messages_log(), deliveries::urls::INDEX),
        (Permission::MessageView, t.templates_title(), templates::urls::INDEX),
        (Permission::RobotEdit, t.robots_title(), robots::urls::INDEX),
    ]
    .into_iter()
    .filter(|(permission, _, _)| ui.can(*permission))
    .map(|(_, label, url)| Tab { label, url, current: url == current })
    .collect()
}
