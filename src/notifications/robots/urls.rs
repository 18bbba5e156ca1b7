//! Where robots are found.

use crate::types::ids::RobotId;

/// All of them.
pub const INDEX: &str = "/messages/robots";

/// The form of a new robot.
pub const NEW: &str = "/messages/robots/new";

/// One robot, where its form is sent to.
pub fn robot(id: impl Into<RobotId>) -> String {
    format!("{INDEX}/{}", id.into())
}

/// Editing a robot.
pub fn edit(id: impl Into<RobotId>) -> String {
    format!("{}/edit", robot(id))
}

/// Trying a robot.
pub fn test(id: impl Into<RobotId>) -> String {
    format!("{}/test", robot(id))
}

/// Disconnecting a robot.
pub fn delete(id: impl Into<RobotId>) -> String {
    format!("{}/delete", robot(id))
}
