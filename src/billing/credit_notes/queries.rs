//! Reading credit notes, within the reach of who asks where it says so: a credit note is where the customer of its bill is.

use std::collections::BTreeMap;

use diesel::dsl::sum;
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::billing::bills;
use crate::billing::bills::model::Bill;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::listing::{Count, PER_PAGE, Seek, Stream, count_up_to_limit};
use crate::db::{Db, like};
use crate::schema::{bills as bills_table, credit_note_lines, credit_notes, customers};
use crate::types::ids::{BillId, CreditNoteId, UserId};
use crate::types::{Error, Money, Permission, Result};

use super::forms::CreditNoteFilter;
use super::model::{CreditNote, CreditNoteLine, CreditNoteState, LeftOver};

/// A credit note, its bill and its customer, within reach.
///
/// # Errors
/// [`Error::NotFound`] when it is not there, or its customer is out of reach.
pub fn find(db: &mut Db, permission: Permission, id: CreditNoteId) -> Result<(CreditNote, Bill, Customer)> {
    let note = get(db, id)?.ok_or(Error::NotFound)?;
    let (bill, customer) = bills::queries::find(db, permission, note.bill_id)?;
    Ok((note, bill, customer))
}

/// A credit note, whoever asks.
pub fn get(db: &mut Db, id: CreditNoteId) -> Result<Option<CreditNote>> {
    Ok(credit_notes::table.find(id).select(CreditNote::as_select()).first(db.conn()).optional()?)
}

/// A credit note, whoever asks, locked until the transaction ends: after its customer and its bill.
pub fn lock(db: &mut Db, id: CreditNoteId) -> Result<CreditNote> {
    Ok(credit_notes::table.find(id).select(CreditNote::as_select()).for_update().first(db.conn())?)
}

/// The credit notes of these bills, the earliest first, by bill.
pub fn of_bills(db: &mut Db, ids: &[BillId]) -> Result<BTreeMap<BillId, Vec<CreditNote>>> {
    let notes: Vec<CreditNote> = credit_notes::table
        .filter(credit_notes::bill_id.eq_any(ids))
        .order((credit_notes::bill_id, credit_notes::id))
        .select(CreditNote::as_select())
        .load(db.conn())?;
    let mut found: BTreeMap<BillId, Vec<CreditNote>> = BTreeMap::new();
    for note in notes {
        found.entry(note.bill_id).or_default().push(note);
    }
    Ok(found)
}

/// The credit note of a bill that waits for approval.
pub fn pending(db: &mut Db, bill: BillId) -> Result<Option<CreditNote>> {
    let waiting = credit_notes::table
        .filter(credit_notes::bill_id.eq(bill))
        .filter(credit_notes::state.eq(CreditNoteState::Asked));
    Ok(waiting.select(CreditNote::as_select()).first(db.conn()).optional()?)
}

/// What a credit note takes back, by line.
pub fn lines(db: &mut Db, id: CreditNoteId) -> Result<Vec<CreditNoteLine>> {
    Ok(credit_note_lines::table
        .filter(credit_note_lines::credit_note_id.eq(id))
        .order(credit_note_lines::position)
        .select(CreditNoteLine::as_select())
        .load(db.conn())?)
}

/// The lines of a bill, and what is left of each.
pub fn left_over(db: &mut Db, bill: BillId) -> Result<Vec<LeftOver>> {
    let credited: Vec<(u16, Option<Decimal>)> = credit_note_lines::table
        .inner_join(credit_notes::table)
        .filter(credit_notes::bill_id.eq(bill))
        .filter(credit_notes::state.eq(CreditNoteState::Issued))
        .group_by(credit_note_lines::position)
        .select((credit_note_lines::position, sum(credit_note_lines::amount)))
        .load(db.conn())?;
    let credited: BTreeMap<u16, Decimal> =
        credited.into_iter().map(|(position, amount)| (position, amount.unwrap_or_default())).collect();
    let lines = bills::queries::lines(db, bill)?.into_iter();
    Ok(lines
        .map(|line| {
            let credited = credited.get(&line.position).copied().unwrap_or_default();
            LeftOver::new(line, Money(credited))
        })
        .collect())
}

/// The bills that took the place of one another, the first one first: from any of them.
pub fn chain(db: &mut Db, bill: &Bill) -> Result<Vec<Bill>> {
    let (mut before, mut first) = (Vec::new(), bill.clone());
    while let Some(id) = first.reissue_of.filter(|_| before.len() < LONGEST) {
        let Some(earlier) = bills::queries::get(db, id)? else { break };
        before.push(earlier.clone());
        first = earlier;
    }
    before.reverse();
    before.push(bill.clone());
    let mut last = bill.id;
    while before.len() < 2 * LONGEST {
        let next: Vec<Bill> = bills_table::table
            .filter(bills_table::reissue_of.eq(last))
            .order(bills_table::id)
            .select(Bill::as_select())
            .load(db.conn())?;
        let Some(newest) = next.last() else { break };
        last = newest.id;
        before.extend(next);
    }
    Ok(before)
}

/// The most bills that are followed in one direction.
const LONGEST: usize = 50;

/// Whether the customer of a bill has a bill of its month and kind that counts.
pub fn has_live(db: &mut Db, bill: &Bill) -> Result<bool> {
    let live = bills_table::table
        .filter(bills_table::customer_id.eq(bill.customer_id))
        .filter(bills_table::live_month.eq(bill.month))
        .filter(bills_table::kind.eq(bill.kind));
    Ok(diesel::select(diesel::dsl::exists(live)).get_result(db.conn())?)
}

/// A credit note of a list: with the number of its bill, and the code and the name of the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditNoteRow {
    /// The credit note.
    pub note: CreditNote,
    /// The number of the bill.
    pub bill: String,
    /// The currency of the amount.
    pub currency: String,
    /// The code of the customer.
    pub company_code: String,
    /// The name of the customer.
    pub company_name: String,
}

/// Credit notes with their bills and their customers, as far as the filter and the reach of who asks let them through. A macro,
/// because its type cannot be written down.
macro_rules! filtered {
    ($db:expr, $filter:expr, $select:expr) => {{
        let mut query = credit_notes::table
            .inner_join(bills_table::table.inner_join(customers::table))
            .select($select)
            .into_boxed();
        if let Reach::OwnedBy(users) = Reach::of($db, Permission::BillView)? {
            let users: Vec<UserId> = users.into_iter().collect();
            let sells = customers::sales_owner_id.eq_any(users.clone());
            query = query.filter(sells.or(customers::ops_owner_id.eq_any(users)));
        }
        if let Some(state) = $filter.state {
            query = query.filter(credit_notes::state.eq(state));
        }
        if let Some(month) = $filter.month {
            query = query.filter(bills_table::month.eq(month.first_day()));
        }
        if let Some(q) = &$filter.q {
            // Numbers are stored as plain letters, which the database compares with no others; none begins with a dash.
            let plain = if q.is_ascii() { q.as_str() } else { "-" };
            let number = credit_notes::number.like(like::beginning(plain));
            let bill = bills_table::number.like(like::beginning(plain)).nullable();
            let code = customers::company_code.like(like::beginning(q)).nullable();
            let name = customers::company_name.like(like::containing(q)).nullable();
            query = query.filter(number.or(bill).or(code).or(name));
        }
        query
    }};
}

/// A piece of the list, the latest first.
pub fn list(db: &mut Db, filter: &CreditNoteFilter, seek: Seek) -> Result<Stream<CreditNoteRow>> {
    let counted = filtered!(db, filter, credit_notes::id);
    let count = Count::limited(count_up_to_limit(counted, db.conn())?);
    let columns = (
        CreditNote::as_select(),
        bills_table::number,
        bills_table::currency,
        customers::company_code,
        customers::company_name,
    );
    let query = filtered!(db, filter, columns).limit(PER_PAGE + 1);
    let query = match seek {
        Seek::Newest => query.order(credit_notes::id.desc()),
        Seek::OlderThan(id) => query.filter(credit_notes::id.lt(id)).order(credit_notes::id.desc()),
        Seek::NewerThan(id) => query.filter(credit_notes::id.gt(id)).order(credit_notes::id.asc()),
    };
    let found: Vec<(CreditNote, String, String, String, String)> = query.load(db.conn())?;
    let row = |(note, bill, currency, company_code, company_name)| CreditNoteRow {
        note,
        bill,
        currency,
        company_code,
        company_name,
    };
    Ok(Stream::of(found.into_iter().map(row).collect(), seek, count, |row: &CreditNoteRow| row.note.id.0))
}
