//! What customers used in the past, for trying prices on it. The room of usage, which knows, stands above this one: it
//! registers here how to ask.

use chrono::NaiveDate;

use crate::db::Db;
use crate::pricing::month::DayUsage;
use crate::types::Result;
use crate::types::ids::CustomerId;

/// What a customer used from one day to another, both included, by day, meter, series and layer. A part of the application.
#[derive(Clone, Copy)]
pub struct PastUsage(pub fn(&mut Db, CustomerId, NaiveDate, NaiveDate) -> Result<Vec<DayUsage>>);
