//! Reading meters. There are a handful; whoever needs one reads them all.

use diesel::prelude::*;

use crate::db::Db;
use crate::schema::meters;
use crate::types::Result;
use crate::types::ids::MeterId;

use super::model::Meter;

/// All meters, the retired ones too, by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meters(Vec<Meter>);

impl Meters {
    /// All of them, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = &Meter> {
        self.0.iter()
    }

    /// Those that take usage.
    pub fn in_use(&self) -> impl Iterator<Item = &Meter> {
        self.0.iter().filter(|meter| meter.is_in_use())
    }

    /// The meter of an id.
    pub fn get(&self, id: MeterId) -> Option<&Meter> {
        self.0.iter().find(|meter| meter.id == id)
    }

    /// The meter of a code.
    pub fn of_code(&self, code: &str) -> Option<&Meter> {
        self.0.iter().find(|meter| meter.code == code)
    }

    /// The only meter in use, or the first one: what a price or a file means that names none.
    pub fn usual(&self) -> Option<&Meter> {
        self.in_use().min_by_key(|meter| meter.id)
    }
}

/// All meters.
pub fn all(db: &mut Db) -> Result<Meters> {
    Ok(Meters(meters::table.order(meters::code).select(Meter::as_select()).load(db.conn())?))
}

/// One meter, be it retired.
pub fn find(db: &mut Db, id: MeterId) -> Result<Meter> {
    Ok(meters::table.find(id).select(Meter::as_select()).first(db.conn())?)
}

/// All meters, locked until the transaction ends.
pub fn lock(db: &mut Db) -> Result<Meters> {
    Ok(Meters(meters::table.order(meters::code).select(Meter::as_select()).for_update().load(db.conn())?))
}
