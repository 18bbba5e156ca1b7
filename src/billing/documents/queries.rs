//! Reading what stands on a bill beside its lines: the bills that it replaces or is replaced by, and its credit notes.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::billing::bills::model::DocumentState;
use crate::db::Db;
use crate::schema::{bills, credit_notes};
use crate::types::Result;
use crate::types::ids::BillId;

/// What a credit note took back: its number, how much, whether all of it, and when.
pub type Credited = (Option<String>, Decimal, bool, Option<NaiveDateTime>);

/// The number of the bill that was sent in the place of this one.
pub fn replaced_by(db: &mut Db, id: BillId) -> Result<Option<String>> {
    Ok(bills::table
        .filter(bills::reissue_of.eq(id))
        .filter(bills::document_state.eq(DocumentState::Sent))
        .order(bills::id.desc())
        .select(bills::number)
        .first(db.conn())
        .optional()?)
}

/// The credit notes that were issued on a bill, in their order. One has a number once it is issued.
pub fn credited(db: &mut Db, id: BillId) -> Result<Vec<Credited>> {
    Ok(credit_notes::table
        .filter(credit_notes::bill_id.eq(id))
        .filter(credit_notes::number.is_not_null())
        .order(credit_notes::id)
        .select((credit_notes::number, credit_notes::amount, credit_notes::whole, credit_notes::decided_at))
        .load(db.conn())?)
}
