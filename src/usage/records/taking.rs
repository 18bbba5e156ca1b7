//! What records are held against: the customers, the meters and the sources that there are.
//!
//! Read once for a delivery, and again when somebody thinks that it has changed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::catalog;
use crate::catalog::meters::queries::Meters;
use crate::customers::directory::model::AccountType;
use crate::customers::directory::reach::Reach;
use crate::customers::status::model::Status;
use crate::db::{Db, Tx};
use crate::sheets::{Cell, clean};
use crate::types::ids::{CustomerId, MeterId, UsageSourceId, UserId};
use crate::types::{Permission, Result};
use crate::usage::{quarantine, sources};

use super::model::RawRecord;
use super::queries;

/// The most fingerprints of waiting records that are kept at hand.
const MOST_WAITING: i64 = 200_000;

/// The most sources that a delivery may bring which nobody has heard of: a text in the wrong column is none.
pub const MOST_NEW_SOURCES: usize = 20;

/// A customer, as far as the rules look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCustomer {
    /// Its id.
    pub id: CustomerId,
    /// Where it stands.
    pub status: Status,
    /// What kind of account it is.
    pub account_type: AccountType,
    /// Who owns it: for sales, for operations.
    pub owners: [Option<UserId>; 2],
}

/// Of which days customers have used something: the first and the last.
#[derive(Debug, Default)]
pub(super) struct UsedDays(pub(super) BTreeMap<CustomerId, (NaiveDate, NaiveDate)>);

impl UsedDays {
    /// A customer has used something of a day, where that says something about its status: on a formal account.
    pub(super) fn note(&mut self, customer: &KnownCustomer, day: NaiveDate) {
        if customer.account_type != AccountType::Formal {
            return;
        }
        let days = self.0.entry(customer.id).or_insert((day, day));
        *days = (days.0.min(day), days.1.max(day));
    }
}

/// What records are held against.
#[derive(Debug, Default)]
pub struct Ground {
    customers: HashMap<String, KnownCustomer>,
    meters: Meters,
    sources: BTreeMap<String, UsageSourceId>,
    /// The sources that this delivery has brought.
    new_sources: BTreeSet<String>,
    /// Whose records whoever sends may send; `None` for all.
    reach: Option<Reach>,
    /// What waits in the quarantine; `None` where each delivery asks.
    waiting: Option<HashSet<String>>,
    /// Whether the records that came last were known already, so that it pays to look before writing.
    pub(super) finds_known: bool,
}

impl Ground {
    /// All customers: for a delivery of many records.
    pub fn load(db: &mut Db) -> Result<Ground> {
        let customers = queries::customers(db, None)?;
        let waiting = quarantine::queries::waiting_fingerprints(db, MOST_WAITING + 1)?;
        let is_all = i64::try_from(waiting.len()).is_ok_and(|count| count <= MOST_WAITING);
        let waiting = is_all.then(|| waiting.into_iter().collect());
        Ground::of_customers(db, customers, waiting)
    }

    /// Only the customers that these records name: for a call or a page of a source.
    pub fn of(db: &mut Db, records: &[RawRecord]) -> Result<Ground> {
        let codes: BTreeSet<String> = records
            .iter()
            .flat_map(|raw| [raw.company_code.trim().to_owned(), plain(&raw.company_code)])
            .collect();
        let codes: Vec<String> = codes.into_iter().collect();
        let customers = queries::customers(db, Some(&codes))?;
        Ground::of_customers(db, customers, None)
    }

    fn of_customers(
        db: &mut Db,
        customers: Vec<(String, KnownCustomer)>,
        waiting: Option<HashSet<String>>,
    ) -> Result<Ground> {
        let sources = sources::queries::all(db)?;
        Ok(Ground {
            customers: customers.into_iter().collect(),
            meters: catalog::meters::queries::all(db)?,
            sources: sources.into_iter().map(|source| (source.code, source.id)).collect(),
            waiting,
            ..Ground::default()
        })
    }

    /// Without the customers out of the reach that whoever asks has with `permission`: their codes read as unknown.
    pub fn within(mut self, db: &mut Db, permission: Permission) -> Result<Ground> {
        let reach = Reach::of(db, permission)?;
        self.customers.retain(|_, customer| reach.covers_owned_by(customer.owners));
        self.reach = Some(reach);
        Ok(self)
    }

    /// The customer of a code: as it is written, or in half-width characters and without white space.
    pub fn customer(&self, code: &str) -> Option<KnownCustomer> {
        let code = code.trim();
        self.customers.get(code).or_else(|| self.customers.get(&plain(code))).copied()
    }

    /// The meter of a code.
    ///
    /// # Errors
    /// What speaks against it: there is none, or it is retired.
    pub fn meter(&self, code: &str) -> Result<MeterId, Value> {
        match self.meters.of_code(code.trim()) {
            Some(meter) if meter.is_in_use() => Ok(meter.id),
            Some(_) => Err(json!({"retired": true})),
            None => Err(json!({})),
        }
    }

    /// The meters that there are.
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// The source of a code, if it was seen before this delivery.
    pub fn source(&self, code: &str) -> Option<UsageSourceId> {
        self.sources.get(code).copied()
    }

    /// Remembers a source that is there.
    pub(super) fn learn_source(&mut self, code: &str, id: UsageSourceId) {
        self.sources.insert(code.to_owned(), id);
    }

    /// Whether a delivery may bring this source: one that is known, or one of the first new ones.
    pub(super) fn admits_source(&mut self, code: &str) -> bool {
        if self.sources.contains_key(code) || self.new_sources.contains(code) {
            return true;
        }
        let has_room = self.new_sources.len() < MOST_NEW_SOURCES;
        if has_room {
            self.new_sources.insert(code.to_owned());
        }
        has_room
    }

    /// Locks the customers that records name until the transaction ends, and looks at them again: one that is gone, has
    /// another code or went out of reach since the ground was read is known no more.
    pub(super) fn hold(&mut self, tx: &mut Tx, records: &[RawRecord]) -> Result<()> {
        let codes: HashSet<&str> = records.iter().map(|raw| raw.company_code.trim()).collect();
        let ids: BTreeSet<CustomerId> =
            codes.into_iter().filter_map(|code| Some(self.customer(code)?.id)).collect();
        let held = queries::hold_customers(tx, &ids)?;
        let reach = &self.reach;
        self.customers.retain(|code, customer| {
            if !ids.contains(&customer.id) {
                return true;
            }
            let Some((now, known)) = held.get(&customer.id) else { return false };
            *customer = *known;
            now == code && reach.as_ref().is_none_or(|reach| reach.covers_owned_by(known.owners))
        });
        Ok(())
    }

    /// Whether nothing waits in the quarantine, as far as is known.
    pub(super) fn nothing_waits(&self) -> bool {
        self.waiting.as_ref().is_some_and(HashSet::is_empty)
    }

    /// Whether a record may wait under a fingerprint.
    pub(super) fn may_wait(&self, fingerprint: &str) -> bool {
        self.waiting.as_ref().is_none_or(|waiting| waiting.contains(fingerprint))
    }

    /// Remembers what waits from now on.
    pub(super) fn learn_waiting(&mut self, fingerprint: &str) {
        if let Some(waiting) = &mut self.waiting {
            waiting.insert(fingerprint.to_owned());
        }
    }
}

/// A code in half-width characters and without white space.
fn plain(code: &str) -> String {
    clean::code(&Cell::from(code)).value.unwrap_or_default()
}
