//! How often the page may be asked for, so that nobody finds a link by trying.

use crate::billing::links;
use crate::db::{Db, rate};
use crate::types::Result;

/// Requests that an address may make within a minute: an office behind one address reads its bills with it.
pub const PER_ADDRESS: u32 = 120;

/// Requests that may be made of a token within a minute.
pub const PER_TOKEN: u32 = 60;

/// Counts a request, and refuses it where there were too many.
pub fn count(db: &mut Db, address: &str, token: &str) -> Result<()> {
    rate::spend(db, &format!("bill_link.address.{address}"), PER_ADDRESS)?;
    rate::spend(db, &links::rules::bucket(token), PER_TOKEN)
}
