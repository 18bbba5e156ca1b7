//! Reading disputes, within the reach of who asks where it says so: a dispute is where the customer of its bill is.

use diesel::dsl::{count_star, max};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::customers::directory;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::db::listing::{Listing, PageRequest};
use crate::schema::{bills as bill_rows, dispute_messages, disputes};
use crate::types::ids::{BillId, DisputeId};
use crate::types::{Error, Permission, Result};

use super::model::{Dispute, DisputeFilter, DisputeMessage, DisputeRow, DisputeState};

/// A condition on disputes and their bills.
type Condition = Box<
    dyn BoxableExpression<
            diesel::helper_types::InnerJoinQuerySource<disputes::table, bill_rows::table>,
            Mysql,
            SqlType = Nullable<Bool>,
        >,
>;

/// A page of disputes within reach: what waits longest first.
pub fn list(db: &mut Db, filter: &DisputeFilter, page: PageRequest) -> Result<Listing<DisputeRow>> {
    let reach = Reach::of(db, Permission::DisputeAnswer)?;
    let mut count = disputes::table.inner_join(bill_rows::table).select(count_star()).into_boxed();
    let mut rows = disputes::table
        .inner_join(bill_rows::table)
        .select((Dispute::as_select(), Bill::as_select()))
        .into_boxed();
    for condition in conditions(filter, &reach) {
        count = count.filter(condition);
    }
    for condition in conditions(filter, &reach) {
        rows = rows.filter(condition);
    }
    let total: i64 = count.get_result(db.conn())?;
    let page = page.within(total);
    let found: Vec<(Dispute, Bill)> = rows
        .order((disputes::written_at, disputes::id))
        .limit(page.per_page)
        .offset(page.offset())
        .load(db.conn())?;
    let ids: Vec<_> = found.iter().map(|(_, bill)| bill.customer_id).collect();
    let mut owners = directory::queries::by_ids(db, &ids)?;
    let rows = found.into_iter().filter_map(|(dispute, bill)| {
        let customer = owners.get_mut(&bill.customer_id)?.clone();
        Some(DisputeRow { dispute, bill, customer })
    });
    Ok(Listing { rows: rows.collect(), total, page })
}

fn conditions(filter: &DisputeFilter, reach: &Reach) -> Vec<Condition> {
    let mut all: Vec<Condition> = Vec::new();
    match filter.state {
        Some(state) => all.push(Box::new(disputes::state.eq(state).nullable())),
        None if filter.with_closed => (),
        None => {
            let waiting = [DisputeState::Open, DisputeState::Answered];
            all.push(Box::new(disputes::state.eq_any(waiting).nullable()));
        }
    }
    if let Some(bill) = filter.bill {
        all.push(Box::new(disputes::bill_id.eq(bill).nullable()));
    }
    if let Some(reached) = directory::queries::reached(reach) {
        all.push(Box::new(bill_rows::customer_id.eq_any(reached).nullable()));
    }
    all
}

/// One dispute, within reach.
pub fn find(db: &mut Db, id: DisputeId) -> Result<DisputeRow> {
    let dispute = get(db, id)?;
    let (bill, customer) = bills::queries::find(db, Permission::DisputeAnswer, dispute.bill_id)?;
    Ok(DisputeRow { dispute, bill, customer })
}

/// One dispute, whoever asks.
pub fn get(db: &mut Db, id: DisputeId) -> Result<Dispute> {
    Ok(disputes::table.find(id).select(Dispute::as_select()).first(db.conn())?)
}

/// One dispute of a bill, whoever asks.
///
/// # Errors
/// [`Error::NotFound`] when it is of another bill.
pub fn of_bill_by_id(db: &mut Db, bill: BillId, id: DisputeId) -> Result<Dispute> {
    Some(get(db, id)?).filter(|dispute| dispute.bill_id == bill).ok_or(Error::NotFound)
}

/// The disputes of a bill, whoever asks, the newest first.
pub fn of_bill(db: &mut Db, bill: BillId) -> Result<Vec<Dispute>> {
    Ok(disputes::table
        .filter(disputes::bill_id.eq(bill))
        .order(disputes::id.desc())
        .select(Dispute::as_select())
        .load(db.conn())?)
}

/// The messages of these disputes, in their order, whoever asks.
pub fn messages(db: &mut Db, ids: &[DisputeId]) -> Result<Vec<DisputeMessage>> {
    Ok(dispute_messages::table
        .filter(dispute_messages::dispute_id.eq_any(ids))
        .order((dispute_messages::dispute_id, dispute_messages::position))
        .select(DisputeMessage::as_select())
        .load(db.conn())?)
}

/// The place of the last message of a dispute; 0 where there is none.
pub fn last_position(db: &mut Db, id: DisputeId) -> Result<u16> {
    let last: Option<u16> = dispute_messages::table
        .filter(dispute_messages::dispute_id.eq(id))
        .select(max(dispute_messages::position))
        .first(db.conn())?;
    Ok(last.unwrap_or_default())
}
