//! What follows from a change of customers or of their contacts, in the transaction that makes it: their assessment, and
//! who they are likely to be the same as.

use crate::db::Tx;
use crate::types::Result;
use crate::types::ids::CustomerId;

use super::{duplicates, quality};

/// The most customers whose likely duplicates are looked for at once; those of more are found right after an import, at
/// night, or when somebody asks for it.
pub const LOOKED_UP: usize = 20;

/// Keeps what is derived of customers, after they were created, changed, deleted or restored.
pub fn changed(tx: &mut Tx, ids: &[CustomerId]) -> Result<()> {
    quality::commands::assess(tx, ids)?;
    if ids.len() <= LOOKED_UP {
        for id in ids {
            duplicates::commands::look_up(tx, *id)?;
        }
    }
    Ok(())
}
