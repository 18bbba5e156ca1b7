//! Raises as batches.

use std::collections::BTreeMap;

use crate::batches::BatchKind;
use crate::batches::model::{Body, Change, Fault, NewRow, RowOutcome};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::periods;
use crate::pricing::models::Model;
use crate::pricing::openings::batch::kind;
use crate::pricing::openings::model::{Opening, RAISE};
use crate::pricing::openings::present::Present;
use crate::pricing::openings::rules::{self, CONTRACT_YEAR, UNTIL, VALID_FROM};
use crate::pricing::price_plans::draft::VersionDraft;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};

use super::model::Wanted;
use super::rules::raised;
use super::urls;

/// Raises, among the kinds of batches.
pub const KIND: BatchKind = kind(RAISE, Permission::PriceEdit, urls::NEW);

/// What would become of the prices of these customers. Who has none on that day, or none of the model that is asked for,
/// has no row.
pub fn rows(db: &mut Db, wanted: &Wanted, ids: &[u64]) -> Result<Vec<NewRow>> {
    let ids: Vec<CustomerId> = ids.iter().copied().map(CustomerId).collect();
    let reach = Reach::of(db, Permission::PriceEdit)?;
    let mut customers = directory::queries::by_ids(db, &ids)?;
    customers.retain(|_, customer| reach.covers(&customer.fields));
    let all: BTreeMap<CustomerId, Customer> = customers.clone();
    let (present, closed) = (Present::load(db, customers)?, periods::queries::closed(db)?);
    let mut rows = Vec::with_capacity(ids.len());
    for customer in ids.iter().filter_map(|id| all.get(id)) {
        let day = wanted.valid_from;
        let Some(base) = present.on(customer.id, day) else { continue };
        let before = base.draft();
        let is_meant = |model: Model| before.charges.iter().any(|charge| charge.model == model);
        if !wanted.model.is_none_or(is_meant) {
            continue;
        }
        let until = present.next_after(customer.id, day);
        let closed = closed.first_within(day, until);
        let opening = Opening {
            customer: customer.id,
            draft: raised(&before, wanted),
            base: Some(base.version.id),
            reason_is_made: false,
        };
        let refusal = closed.map(|month| Said::new(|t: Tr| t.price_plan_refused_closed_month(month)));
        let known = present.same(customer.id, &opening.draft, false).map(|plan| plan.version.id.0);
        let mut row = row(customer, &before, &opening, known, refusal)?;
        if row.outcome == RowOutcome::Create {
            let change =
                |field: &str, day: String| Change { field: field.to_owned(), was: None, becomes: Some(day) };
            row.body.changes.extend(until.map(|until| change(UNTIL, until.to_string())));
            if is_meant(Model::AnnualPackage) {
                row.body.changes.push(change(CONTRACT_YEAR, day.to_string()));
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The row of a customer whose prices become those of an opening.
fn row(
    customer: &Customer,
    before: &VersionDraft,
    opening: &Opening,
    known: Option<u64>,
    refusal: Option<Said>,
) -> Result<NewRow> {
    let mut changes = rules::changes(Some(before), &opening.draft);
    let is_same = known.is_some() || changes.iter().all(|change| change.field == VALID_FROM);
    let mut faults: Vec<Fault> = Vec::new();
    if let (Some(said), false) = (refusal, is_same) {
        faults.push(fault(VALID_FROM, "closed_month", said));
    }
    if let (Err(wrong), false) = (opening.draft.check(), is_same) {
        let wrong = wrong.iter().map(|one| fault("", "invalid_price", Said::new(|t| one.message.text(t))));
        faults.extend(wrong.take(1));
    }
    let outcome = match (is_same, faults.is_empty()) {
        (true, _) => RowOutcome::Unchanged,
        (_, false) => RowOutcome::Failed,
        _ => RowOutcome::Create,
    };
    if outcome == RowOutcome::Unchanged {
        changes.clear();
    }
    Ok(NewRow {
        number: None,
        outcome,
        label: customer.label(),
        subject_id: known,
        subject_version: None,
        body: Body { changes, faults, extra: opening.carried()?, ..Body::default() },
    })
}

fn fault(column: &str, code: &str, said: Said) -> Fault {
    Fault { column: column.to_owned(), code: code.to_owned(), said, cell: String::new() }
}
