//! Making the changes of an edit of many, and taking them back.

use std::collections::{BTreeMap, BTreeSet};

use crate::batches::BatchKind;
use crate::batches::model::{Batch, Change, Row, RowResult};
use crate::customers::directory::cause::Cause;
use crate::customers::directory::checks::{self, Draft};
use crate::customers::directory::commands::write_all;
use crate::customers::directory::fields::Field;
use crate::customers::directory::model::{Customer, Fields, KIND as CUSTOMER};
use crate::customers::directory::queries;
use crate::customers::grid::cells::Names;
use crate::customers::grid::urls;
use crate::customers::status::model::Cause as MoveCause;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::types::ids::CustomerId;
use crate::types::{Action, Error, Permission, Result};

use super::model::Details;
use super::planning::keep_reached;
use super::rules;

/// Edits of many customers, among the kinds of batches.
pub const KIND: BatchKind = BatchKind {
    code: "customers.bulk",
    permission: Permission::CustomerEdit,
    home: urls::INDEX,
    subject: CUSTOMER,
    field,
    may_see: |_, _| true,
    values,
    moved,
    apply,
    committed: None,
    undo,
    check: None,
    mend: None,
};

/// What a field is called.
fn field(t: Tr, code: &str) -> String {
    code.parse::<Field>().map_or_else(|_| code.to_owned(), |field| field.label(t))
}

/// Puts values into words.
fn values(db: &mut Db, t: Tr, changes: &[Change]) -> Result<Vec<(String, String)>> {
    let names = Names::of_changes(db, changes)?;
    let words = |code: &str, text: &Option<String>| match (code.parse::<Field>(), text) {
        (Ok(field), Some(text)) => names.words(t, field, text.clone()),
        (_, text) => text.clone().unwrap_or_default(),
    };
    Ok(changes
        .iter()
        .map(|change| (words(&change.field, &change.was), words(&change.field, &change.becomes)))
        .collect())
}

fn ids(rows: &[Row]) -> Vec<CustomerId> {
    let ids: BTreeSet<CustomerId> = rows.iter().filter_map(|row| row.subject_id).map(CustomerId).collect();
    ids.into_iter().collect()
}

fn of<'a>(customers: &'a BTreeMap<CustomerId, Customer>, row: &Row) -> Option<&'a Customer> {
    customers.get(&CustomerId(row.subject_id?)).filter(|customer| customer.is_live())
}

/// The fields of a row in which a customer no longer is what `expected` says of each change.
fn drifted(customer: &Customer, row: &Row, expected: fn(&Change) -> &Option<String>) -> Vec<Field> {
    let drifted = |change: &Change| {
        let field: Field = change.field.parse().ok()?;
        (customer.fields.get(field) != *expected(change)).then_some(field)
    };
    row.body.changes.iter().filter_map(drifted).collect()
}

/// What moved under a row.
fn moved_under(customer: Option<&Customer>, row: &Row) -> Option<Said> {
    let Some(customer) = customer else { return Some(Said::new(Tr::customer_bulk_gone)) };
    let fields = drifted(customer, row, |change| &change.was);
    (!fields.is_empty()).then(|| Said::new(|t| t.customer_bulk_moved(labels(t, &fields))))
}

fn labels(t: Tr, fields: &[Field]) -> String {
    t.join(fields.iter().map(|field| field.label(t)))
}

fn moved(db: &mut Db, batch: &Batch, rows: &[Row]) -> Result<Vec<(u32, Said)>> {
    let Details { wanted, .. } = batch.details()?;
    let mut customers = queries::by_ids(db, &ids(rows))?;
    keep_reached(db, &wanted, &mut customers)?;
    let moved = |row: &Row| Some((row.position, moved_under(of(&customers, row), row)?));
    Ok(rows.iter().filter_map(moved).collect())
}

/// A row whose customer is to be saved.
type Wished<'a> = (&'a Row, Customer, Fields, Option<Said>);

fn apply(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let Details { wanted, .. } = batch.details()?;
    let mut customers = queries::lock_all(tx, Permission::CustomerEdit, &ids(rows))?;
    keep_reached(tx, &wanted, &mut customers)?;
    let (mut results, mut plans): (Vec<RowResult>, Vec<Wished>) = (Vec::new(), Vec::new());
    for row in rows {
        let customer = of(&customers, row);
        match (moved_under(customer, row), customer) {
            (None, Some(customer)) => {
                let after = rewritten(customer, row, |change| change.becomes.as_deref(), &[])?;
                match rules::fault_of_move(&customer.fields, &after) {
                    Some(fault) => results.push(RowResult::left(row, fault.said)),
                    None => plans.push((row, customer.clone(), after, None)),
                }
            }
            (said, _) => {
                let said = said.unwrap_or_else(|| Said::new(Tr::customer_bulk_gone));
                results.push(RowResult::left(row, said));
            }
        }
    }
    let action = if wanted.is_hand_over() { Action::CustomerHandedOver } else { Action::CustomerBulkEdited };
    let cause = Cause::by_hand(action, Permission::CustomerEdit).because(wanted.reason);
    save(tx, plans, &cause.moving(MoveCause::Bulk), &mut results)?;
    Ok(results)
}

/// The customers of an edit that is taken back, locked. Those that it handed over have left the reach of who made it, and
/// come back all the same; all others have to be within it still.
fn lock_edited(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<BTreeMap<CustomerId, Customer>> {
    let Details { wanted, .. } = batch.details()?;
    if wanted.sets_owner() {
        if wanted.sets(Field::Status) {
            tx.actor().need(Permission::StatusMove)?;
        }
        return queries::lock_whoever_asks(tx, &ids(rows));
    }
    let mut customers = queries::lock_all(tx, Permission::CustomerEdit, &ids(rows))?;
    keep_reached(tx, &wanted, &mut customers)?;
    Ok(customers)
}

fn undo(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let customers = lock_edited(tx, batch, rows)?;
    let (mut results, mut plans): (Vec<RowResult>, Vec<Wished>) = (Vec::new(), Vec::new());
    for row in rows {
        let Some(customer) = of(&customers, row) else {
            results.push(RowResult::left(row, Said::new(Tr::customer_bulk_gone)));
            continue;
        };
        let edited = drifted(customer, row, |change| &change.becomes);
        let said = (!edited.is_empty()).then(|| Said::new(|t| t.customer_bulk_kept(labels(t, &edited))));
        match said {
            Some(said) if edited.len() == row.body.changes.len() => results.push(RowResult::left(row, said)),
            said => {
                let after = rewritten(customer, row, |change| change.was.as_deref(), &edited)?;
                plans.push((row, customer.clone(), after, said));
            }
        }
    }
    let cause = Cause::by_hand(Action::CustomerReverted, Permission::CustomerEdit).moving(MoveCause::Undo);
    save(tx, plans, &cause, &mut results)?;
    Ok(results)
}

/// The fields of a customer with one side of the changes of a row, but for some.
fn rewritten(
    customer: &Customer,
    row: &Row,
    side: fn(&Change) -> Option<&str>,
    but: &[Field],
) -> Result<Fields> {
    let mut after = customer.fields.clone();
    for change in &row.body.changes {
        let field: Field = change.field.parse().map_err(|_| broken(row))?;
        if !but.contains(&field) {
            after.set(field, side(change)).map_err(|_| broken(row))?;
        }
    }
    Ok(after)
}

fn broken(row: &Row) -> Error {
    Error::Internal(anyhow::anyhow!("row {} of a batch cannot be read", row.position))
}

/// Saves those that nothing speaks against by now; the others are left and say why.
fn save(tx: &mut Tx, plans: Vec<Wished>, cause: &Cause, results: &mut Vec<RowResult>) -> Result<()> {
    let (mut told, mut drafts) = (Vec::with_capacity(plans.len()), Vec::with_capacity(plans.len()));
    for (row, before, after, said) in plans {
        told.push((row, said));
        drafts.push(Draft { before: Some(before), after });
    }
    let (mut kept, mut checked) = (Vec::new(), Vec::new());
    for ((row, said), verdict) in told.into_iter().zip(checks::check(tx, drafts, cause)?) {
        match verdict {
            Ok(one) => {
                kept.push((row, said));
                checked.push(one);
            }
            Err(faults) => results.extend(faults.first().map(|fault| RowResult::left(row, fault.said()))),
        }
    }
    let written = write_all(tx, checked, cause)?.into_iter().zip(kept);
    results.extend(
        written.map(|(one, (row, said))| RowResult { said, ..RowResult::done(row, one.id.0, one.version) }),
    );
    Ok(())
}
