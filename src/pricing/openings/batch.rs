//! Opening the versions of a batch, and taking them back: what the kinds of batches of prices have in common.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::batches::BatchKind;
use crate::batches::model::{Batch, Row, RowResult};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::pricing::price_plans::commands::{self, Source};
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::{KIND as VERSION, PlanVersion, PriceVersion};
use crate::pricing::price_plans::queries;
use crate::pricing::price_plans::taking_back::take_back_all;
use crate::types::ids::{CustomerId, PriceVersionId};
use crate::types::{Permission, Refusal, Result};

use super::model::{Opening, source_of};
use super::present::Present;
use super::rules::first_fault;
use super::wording;

/// A kind of batch that opens versions.
pub const fn kind(code: &'static str, permission: Permission, home: &'static str) -> BatchKind {
    BatchKind {
        code,
        permission,
        home,
        subject: VERSION,
        field: wording::field,
        may_see: |_, _| true,
        values: wording::values,
        moved,
        apply,
        committed: None,
        undo,
        check: None,
        mend: None,
        followers: &[],
    }
}

fn openings(rows: &[Row]) -> Result<Vec<(&Row, Opening)>> {
    rows.iter().map(|row| Ok((row, Opening::of(row)?))).collect()
}

fn customers_of(openings: &[(&Row, Opening)]) -> Vec<CustomerId> {
    let ids: BTreeSet<CustomerId> = openings.iter().map(|(_, opening)| opening.customer).collect();
    ids.into_iter().collect()
}

fn moved(db: &mut Db, batch: &Batch, rows: &[Row]) -> Result<Vec<(u32, Said)>> {
    let openings = openings(rows)?;
    let reach = Reach::of(db, source_of(batch).permission)?;
    let mut customers = directory::queries::by_ids(db, &customers_of(&openings))?;
    customers.retain(|_, customer| reach.covers(&customer.fields));
    let present = Present::load(db, customers)?;
    let moved = |(row, opening): &(&Row, Opening)| Some((row.position, present.moved(opening)?));
    Ok(openings.iter().filter_map(moved).collect())
}

/// Which version a row makes: that of a customer from a day on.
type Place = (CustomerId, NaiveDate);

fn place_of(opening: &Opening) -> Place {
    (opening.customer, opening.draft.valid_from)
}

/// Opens the versions of some rows. Rows of one version may stand in several chunks: the first of them opens it, the
/// others find it.
fn apply(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let (openings, source) = (openings(rows)?, source_of(batch));
    let ids = customers_of(&openings);
    let customers = directory::queries::lock_all(tx, source.permission, &ids)?;
    let present = Present::load(tx, customers)?;
    let mut opened = opened_before(tx, batch, &ids)?;
    let mut left: BTreeMap<Place, Said> = BTreeMap::new();
    let mut drafts: BTreeMap<Place, &VersionDraft> = BTreeMap::new();
    for (_, opening) in &openings {
        let place = place_of(opening);
        if opened.contains_key(&place) || drafts.contains_key(&place) {
            continue;
        }
        match present.moved(opening).or_else(|| first_fault(&opening.draft)) {
            Some(said) => {
                left.insert(place, said);
            }
            None => {
                drafts.insert(place, &opening.draft);
            }
        }
    }
    opened.extend(open(tx, &present, &drafts, &source)?);
    let gone = || Said::new(Tr::price_batches_moved_gone);
    let result = |(row, opening): &(&Row, Opening)| match opened.get(&place_of(opening)) {
        Some(id) => RowResult::done(row, id.0, 1),
        None => RowResult::left(row, left.get(&place_of(opening)).cloned().unwrap_or_else(gone)),
    };
    Ok(openings.iter().map(result).collect())
}

fn opened_before(
    tx: &mut Tx,
    batch: &Batch,
    customers: &[CustomerId],
) -> Result<BTreeMap<Place, PriceVersionId>> {
    let versions = queries::opened_by(tx, batch.id, customers)?.into_iter();
    Ok(versions.map(|version| ((version.customer_id, version.valid_from), version.id)).collect())
}

fn open(
    tx: &mut Tx,
    present: &Present,
    drafts: &BTreeMap<Place, &VersionDraft>,
    source: &Source,
) -> Result<BTreeMap<Place, PriceVersionId>> {
    let found = drafts.iter().filter_map(|(place, draft)| Some((*place, present.customer(place.0)?, *draft)));
    let found: Vec<(Place, &Customer, &VersionDraft)> = found.collect();
    let all: Vec<(&Customer, &VersionDraft)> =
        found.iter().map(|(_, customer, draft)| (*customer, *draft)).collect();
    let ids = commands::create_for(tx, &all, source)?;
    Ok(found.iter().map(|(place, ..)| *place).zip(ids).collect())
}

/// Takes the versions of some rows back. What somebody has edited since stays, and what has begun.
fn undo(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<RowResult>> {
    let openings = openings(rows)?;
    directory::queries::lock_whoever_asks(tx, &customers_of(&openings))?;
    let ids: BTreeSet<PriceVersionId> =
        rows.iter().filter_map(|row| row.subject_id).map(PriceVersionId).collect();
    let ids: Vec<PriceVersionId> = ids.into_iter().collect();
    let plans = queries::by_ids(tx, &ids)?;
    let plan_of = |row: &Row| plans.get(&PriceVersionId(row.subject_id?));
    let untouched = openings.iter().filter_map(|(row, opening)| {
        let plan = plan_of(row).filter(|plan| !is_edited(plan, opening))?;
        Some(plan.version.id)
    });
    let untouched: Vec<PriceVersionId> = untouched.collect();
    let outcomes = take_back_all(tx, source_of(batch).permission, &untouched)?;
    let result = |(row, opening): &(&Row, Opening)| match plan_of(row) {
        Some(plan) if is_edited(plan, opening) => {
            RowResult::left(row, Said::new(Tr::price_batches_kept_edited))
        }
        plan => taken_back(row, plan.map(|plan| &plan.version), &outcomes),
    };
    Ok(openings.iter().map(result).collect())
}

/// Whether somebody has edited a version since, whatever has become of it, but for giving it up.
fn is_edited(plan: &PlanVersion, opening: &Opening) -> bool {
    !plan.version.state.is_given_up() && !plan.draft().says_as(&opening.draft)
}

/// What became of a row whose version was to be taken back.
pub fn taken_back(
    row: &Row,
    version: Option<&PriceVersion>,
    outcomes: &BTreeMap<PriceVersionId, Option<Refusal>>,
) -> RowResult {
    let Some(version) = version else {
        return RowResult::left(row, Said::new(Tr::price_batches_moved_gone));
    };
    match outcomes.get(&version.id) {
        Some(None) => RowResult::done(row, version.id.0, version.version + 1),
        Some(Some(refusal)) => RowResult::left(row, Said::new(|t| refusal.message.text(t))),
        None => RowResult::left(row, Said::new(Tr::price_batches_moved_gone)),
    }
}
