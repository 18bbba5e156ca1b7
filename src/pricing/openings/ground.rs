//! What becomes of a customer who is to be given a version: the row of a batch, by whatever the version was worked out.

use std::collections::BTreeMap;

use crate::batches::model::{Body, Change, Fault, NewRow, RowOutcome};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::periods;
use crate::periods::queries::ClosedMonths;
use crate::pricing::models::Model;
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::PlanVersion;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};

use super::model::Opening;
use super::present::Present;
use super::rules::{self, CONTRACT_YEAR, UNTIL, VALID_FROM};

/// Some customers, their versions, and the months that are closed.
pub struct Ground {
    /// What there is of the customers within reach.
    pub present: Present,
    customers: BTreeMap<CustomerId, Customer>,
    closed: ClosedMonths,
}

impl Ground {
    /// The ground of these customers, as far as whoever asks may change their prices.
    pub fn load(db: &mut Db, ids: &[CustomerId]) -> Result<Ground> {
        let reach = Reach::of(db, Permission::PriceEdit)?;
        let mut customers = directory::queries::by_ids(db, ids)?;
        customers.retain(|_, customer| reach.covers(&customer.fields));
        let (present, closed) = (Present::load(db, customers.clone())?, periods::queries::closed(db)?);
        Ok(Ground { present, customers, closed })
    }

    /// A customer within reach.
    pub fn customer(&self, id: CustomerId) -> Option<&Customer> {
        self.customers.get(&id)
    }

    /// The row of a customer who is to be given a version: it is there already, it cannot come into force, or it is opened.
    pub fn row(&self, customer: &Customer, draft: &VersionDraft) -> Result<NewRow> {
        let day = draft.valid_from;
        if let Some(known) = self.present.known(customer.id, draft, false) {
            return Ok(unchanged(customer, Some(known)));
        }
        if let Some(fault) = self.refusal(customer, draft) {
            return Ok(failed(&customer.label(), fault));
        }
        let base = self.present.on(customer.id, day);
        let before = base.map(PlanVersion::draft);
        let opening = Opening {
            customer: customer.id,
            draft: draft.clone(),
            base: base.map(|base| base.version.id),
            has_own_reason: false,
        };
        let mut changes = rules::changes(before.as_ref(), draft);
        let change =
            |field: &str, day: String| Change { field: field.to_owned(), was: None, becomes: Some(day) };
        let until = self.present.next_after(customer.id, day);
        changes.extend(until.map(|until| change(UNTIL, until.to_string())));
        // One that takes the place of another of the same day has the same contract year.
        let begins_anew = base.is_some_and(|base| base.version.valid_from != day);
        if begins_anew && draft.charges.iter().any(|charge| charge.model == Model::AnnualPackage) {
            changes.push(change(CONTRACT_YEAR, day.to_string()));
        }
        Ok(NewRow {
            number: None,
            outcome: RowOutcome::Create,
            label: customer.label(),
            subject_id: None,
            subject_version: None,
            body: Body { changes, extra: opening.carried()?, ..Body::default() },
        })
    }

    fn refusal(&self, customer: &Customer, draft: &VersionDraft) -> Option<Fault> {
        let (written, currency) = (draft.currency, customer.fields.currency);
        if written != currency {
            let said = Said::new(|t: Tr| t.price_plan_refused_currency(currency, written));
            return Some(fault("", "currency", said));
        }
        let until = self.present.next_after(customer.id, draft.valid_from);
        if let Some(month) = self.closed.first_within(draft.valid_from, until) {
            let said = Said::new(|t: Tr| t.price_plan_refused_closed_month(month));
            return Some(fault(VALID_FROM, "closed_month", said));
        }
        Some(fault("", "invalid_price", rules::first_fault(draft)?))
    }
}

/// The row of a customer whose prices are what they shall be.
pub fn unchanged(customer: &Customer, known: Option<&PlanVersion>) -> NewRow {
    NewRow {
        number: None,
        outcome: RowOutcome::Unchanged,
        label: customer.label(),
        subject_id: known.map(|plan| plan.version.id.0),
        subject_version: None,
        body: Body::default(),
    }
}

/// The row of what cannot be given the version.
pub fn failed(label: &str, fault: Fault) -> NewRow {
    NewRow {
        number: None,
        outcome: RowOutcome::Failed,
        label: label.to_owned(),
        subject_id: None,
        subject_version: None,
        body: Body { faults: vec![fault], ..Body::default() },
    }
}

/// What is wrong with a row: at a column, or as a whole.
pub fn fault(column: &str, code: &str, said: Said) -> Fault {
    Fault { column: column.to_owned(), code: code.to_owned(), said, cell: String::new() }
}

/// The customers within reach that have these codes, in their order; and rows for codes that none of them has.
pub fn named(db: &mut Db, codes: &[String]) -> Result<(Vec<CustomerId>, Vec<NewRow>)> {
    let reach = Reach::of(db, Permission::PriceEdit)?;
    let found = directory::queries::by_codes(db, &codes.iter().map(String::as_str).collect::<Vec<_>>())?;
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    for code in codes {
        if let Some(customer) = found.get(code).filter(|customer| reach.covers(&customer.fields)) {
            ids.push(customer.id);
        } else {
            let said = Said::new(Tr::price_imports_unknown_customer);
            unknown.push(failed(code, fault("", "unknown_customer", said)));
        }
    }
    Ok((ids, unknown))
}
