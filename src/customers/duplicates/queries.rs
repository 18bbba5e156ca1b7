//! Reading pairs and merges, within the reach of who asks, and what customers are compared by.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::queries::Condition;
use crate::customers::directory::reach::Reach;
use crate::customers::directory::rules::normalised_name;
use crate::customers::directory::terms::{MAX_TERM, folded, initials};
use crate::db::listing::{Listing, PageRequest};
use crate::db::{Db, like};
use crate::schema::{
    contacts, customer_details, customer_merges, customer_terms, customers, duplicate_pairs,
    duplicate_searches,
};
use crate::types::ids::{CustomerId, DuplicatePairId};
use crate::types::{Error, Permission, Result};

use super::matching::Profile;
use super::model::{Merge, Pair, PairState};

/// How many keys one query names.
const CHUNK: usize = 1_000;
/// The most candidates that one key brings.
const MOST: i64 = 100;

/// A pair with both customers.
#[derive(Debug, Clone)]
pub struct PairRow {
    /// The pair.
    pub pair: Pair,
    /// The one with the lower id.
    pub lower: Customer,
    /// The other.
    pub higher: Customer,
}

/// When a search through all customers came to its end last.
pub fn last_search(db: &mut Db) -> Result<Option<NaiveDateTime>> {
    Ok(duplicate_searches::table
        .order(duplicate_searches::id.desc())
        .select(duplicate_searches::ended_at)
        .first(db.conn())
        .optional()?)
}

/// One pair, both of whose customers are within reach of `permission`.
pub fn find(db: &mut Db, permission: Permission, id: DuplicatePairId) -> Result<PairRow> {
    let pair: Pair = duplicate_pairs::table.find(id).select(Pair::as_select()).first(db.conn())?;
    let lower = directory::queries::find(db, permission, pair.lower_id)?;
    let higher = directory::queries::find(db, permission, pair.higher_id)?;
    Ok(PairRow { pair, lower, higher })
}

/// One pair with both customers, locked until the transaction ends: the customers first, the lower before the higher.
pub fn lock(db: &mut Db, permission: Permission, id: DuplicatePairId) -> Result<PairRow> {
    let pair: Pair = duplicate_pairs::table.find(id).select(Pair::as_select()).first(db.conn())?;
    let mut found = directory::queries::lock_all(db, permission, &pair.ids())?;
    let mut take = |id: CustomerId| found.remove(&id).ok_or(Error::NotFound);
    let (lower, higher) = (take(pair.lower_id)?, take(pair.higher_id)?);
    let pair = duplicate_pairs::table.find(id).select(Pair::as_select()).for_update().first(db.conn())?;
    Ok(PairRow { pair, lower, higher })
}

/// A condition on pairs.
type Stored = Box<dyn BoxableExpression<duplicate_pairs::table, Mysql, SqlType = diesel::sql_types::Bool>>;

/// Pairs in a state with both ends in reach, twice over: of who sees customers, and of who sees their quality. A pair with
/// one end out of reach is nothing to whoever asks.
fn conditions(db: &mut Db, state: PairState) -> Result<Vec<Stored>> {
    let mut all: Vec<Stored> = vec![Box::new(duplicate_pairs::state.eq(state))];
    for permission in [Permission::CustomerView, Permission::QualityView] {
        let reach = Reach::of(db, permission)?;
        if let (Some(lower), Some(higher)) =
            (directory::queries::within(&reach), directory::queries::within(&reach))
        {
            all.push(Box::new(duplicate_pairs::lower_id.eq_any(ids_where(lower))));
            all.push(Box::new(duplicate_pairs::higher_id.eq_any(ids_where(higher))));
        }
    }
    if state == PairState::Open {
        let live = || customers::table.filter(customers::deleted_at.is_null()).select(customers::id);
        all.push(Box::new(duplicate_pairs::lower_id.eq_any(live())));
        all.push(Box::new(duplicate_pairs::higher_id.eq_any(live())));
    }
    Ok(all)
}

type Ids<'a> =
    diesel::helper_types::IntoBoxed<'a, diesel::helper_types::Select<customers::table, customers::id>, Mysql>;

fn ids_where<'a>(condition: Condition) -> Ids<'a> {
    customers::table.select(customers::id).into_boxed().filter(condition)
}

/// How many pairs there are in a state.
pub fn count(db: &mut Db, state: PairState) -> Result<i64> {
    let mut query = duplicate_pairs::table.select(count_star()).into_boxed();
    for condition in conditions(db, state)? {
        query = query.filter(condition);
    }
    crate::db::count(db, query)
}

/// A page of pairs in a state, the likeliest first.
pub fn list(db: &mut Db, state: PairState, page: PageRequest) -> Result<Listing<PairRow>> {
    let total = count(db, state)?;
    let page = page.within(total);
    let mut query = duplicate_pairs::table.select(Pair::as_select()).into_boxed();
    for condition in conditions(db, state)? {
        query = query.filter(condition);
    }
    let pairs: Vec<Pair> = query
        .order((duplicate_pairs::score.desc(), duplicate_pairs::id.desc()))
        .limit(page.per_page)
        .offset(page.offset())
        .load(db.conn())?;
    Ok(Listing { rows: with_customers(db, pairs)?, total, page })
}

fn with_customers(db: &mut Db, pairs: Vec<Pair>) -> Result<Vec<PairRow>> {
    let ids: BTreeSet<CustomerId> = pairs.iter().flat_map(Pair::ids).collect();
    let found = directory::queries::by_ids(db, &ids.into_iter().collect::<Vec<_>>())?;
    let get = |id: CustomerId| found.get(&id).cloned();
    let row = |pair: Pair| Some(PairRow { lower: get(pair.lower_id)?, higher: get(pair.higher_id)?, pair });
    Ok(pairs.into_iter().filter_map(row).collect())
}

/// The open pairs before and after one in the queue.
pub fn neighbours(db: &mut Db, pair: &Pair) -> Result<(Option<DuplicatePairId>, Option<DuplicatePairId>)> {
    let likelier = duplicate_pairs::score
        .gt(pair.score)
        .or(duplicate_pairs::score.eq(pair.score).and(duplicate_pairs::id.gt(pair.id)));
    let less_likely = duplicate_pairs::score
        .lt(pair.score)
        .or(duplicate_pairs::score.eq(pair.score).and(duplicate_pairs::id.lt(pair.id)));
    let mut before = duplicate_pairs::table.select(duplicate_pairs::id).into_boxed().filter(likelier);
    let mut after = duplicate_pairs::table.select(duplicate_pairs::id).into_boxed().filter(less_likely);
    for condition in conditions(db, PairState::Open)? {
        before = before.filter(condition);
    }
    for condition in conditions(db, PairState::Open)? {
        after = after.filter(condition);
    }
    let before = before.order((duplicate_pairs::score, duplicate_pairs::id)).first(db.conn()).optional()?;
    let after = after
        .order((duplicate_pairs::score.desc(), duplicate_pairs::id.desc()))
        .first(db.conn())
        .optional()?;
    Ok((before, after))
}

/// The open pairs of one customer whose other end is in reach, the likeliest first.
pub fn open_of(db: &mut Db, id: CustomerId) -> Result<Vec<PairRow>> {
    let mut query = duplicate_pairs::table.select(Pair::as_select()).into_boxed();
    for condition in conditions(db, PairState::Open)? {
        query = query.filter(condition);
    }
    let pairs: Vec<Pair> = query
        .filter(duplicate_pairs::lower_id.eq(id).or(duplicate_pairs::higher_id.eq(id)))
        .order((duplicate_pairs::score.desc(), duplicate_pairs::id.desc()))
        .limit(10)
        .load(db.conn())?;
    with_customers(db, pairs)
}

/// The merge of a pair that has not been taken back.
pub fn merge_of(db: &mut Db, id: DuplicatePairId) -> Result<Option<Merge>> {
    Ok(customer_merges::table
        .filter(customer_merges::pair_id.eq(id))
        .filter(customer_merges::unmerged_at.is_null())
        .order(customer_merges::id.desc())
        .select(Merge::as_select())
        .first(db.conn())
        .optional()?)
}

/// All pairs of these customers, whoever asks, by both ids.
pub fn pairs_of(db: &mut Db, ids: &[CustomerId]) -> Result<BTreeMap<(CustomerId, CustomerId), Pair>> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(CHUNK) {
        let lower = duplicate_pairs::table.filter(duplicate_pairs::lower_id.eq_any(some));
        let higher = duplicate_pairs::table.filter(duplicate_pairs::higher_id.eq_any(some));
        let mut pairs: Vec<Pair> = lower.select(Pair::as_select()).load(db.conn())?;
        pairs.extend(higher.select(Pair::as_select()).load::<Pair>(db.conn())?);
        found.extend(pairs.into_iter().map(|pair| ((pair.lower_id, pair.higher_id), pair)));
    }
    Ok(found)
}

/// The phones and mail addresses of the live contacts of customers.
type Numbers = BTreeMap<CustomerId, (Vec<String>, Vec<String>)>;

fn numbers(db: &mut Db, ids: &[CustomerId]) -> Result<Numbers> {
    let rows: Vec<(CustomerId, Option<String>, Option<String>)> = contacts::table
        .filter(contacts::customer_id.eq_any(ids))
        .filter(contacts::deleted_at.is_null())
        .select((contacts::customer_id, contacts::phone, contacts::email))
        .load(db.conn())?;
    let mut found = Numbers::new();
    for (id, phone, email) in rows {
        let (phones, emails) = found.entry(id).or_default();
        phones.extend(phone);
        emails.extend(email);
    }
    Ok(found)
}

/// What the live ones of these customers are compared by, whoever asks.
pub fn profiles(db: &mut Db, ids: &[CustomerId]) -> Result<Vec<Profile>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(CHUNK) {
        let numbers = numbers(db, some)?;
        let none = (Vec::new(), Vec::new());
        let all = directory::queries::by_ids(db, some)?;
        found.extend(all.values().filter(|customer| customer.is_live()).map(|customer| {
            let (phones, emails) = numbers.get(&customer.id).unwrap_or(&none);
            Profile::of(customer.id, &customer.fields, phones, emails)
        }));
    }
    Ok(found)
}

/// What a contact is recognised by.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ContactLine {
    /// The name.
    pub name: String,
    /// The phone.
    pub phone: Option<String>,
    /// The mail address.
    pub email: Option<String>,
}

/// The first live contacts of a customer, whoever asks.
pub fn contacts_of(db: &mut Db, id: CustomerId) -> Result<Vec<ContactLine>> {
    Ok(contacts::table
        .filter(contacts::customer_id.eq(id))
        .filter(contacts::deleted_at.is_null())
        .order((contacts::is_primary.desc(), contacts::id))
        .limit(10)
        .select((contacts::name, contacts::phone, contacts::email))
        .load(db.conn())?)
}

/// The customers that one could be the same as, whoever asks: who shares one of its keys, by indexes alone.
pub fn candidates(db: &mut Db, customer: &Customer, profile: &Profile) -> Result<Vec<CustomerId>> {
    let mut found: BTreeSet<CustomerId> = BTreeSet::new();
    let fields = &customer.fields;
    for term in name_terms(profile) {
        found.extend(by_term(db, &like::beginning(&term), false)?);
    }
    found.extend(by_term(db, &folded(&fields.company_code), false)?);
    for phone in &profile.phones {
        found.extend(by_term(db, phone, true)?);
    }
    if !profile.emails.is_empty() {
        let theirs = contacts::table.filter(contacts::email.eq_any(&profile.emails)).limit(MOST);
        found.extend(theirs.select(contacts::customer_id).load::<CustomerId>(db.conn())?);
    }
    found.extend(by_details(db, customer)?);
    found.remove(&customer.id);
    Ok(found.into_iter().take(CHUNK).collect())
}

/// What the terms of a likely name begin with: the core itself, either half of it, and its initials.
fn name_terms(profile: &Profile) -> Vec<String> {
    let core = folded(&profile.name.core);
    let letters: Vec<char> = core.chars().collect();
    let (first, second) = letters.split_at(letters.len() / 2);
    let cut = |text: &str| text.chars().take(MAX_TERM).collect::<String>();
    let mut all = vec![cut(&core), cut(&initials(&core))];
    all.extend([first, second].iter().filter(|half| half.len() >= 2).map(|half| half.iter().collect()));
    all.retain(|term| term.chars().count() >= 2);
    all.sort();
    all.dedup();
    all
}

fn by_term(db: &mut Db, pattern: &str, personal: bool) -> Result<Vec<CustomerId>> {
    if pattern.is_empty() {
        return Ok(Vec::new());
    }
    let query = customer_terms::table.filter(customer_terms::term.like(pattern.to_owned()));
    let query = query.filter(customer_terms::personal.eq(personal));
    Ok(query.select(customer_terms::customer_id).limit(MOST).load(db.conn())?)
}

fn by_details(db: &mut Db, customer: &Customer) -> Result<Vec<CustomerId>> {
    let fields = &customer.fields;
    let mut found = Vec::new();
    macro_rules! same {
        ($column:expr, $value:expr) => {
            if let Some(value) = $value {
                let theirs = customer_details::table.filter($column.eq(value)).limit(MOST);
                found.extend(theirs.select(customer_details::customer_id).load::<CustomerId>(db.conn())?);
            }
        };
    }
    same!(customer_details::credit_code, &fields.credit_code);
    same!(customer_details::address, &fields.address);
    same!(customer_details::invoice_title, &fields.invoice_title);
    same!(customer_details::invoice_title, Some(&fields.company_name));
    if let Some(title) = &fields.invoice_title {
        let named = normalised_name(title);
        found.extend(directory::queries::ids_by_name(db, &[named.as_str()])?.into_values());
    }
    Ok(found)
}

/// How many customers were merged into others, and the codes of those of them that are live, or whose merge is not there.
pub fn broken_merges(db: &mut Db) -> Result<(usize, Vec<String>)> {
    let merged = customers::table.filter(customers::merged_into_id.is_not_null());
    let examined: i64 = merged.count().get_result(db.conn())?;
    let losers = customer_merges::table
        .filter(customer_merges::unmerged_at.is_null())
        .select(customer_merges::loser_id);
    let broken = merged.filter(customers::deleted_at.is_null().or(customers::id.ne_all(losers)));
    let breaches = broken.order(customers::id).select(customers::company_code).load(db.conn())?;
    Ok((usize::try_from(examined).unwrap_or_default(), breaches))
}
