//! Copies as batches.

use std::collections::BTreeMap;

use crate::batches::BatchKind;
use crate::batches::model::{Body, Fault, NewRow, RowOutcome};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::periods;
use crate::periods::queries::ClosedMonths;
use crate::pricing::openings::batch::kind;
use crate::pricing::openings::model::{COPY, Opening};
use crate::pricing::openings::present::Present;
use crate::pricing::openings::rules::{self, VALID_FROM};
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::queries;
use crate::types::ids::CustomerId;
use crate::types::{Error, Permission, Result};

use super::model::Wanted;
use super::urls;

/// Copies, among the kinds of batches.
pub const KIND: BatchKind = kind(COPY, Permission::PriceEdit, urls::NEW);

/// What would become of the prices of these customers.
pub fn rows(db: &mut Db, wanted: &Wanted, ids: &[u64]) -> Result<Vec<NewRow>> {
    let source = queries::get(db, wanted.version)?.ok_or(Error::NotFound)?;
    let draft = VersionDraft { valid_from: wanted.valid_from, ..source.draft() };
    let ids: Vec<CustomerId> = ids.iter().copied().map(CustomerId).collect();
    let reach = Reach::of(db, Permission::PriceEdit)?;
    let mut customers = directory::queries::by_ids(db, &ids)?;
    customers.retain(|_, customer| reach.covers(&customer.fields));
    let all: BTreeMap<CustomerId, Customer> = customers.clone();
    let (present, closed) = (Present::load(db, customers)?, periods::queries::closed(db)?);
    let row = |id: &CustomerId| match all.get(id) {
        Some(customer) => row(customer, &draft, &present, &closed),
        None => Ok(failed(&format!("#{id}"), Said::new(Tr::price_batches_moved_gone))),
    };
    ids.iter().map(row).collect()
}

fn row(
    customer: &Customer,
    draft: &VersionDraft,
    present: &Present,
    closed: &ClosedMonths,
) -> Result<NewRow> {
    let base = present.on(customer.id, draft.valid_from);
    let opening = Opening {
        customer: customer.id,
        draft: draft.clone(),
        base: base.map(|base| base.version.id),
        reason_is_made: false,
    };
    let known = present.same(customer.id, draft, false).map(|plan| plan.version.id.0);
    let currency = customer.fields.currency;
    let next = present.next_after(customer.id, draft.valid_from);
    let refusal = if currency != draft.currency {
        Some(Said::new(|t: Tr| t.price_plan_refused_currency(currency, draft.currency)))
    } else {
        let month = closed.first_within(draft.valid_from, next);
        month.map(|month| Said::new(|t: Tr| t.price_plan_refused_closed_month(month)))
    };
    if let (None, Some(said)) = (known, refusal) {
        return Ok(NewRow { label: customer.label(), ..failed("", said) });
    }
    let before = base.map(|base| base.draft());
    let changes = match known {
        Some(_) => Vec::new(),
        None => rules::changes(before.as_ref(), draft),
    };
    Ok(NewRow {
        number: None,
        outcome: if known.is_some() { RowOutcome::Unchanged } else { RowOutcome::Create },
        label: customer.label(),
        subject_id: known,
        subject_version: None,
        body: Body { changes, extra: opening.carried()?, ..Body::default() },
    })
}

/// The row of what cannot be given the plan.
pub fn failed(label: &str, said: Said) -> NewRow {
    let fault =
        Fault { column: VALID_FROM.to_owned(), code: "refused".to_owned(), said, cell: String::new() };
    NewRow {
        number: None,
        outcome: RowOutcome::Failed,
        label: label.to_owned(),
        subject_id: None,
        subject_version: None,
        body: Body { faults: vec![Fault { column: String::new(), ..fault }], ..Body::default() },
    }
}
