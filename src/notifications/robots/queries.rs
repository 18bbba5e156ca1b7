//! Reading robots.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::db::Db;
use crate::notifications::kinds::Kind;
use crate::notifications::outbox::model::Listener;
use crate::schema::robots;
use crate::types::Result;
use crate::types::ids::RobotId;

use super::model::{Robot, RobotRow};

/// All robots, by name.
pub fn all(db: &mut Db) -> Result<Vec<Robot>> {
    let rows: Vec<RobotRow> =
        robots::table.order((robots::name, robots::id)).select(RobotRow::as_select()).load(db.conn())?;
    Ok(rows.into_iter().map(Robot::from).collect())
}

/// One robot.
pub fn find(db: &mut Db, id: RobotId) -> Result<Robot> {
    Ok(robots::table.find(id).select(RobotRow::as_select()).first::<RobotRow>(db.conn())?.into())
}

/// One robot, locked until the transaction ends.
pub fn lock(db: &mut Db, id: RobotId) -> Result<Robot> {
    let row: RobotRow = robots::table.find(id).select(RobotRow::as_select()).for_update().first(db.conn())?;
    Ok(row.into())
}

/// The robots that a message of a kind is told: those that it names, and those that are told every message of the kind.
pub fn listeners(db: &mut Db, kind: &Kind, named: &BTreeSet<RobotId>) -> Result<Vec<Listener>> {
    let listens = |robot: &Robot| {
        let told =
            kind.robots && robot.paused_at.is_none() && robot.kinds.iter().any(|code| code == kind.code);
        told || named.contains(&robot.id)
    };
    let all = if kind.robots || !named.is_empty() { all(db)? } else { Vec::new() };
    Ok(all
        .into_iter()
        .filter(listens)
        .map(|robot| Listener { id: robot.id, name: robot.name, language: robot.language })
        .collect())
}
