//! Handing customers over.

use crate::customers::directory;
use crate::customers::directory::cause::Cause;
use crate::db::Tx;
use crate::types::ids::CustomerId;
use crate::types::{Action, Error, Permission, Result};

use super::forms::HandOver;
use super::messages;

/// Gives a customer other owners, as it was read in `version`, and tells the new ones.
pub fn hand_over(tx: &mut Tx, id: CustomerId, version: u32, draft: &HandOver) -> Result<()> {
    let before = directory::commands::lock_live(tx, Permission::CustomerHandOver, id)?;
    if before.version != version {
        return Err(Error::Stale);
    }
    let mut after = before.fields.clone();
    (after.sales_owner, after.ops_owner) = (draft.sales_owner, draft.ops_owner);
    let cause = Cause::by_hand(Action::CustomerHandedOver, Permission::CustomerHandOver);
    let cause = cause.because(Some(draft.reason.clone()));
    messages::tell(tx, &before, [draft.sales_owner, draft.ops_owner], &draft.reason)?;
    directory::commands::save_all(tx, vec![(before, after)], &cause)
}
