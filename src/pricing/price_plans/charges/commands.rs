//! Writing charges and tiers, many at once, so that an import of thousands takes a handful of statements.

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::{Tx, last_id};
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::schema::{price_charges, price_tiers};
use crate::types::Result;
use crate::types::ids::{MeterId, PriceChargeId, PriceVersionId};

/// How many rows one statement writes.
const CHUNK: usize = 500;

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

/// Writes the charges of versions, with their tiers.
pub(in crate::pricing) fn insert<'a>(
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

/// Writes the charges of a version anew.
pub(in crate::pricing) fn replace(tx: &mut Tx, id: PriceVersionId, draft: &VersionDraft) -> Result<()> {
    diesel::delete(price_charges::table.filter(price_charges::price_version_id.eq(id))).execute(tx.conn())?;
    insert(tx, [(id, draft)])
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
