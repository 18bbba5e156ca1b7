//! How versions are stored: many at once, so that an import of thousands takes a handful of statements.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::customers::directory::model::Customer;
use crate::db::{Tx, last_id};
use crate::pricing::models::{Model, TierDraft};
use crate::schema::{price_charges, price_tiers, price_versions};
use crate::types::ids::{BatchId, CustomerId, MeterId, PriceChargeId, PriceVersionId, UserId};
use crate::types::{Currency, Result};

use super::commands::Source;
use super::draft::{ChargeDraft, VersionDraft};
use super::model::{Origin, VersionState};
use super::queries;

/// How many rows one statement writes.
const CHUNK: usize = 500;

#[derive(Insertable)]
#[diesel(table_name = price_versions)]
struct NewVersion<'a> {
    customer_id: CustomerId,
    number: u32,
    state: VersionState,
    valid_from: NaiveDate,
    currency: Currency,
    minimum_amount: Option<Decimal>,
    cap_amount: Option<Decimal>,
    discount_percent: Decimal,
    discount_reason: Option<&'a str>,
    remarks: Option<&'a str>,
    origin: Origin,
    batch_id: Option<BatchId>,
    author_id: Option<UserId>,
    submitted_by: Option<UserId>,
    submitted_at: Option<NaiveDateTime>,
    created_by: Option<UserId>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = price_charges)]
struct NewCharge<'a> {
    price_version_id: PriceVersionId,
    position: u16,
    meter_id: MeterId,
    device_series: &'a str,
    layer: &'a str,
    model: Model,
    unit_price: Option<Decimal>,
    block_quantity: Option<Decimal>,
    free_quantity: Option<Decimal>,
    block_price: Option<Decimal>,
    annual_fee_amount: Option<Decimal>,
    included_quantity: Option<Decimal>,
    overage_price: Option<Decimal>,
    charge_when_zero: bool,
}

#[derive(Insertable)]
#[diesel(table_name = price_tiers)]
struct NewTier {
    price_charge_id: PriceChargeId,
    position: u16,
    up_to_quantity: Option<Decimal>,
    unit_price: Decimal,
    flat_fee_amount: Decimal,
}

/// Writes checked drafts for customers that are locked. The ids are in the order of the drafts.
pub(super) fn insert(
    tx: &mut Tx,
    drafts: &[(&Customer, &VersionDraft)],
    source: &Source,
) -> Result<Vec<PriceVersionId>> {
    let customers: Vec<CustomerId> = drafts.iter().map(|(customer, _)| customer.id).collect();
    let mut numbers = queries::last_numbers(tx, &customers)?;
    let mut ids = Vec::with_capacity(drafts.len());
    for some in drafts.chunks(CHUNK) {
        let (now, user) = (tx.now(), tx.actor().user_id);
        let rows: Vec<NewVersion<'_>> = some
            .iter()
            .map(|(customer, draft)| {
                let number = numbers.entry(customer.id).or_insert(0);
                *number += 1;
                new_version(customer.id, *number, draft, source, user, now)
            })
            .collect();
        diesel::insert_into(price_versions::table).values(&rows).execute(tx.conn())?;
        // One statement's rows get ids that follow each other, and the first is the one that is told.
        let first = last_id(tx)?;
        ids.extend((first..).map(PriceVersionId).take(some.len()));
    }
    let charges = ids.iter().copied().zip(drafts.iter().map(|(_, draft)| *draft));
    insert_charges(tx, charges)?;
    Ok(ids)
}

fn new_version<'a>(
    customer_id: CustomerId,
    number: u32,
    draft: &'a VersionDraft,
    source: &Source,
    user: Option<UserId>,
    now: NaiveDateTime,
) -> NewVersion<'a> {
    NewVersion {
        customer_id,
        number,
        state: if source.submits { VersionState::Pending } else { VersionState::Draft },
        valid_from: draft.valid_from,
        currency: draft.currency,
        minimum_amount: draft.terms.minimum,
        cap_amount: draft.terms.cap,
        discount_percent: draft.terms.discount_percent.unwrap_or_default(),
        discount_reason: draft.discount_reason.as_deref(),
        remarks: draft.remarks.as_deref(),
        origin: source.origin,
        batch_id: source.batch,
        author_id: user,
        submitted_by: user.filter(|_| source.submits),
        submitted_at: Some(now).filter(|_| source.submits),
        created_by: user,
        created_at: now,
        updated_at: now,
    }
}

/// Writes a draft anew. Whoever does it is its author now.
pub(super) fn rewrite(tx: &mut Tx, id: PriceVersionId, draft: &VersionDraft) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::update(price_versions::table.find(id))
        .set((
            price_versions::valid_from.eq(draft.valid_from),
            price_versions::currency.eq(draft.currency),
            price_versions::minimum_amount.eq(draft.terms.minimum),
            price_versions::cap_amount.eq(draft.terms.cap),
            price_versions::discount_percent.eq(draft.terms.discount_percent.unwrap_or_default()),
            price_versions::discount_reason.eq(&draft.discount_reason),
            price_versions::remarks.eq(&draft.remarks),
            price_versions::author_id.eq(user),
            price_versions::version.eq(price_versions::version + 1),
            price_versions::updated_at.eq(now),
        ))
        .execute(tx.conn())?;
    diesel::delete(price_charges::table.filter(price_charges::price_version_id.eq(id))).execute(tx.conn())?;
    insert_charges(tx, [(id, draft)])
}

fn insert_charges<'a>(
    tx: &mut Tx,
    versions: impl IntoIterator<Item = (PriceVersionId, &'a VersionDraft)>,
) -> Result<()> {
    let mut charges: Vec<(NewCharge<'_>, &[TierDraft])> = Vec::new();
    for (id, draft) in versions {
        charges.extend((0..).zip(&draft.charges).map(|(place, charge)| new_charge(id, place, charge)));
    }
    for some in charges.chunks(CHUNK) {
        let rows: Vec<&NewCharge<'_>> = some.iter().map(|(charge, _)| charge).collect();
        diesel::insert_into(price_charges::table).values(rows).execute(tx.conn())?;
        let first = last_id(tx)?;
        let tiers = (first..).map(PriceChargeId).zip(some).flat_map(|(charge, (_, tiers))| {
            (0..).zip(*tiers).map(move |(position, tier)| new_tier(charge, position, tier))
        });
        let tiers: Vec<NewTier> = tiers.collect();
        for some in tiers.chunks(CHUNK) {
            diesel::insert_into(price_tiers::table).values(some).execute(tx.conn())?;
        }
    }
    Ok(())
}

/// A row, with what its model asks for and nothing else; and its tiers.
fn new_charge(id: PriceVersionId, position: u16, charge: &ChargeDraft) -> (NewCharge<'_>, &[TierDraft]) {
    let of = |model: Model| charge.model == model;
    let tiered = of(Model::Graduated) || of(Model::Volume);
    let (block, annual) = (of(Model::Block), of(Model::AnnualPackage));
    let row = NewCharge {
        price_version_id: id,
        position,
        meter_id: charge.key.meter,
        device_series: &charge.key.device_series,
        layer: &charge.key.layer,
        model: charge.model,
        unit_price: charge.unit_price.filter(|_| of(Model::Standard)),
        block_quantity: charge.block_size.filter(|_| block),
        free_quantity: charge.free_units.filter(|_| block),
        block_price: charge.block_price.filter(|_| block),
        annual_fee_amount: charge.annual_fee.filter(|_| annual),
        included_quantity: charge.included.filter(|_| annual),
        overage_price: charge.overage_price.filter(|_| annual),
        charge_when_zero: charge.charge_when_zero && tiered,
    };
    (row, if tiered { &charge.tiers } else { &[] })
}

fn new_tier(charge: PriceChargeId, position: u16, tier: &TierDraft) -> NewTier {
    NewTier {
        price_charge_id: charge,
        position,
        up_to_quantity: tier.up_to,
        unit_price: tier.unit_price,
        flat_fee_amount: tier.flat_fee,
    }
}
