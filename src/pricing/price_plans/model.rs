//! Rows and values of price plans.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::mysql::Mysql;
use diesel::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::customers::directory::model::Customer;
use crate::i18n::{Said, Tr};
use crate::pricing::models::Charge;
use crate::pricing::terms::{Terms, TermsDraft};
use crate::schema::price_versions;
use crate::text_enum;
use crate::types::Currency;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::{BatchId, CustomerId, MeterId, PriceVersionId, UserId};

use super::draft::{ChargeDraft, VersionDraft};

/// Versions as the audit log names them.
pub const KIND: &str = "price_version";

text_enum! {
    /// Where a version stands.
    pub enum VersionState {
        /// It is being written.
        Draft = "draft",
        /// It waits for somebody else to approve it.
        Pending = "pending",
        /// It was approved: in force from its first day until that of the next one. Never edited.
        Active = "active",
        /// It was in force, until another one of the same day took its place.
        Superseded = "superseded",
        /// It was approved and withdrawn before its first day.
        Withdrawn = "withdrawn",
        /// It was given up before it was approved.
        Discarded = "discarded",
    }
}

impl VersionState {
    /// Its name on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("price_version_state", self.as_str())
    }

    /// Whether the version may still become one in force.
    pub fn is_open(self) -> bool {
        matches!(self, VersionState::Draft | VersionState::Pending)
    }

    /// Whether the version was given up, before it was approved or after.
    pub fn is_given_up(self) -> bool {
        matches!(self, VersionState::Discarded | VersionState::Withdrawn)
    }

    /// Whether the version is in force, or was.
    pub fn was_in_force(self) -> bool {
        matches!(self, VersionState::Active | VersionState::Superseded)
    }
}

text_enum! {
    /// What a version came from.
    pub enum Origin {
        /// Somebody wrote it.
        Hand = "hand",
        /// The workbook of customers.
        CustomerImport = "customer_import",
        /// A file of prices.
        PriceImport = "price_import",
        /// The plan of another customer.
        Copy = "copy",
        /// A raise of many prices at once.
        Raise = "raise",
    }
}

impl Origin {
    /// Its name on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("price_origin", self.as_str())
    }
}

/// What a charge is for: a meter, and a part of its usage. Blank dimensions are all that no other charge names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ChargeKey {
    /// The meter.
    pub meter: MeterId,
    /// The series of devices; blank for the rest.
    pub device_series: String,
    /// The layer; blank for the rest.
    pub layer: String,
}

/// A charge, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedCharge {
    /// What it is for.
    pub key: ChargeKey,
    /// What it costs.
    pub charge: Charge,
}

/// What a version says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Currency, minimum, cap and discount.
    pub terms: Terms,
    /// Why there is a discount.
    pub discount_reason: Option<String>,
    /// What it charges, in the order in which it was written. There is one at least.
    pub charges: Vec<KeyedCharge>,
}

impl Content {
    /// The charge for some usage, by its place: the one that names most of its dimensions. None when the version charges
    /// nothing for the meter.
    pub fn charge_of(&self, meter: MeterId, device_series: &str, layer: &str) -> Option<usize> {
        let fits = |named: &str, used: &str| named.is_empty() || named == used;
        let matching = self.charges.iter().enumerate().filter(|(_, charge)| {
            let key = &charge.key;
            key.meter == meter && fits(&key.device_series, device_series) && fits(&key.layer, layer)
        });
        // A series says more than a layer: of two that name one dimension each, it is the one with the series.
        let named = |key: &ChargeKey| (!key.device_series.is_empty(), !key.layer.is_empty());
        matching.max_by_key(|(_, charge)| named(&charge.key)).map(|(place, _)| place)
    }
}

/// A version of the prices of a customer, without its charges.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = price_versions, check_for_backend(Mysql))]
pub struct PriceVersion {
    /// Its id.
    pub id: PriceVersionId,
    /// The customer.
    pub customer_id: CustomerId,
    /// Its number among the versions of the customer, from 1.
    pub number: u32,
    /// Where it stands.
    pub state: VersionState,
    /// The first day on which it is valid.
    pub valid_from: NaiveDate,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What a month with usage costs at least.
    pub minimum_amount: Option<Decimal>,
    /// What a month costs at most.
    pub cap_amount: Option<Decimal>,
    /// What is taken off in the end, in percent.
    pub discount_percent: Decimal,
    /// Why there is a discount.
    pub discount_reason: Option<String>,
    /// Why there is this version.
    pub remarks: Option<String>,
    /// What it came from.
    pub origin: Origin,
    /// The batch that made it.
    pub batch_id: Option<BatchId>,
    /// Who wrote it last; none for the system.
    pub author_id: Option<UserId>,
    /// Who submitted it.
    pub submitted_by: Option<UserId>,
    /// When it was submitted.
    pub submitted_at: Option<NaiveDateTime>,
    /// Who approved or rejected it last.
    pub decided_by: Option<UserId>,
    /// When that was.
    pub decided_at: Option<NaiveDateTime>,
    /// What they said.
    pub decision_reason: Option<String>,
    /// Who withdrew, discarded or superseded it.
    pub ended_by: Option<UserId>,
    /// When that was.
    pub ended_at: Option<NaiveDateTime>,
    /// What they said.
    pub end_reason: Option<String>,
    /// The version of the same day that took its place.
    pub superseded_by: Option<PriceVersionId>,
    /// Counts its changes, for the optimistic lock.
    pub version: u32,
    /// Who wrote it first; none for the system.
    pub created_by: Option<UserId>,
    /// When it was written first.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
}

impl PriceVersion {
    /// Whether nobody has done anything with it since it was opened and submitted at once, but for approving it.
    pub fn is_as_opened(&self) -> bool {
        self.version <= 1 + u32::from(!self.state.is_open())
    }

    /// Its terms as they are written.
    pub fn terms(&self) -> TermsDraft {
        TermsDraft {
            minimum: self.minimum_amount,
            cap: self.cap_amount,
            discount_percent: Some(self.discount_percent).filter(|percent| !percent.is_zero()),
        }
    }
}

/// A version with its charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanVersion {
    /// The version.
    pub version: PriceVersion,
    /// Its charges as they are written.
    pub charges: Vec<ChargeDraft>,
    /// Who has written, edited, submitted or prepared it.
    pub hands: BTreeSet<UserId>,
}

impl PlanVersion {
    /// Whether somebody has had a hand in it: they do not approve it.
    pub fn is_work_of(&self, user: UserId) -> bool {
        let version = &self.version;
        let named = [version.author_id, version.created_by, version.submitted_by];
        self.hands.contains(&user) || named.contains(&Some(user))
    }

    /// The draft from which the same version is made again.
    pub fn draft(&self) -> VersionDraft {
        VersionDraft {
            valid_from: self.version.valid_from,
            currency: self.version.currency,
            terms: self.version.terms(),
            discount_reason: self.version.discount_reason.clone(),
            remarks: self.version.remarks.clone(),
            charges: self.charges.clone(),
        }
    }
}

/// A version as the audit log shows it.
#[derive(Debug, Serialize)]
pub struct VersionRecord {
    #[serde(skip)]
    subject: Subject,
    number: u32,
    customer: String,
    state: Said,
    valid_from: String,
    currency: String,
    minimum: Option<String>,
    cap: Option<String>,
    discount_percent: String,
    discount_reason: Option<String>,
    remarks: Option<String>,
    charges: Vec<Said>,
}

impl VersionRecord {
    /// The record of a version; `path` is the department of the customer's subject.
    pub fn new(plan: &PlanVersion, customer: &Customer, path: Option<String>) -> VersionRecord {
        let version = &plan.version;
        let code = &customer.fields.company_code;
        VersionRecord {
            subject: Subject {
                kind: KIND,
                id: Some(version.id.0),
                label: format!("{code} V{}", version.number),
                department_path: path,
            },
            number: version.number,
            customer: code.clone(),
            state: Said::new(|t| version.state.label(t)),
            valid_from: version.valid_from.to_string(),
            currency: version.currency.as_str().to_owned(),
            minimum: version.minimum_amount.map(|amount| amount.to_string()),
            cap: version.cap_amount.map(|amount| amount.to_string()),
            discount_percent: version.discount_percent.normalize().to_string(),
            discount_reason: version.discount_reason.clone(),
            remarks: version.remarks.clone(),
            charges: plan.charges.iter().map(|charge| Said::new(|t| charge.plain(t))).collect(),
        }
    }
}

impl Audited for VersionRecord {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }
}

impl ChargeDraft {
    /// The charge in one line, for the audit log: `X 单价 1.5`.
    pub fn plain(&self, t: Tr) -> String {
        let numbers = [
            self.unit_price,
            self.block_size,
            self.free_units,
            self.block_price,
            self.annual_fee,
            self.included,
            self.overage_price,
        ];
        let mut parts: Vec<String> = [&self.key.device_series, &self.key.layer]
            .into_iter()
            .filter(|part| !part.is_empty())
            .cloned()
            .collect();
        parts.push(t.label("price_model", self.model.as_str()));
        parts.extend(numbers.into_iter().flatten().map(|number| number.normalize().to_string()));
        let bound =
            |bound: Option<Decimal>| bound.map_or("+".to_owned(), |bound| bound.normalize().to_string());
        parts.extend(self.tiers.iter().map(|tier| {
            let fee = if tier.flat_fee.is_zero() {
                String::new()
            } else {
                format!("+{}", tier.flat_fee.normalize())
            };
            format!("{}:{}{fee}", bound(tier.up_to), tier.unit_price.normalize())
        }));
        if self.charge_when_zero {
            parts.push(t.price_plan_when_zero_yes().to_owned());
        }
        parts.join(" ")
    }
}
