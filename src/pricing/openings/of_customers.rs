//! The prices of the customers' workbook, columns 15 and 16: once an import of customers is written, they are versions
//! that wait for approval; its undo takes them back.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};

use crate::batches::Follower;
use crate::batches::kinds::Held;
use crate::batches::model::{Batch, Mark, Row, RowOutcome, RowResult};
use crate::catalog::meters;
use crate::customers::directory;
use crate::customers::directory::model::{Customer, SettlementMode};
use crate::customers::imports::model::ImportedPrices;
use crate::customers::imports::queries::latest_prices;
use crate::db::{Db, Tx};
use crate::i18n::{Said, Tr};
use crate::pricing::models::{Model, TierDraft};
use crate::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use crate::pricing::price_plans::model::{ChargeKey, PriceVersion};
use crate::pricing::price_plans::taking_back::take_back_all;
use crate::pricing::price_plans::{commands, queries};
use crate::pricing::terms::TermsDraft;
use crate::types::Result;
use crate::types::ids::{CustomerId, MeterId, PriceVersionId};
use crate::types::price_tiers::PriceTiers;
use crate::types::time::business_day;

use super::model::source_of;
use super::present::Present;

/// What this room does along with imports of customers.
pub const FOLLOWER: Follower = Follower { apply, holds, undo };

fn customers_of(rows: &[Row]) -> Vec<CustomerId> {
    let ids: BTreeSet<CustomerId> = rows.iter().filter_map(|row| row.subject_id).map(CustomerId).collect();
    ids.into_iter().collect()
}

fn apply(tx: &mut Tx, batch: &Batch, _: &[Row], results: &[RowResult]) -> Result<()> {
    let done = results.iter().filter(|result| result.mark == Mark::Done);
    let ids: BTreeSet<CustomerId> = done.filter_map(|result| result.subject_id).map(CustomerId).collect();
    let ids: Vec<CustomerId> = ids.into_iter().collect();
    let mut prices = latest_prices(tx, &ids)?;
    prices.retain(|_, prices| prices.batch_id == batch.id);
    let Some(meter) = meters::queries::all(tx)?.usual().map(|meter| meter.id) else { return Ok(()) };
    let known: Vec<CustomerId> = prices.keys().copied().collect();
    let customers = directory::queries::lock_whoever_asks(tx, &known)?;
    let present = Present::load(tx, customers)?;
    let usual = NaiveDate::from_ymd_opt(business_day(tx.now()).year(), 1, 1).unwrap_or_default();
    let mut drafts: Vec<(&Customer, VersionDraft)> = Vec::new();
    for (id, prices) in &prices {
        let Some(customer) = present.customer(*id) else { continue };
        let draft = draft_of(customer, prices, meter, usual);
        // What makes no sense as a version stays what the import has kept of it.
        let is_new =
            |draft: &VersionDraft| draft.check().is_ok() && present.known(*id, draft, false).is_none();
        drafts.extend(draft.filter(is_new).map(|draft| (customer, draft)));
    }
    let drafts: Vec<(&Customer, &VersionDraft)> =
        drafts.iter().map(|(customer, draft)| (*customer, draft)).collect();
    commands::create_for(tx, &drafts, &source_of(batch)).map(|_| ())
}

/// The version that the prices of a customer are: tiers, or one price; of both what the customer is settled by.
pub(super) fn draft_of(
    customer: &Customer,
    prices: &ImportedPrices,
    meter: MeterId,
    usual: NaiveDate,
) -> Option<VersionDraft> {
    let is_tiered = customer.fields.settlement_mode == Some(SettlementMode::Tiered);
    let tiers: Option<PriceTiers> = prices.tier_prices.as_deref().and_then(|text| text.parse().ok());
    let key = ChargeKey::of_meter(meter);
    let charge = match (prices.single_price, tiers) {
        (Some(price), tiers) if tiers.is_none() || !is_tiered => {
            ChargeDraft { unit_price: Some(price), ..ChargeDraft::new(key, Model::Standard) }
        }
        (_, Some(tiers)) => {
            let tiers = tiers.tiers().iter().map(|tier| TierDraft {
                from: None,
                up_to: tier.upper.map(|bound| bound.0),
                unit_price: tier.price.0,
                flat_fee: rust_decimal::Decimal::ZERO,
            });
            ChargeDraft { tiers: tiers.collect(), ..ChargeDraft::new(key, Model::Graduated) }
        }
        _ => return None,
    };
    Some(VersionDraft {
        valid_from: prices.effective_on.unwrap_or(usual),
        currency: customer.fields.currency,
        terms: TermsDraft::default(),
        discount_reason: None,
        remarks: None,
        charges: vec![charge],
    })
}

/// A created customer stays whose prices somebody has written or approved by now.
fn holds(db: &mut Db, batch: &Batch, rows: &[Row]) -> Result<Vec<Held>> {
    let created: Vec<Row> = rows.iter().filter(|row| row.outcome == RowOutcome::Create).cloned().collect();
    let held = queries::held(db, &customers_of(&created), batch.id)?;
    let priced = created.iter().filter(|row| row.subject_id.is_some_and(|id| held.contains(&CustomerId(id))));
    Ok(priced.map(|row| (row.position, Said::new(Tr::price_batches_holds_customer))).collect())
}

/// Takes the versions back that the import has opened, but for those that somebody has worked on since.
fn undo(tx: &mut Tx, batch: &Batch, rows: &[Row]) -> Result<Vec<Held>> {
    let customers = customers_of(rows);
    directory::queries::lock_whoever_asks(tx, &customers)?;
    let versions = queries::opened_by(tx, batch.id, &customers)?;
    let untouched = versions.iter().filter(|version| version.is_as_opened());
    let ids: Vec<PriceVersionId> = untouched.map(|version| version.id).collect();
    let outcomes = take_back_all(tx, source_of(batch).permission, &ids)?;
    let why = |version: &PriceVersion| match outcomes.get(&version.id) {
        Some(outcome) => outcome.as_ref().map(|refusal| Said::new(|t| refusal.message.text(t))),
        None if version.state.is_given_up() || version.is_as_opened() => None,
        None => Some(Said::new(Tr::price_batches_kept_edited)),
    };
    let mut kept = Vec::new();
    for version in &versions {
        let row = rows.iter().find(|row| row.subject_id == Some(version.customer_id.0));
        if let (Some(row), Some(why)) = (row, why(version)) {
            let number = version.number;
            let said = Said::new(|t: Tr| t.price_batches_kept_version(number, why.text(t)));
            kept.push((row.position, said));
        }
    }
    Ok(kept)
}
