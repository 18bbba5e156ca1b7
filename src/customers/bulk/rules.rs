//! What would become of one of many.

use crate::batches::model::{Body, Change, Fault, NewRow, RowOutcome};
use crate::customers::directory::fields::{Field, NoValue};
use crate::customers::directory::model::{Customer, Fields};
use crate::customers::directory::rules as directory_rules;
use crate::customers::status;
use crate::i18n::{Said, Tr};

use super::model::Wanted;

/// A customer's fields with what is wanted.
///
/// # Errors
/// When a text is no value of its field: forms let none through.
pub fn wished(fields: &Fields, wanted: &Wanted) -> Result<Fields, NoValue> {
    let mut after = fields.clone();
    for (field, text) in &wanted.fields {
        after.set(*field, text.as_deref())?;
    }
    Ok(after)
}

/// Why the status cannot move so, if it cannot.
pub fn fault_of_move(before: &Fields, after: &Fields) -> Option<Fault> {
    let refusal = status::rules::can_move(before.status, after.status).err()?;
    Some(Fault {
        column: Field::Status.as_str().to_owned(),
        code: refusal.code.to_owned(),
        said: Said::new(|t| refusal.message.text(t)),
        cell: String::new(),
    })
}

/// A fault of a customer as batches show it.
pub fn as_fault(fault: &directory_rules::Fault) -> Fault {
    Fault {
        column: fault.field.as_str().to_owned(),
        code: fault.code.to_owned(),
        said: Said::new(|t| fault.message.text(t)),
        cell: String::new(),
    }
}

/// The row of a customer: what changes, or why it cannot.
pub fn row(customer: &Customer, after: &Fields, faults: Vec<Fault>) -> NewRow {
    let changes: Vec<Change> = customer
        .fields
        .difference(after)
        .into_iter()
        .map(|change| Change {
            field: change.field.as_str().to_owned(),
            was: change.was,
            becomes: change.becomes,
        })
        .collect();
    let outcome = match (changes.is_empty(), faults.is_empty()) {
        (true, _) => RowOutcome::Unchanged,
        (false, true) => RowOutcome::Update,
        (false, false) => RowOutcome::Failed,
    };
    let faults = if outcome == RowOutcome::Failed { faults } else { Vec::new() };
    NewRow {
        number: None,
        outcome,
        label: customer.label(),
        subject_id: Some(customer.id.0),
        subject_version: Some(customer.version),
        body: Body { changes, faults, ..Body::default() },
    }
}

/// The row of a customer that has gone since it was chosen.
pub fn gone(id: u64) -> NewRow {
    let fault = Fault {
        column: String::new(),
        code: "gone".to_owned(),
        said: Said::new(Tr::customer_bulk_gone),
        cell: String::new(),
    };
    NewRow {
        number: None,
        outcome: RowOutcome::Failed,
        label: format!("#{id}"),
        subject_id: Some(id),
        subject_version: None,
        body: Body { faults: vec![fault], ..Body::default() },
    }
}
