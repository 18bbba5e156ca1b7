//! Reading charges and tiers.

use std::collections::BTreeMap;

use diesel::prelude::*;
use rust_decimal::Decimal;

use crate::db::Db;
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::ChargeDraft;
use crate::pricing::price_plans::model::ChargeKey;
use crate::schema::{price_charges, price_tiers};
use crate::types::Result;
use crate::types::ids::{MeterId, PriceChargeId, PriceVersionId};

/// How many keys one query names.
const CHUNK: usize = 1_000;

/// A charge as it is stored.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = price_charges, check_for_backend(diesel::mysql::Mysql))]
struct StoredCharge {
    id: PriceChargeId,
    price_version_id: PriceVersionId,
    meter_id: MeterId,
    device_series: String,
    layer: String,
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

/// A tier as it is stored: its charge, its bound, its price, its fee.
type StoredTier = (PriceChargeId, Option<Decimal>, Decimal, Decimal);

/// The charges of these versions, as they are written, in their order.
pub(in crate::pricing) fn of_versions(
    db: &mut Db,
    ids: &[PriceVersionId],
) -> Result<BTreeMap<PriceVersionId, Vec<ChargeDraft>>> {
    let mut found: BTreeMap<PriceVersionId, Vec<ChargeDraft>> = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let stored = price_charges::table
            .filter(price_charges::price_version_id.eq_any(some))
            .order((price_charges::price_version_id, price_charges::position))
            .select(StoredCharge::as_select())
            .load(db.conn())?;
        let tiered: Vec<PriceChargeId> = stored
            .iter()
            .filter(|charge| matches!(charge.model, Model::Graduated | Model::Volume))
            .map(|charge| charge.id)
            .collect();
        let mut tiers = tiers_of(db, &tiered)?;
        for charge in stored {
            let tiers = tiers.remove(&charge.id).unwrap_or_default();
            found.entry(charge.price_version_id).or_default().push(charge.draft(tiers));
        }
    }
    Ok(found)
}

fn tiers_of(db: &mut Db, charges: &[PriceChargeId]) -> Result<BTreeMap<PriceChargeId, Vec<TierDraft>>> {
    let mut found: BTreeMap<PriceChargeId, Vec<TierDraft>> = BTreeMap::new();
    for some in charges.chunks(CHUNK) {
        let rows: Vec<StoredTier> = price_tiers::table
            .filter(price_tiers::price_charge_id.eq_any(some))
            .order((price_tiers::price_charge_id, price_tiers::position))
            .select((
                price_tiers::price_charge_id,
                price_tiers::up_to_quantity,
                price_tiers::unit_price,
                price_tiers::flat_fee_amount,
            ))
            .load(db.conn())?;
        for (charge, up_to, unit_price, flat_fee) in rows {
            found.entry(charge).or_default().push(TierDraft { from: None, up_to, unit_price, flat_fee });
        }
    }
    Ok(found)
}

impl StoredCharge {
    fn draft(self, tiers: Vec<TierDraft>) -> ChargeDraft {
        ChargeDraft {
            key: ChargeKey { meter: self.meter_id, device_series: self.device_series, layer: self.layer },
            model: self.model,
            unit_price: self.unit_price,
            tiers,
            charge_when_zero: self.charge_when_zero,
            block_size: self.block_quantity,
            free_units: self.free_quantity,
            block_price: self.block_price,
            annual_fee: self.annual_fee_amount,
            included: self.included_quantity,
            overage_price: self.overage_price,
        }
    }
}
