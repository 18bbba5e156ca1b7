//! Reading families.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::customers::directory::reach::Reach;
use crate::customers::directory::rules::normalised_name;
use crate::customers::directory::terms::{MAX_TERM, folded};
use crate::db::{Db, like};
use crate::schema::{customer_terms, customers};
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};

use super::model::{Branch, Member};
use super::rules::{self, MAX_BRANCHES};

/// How many customers are suggested.
pub const SUGGESTIONS: i64 = 12;

/// How many levels a family is followed up or down; deeper than any company.
const LEVELS: usize = 50;

/// A member. A macro, because its type cannot be written down.
macro_rules! member {
    () => {
        (
            customers::id,
            customers::company_code,
            customers::company_name,
            customers::status,
            customers::parent_id,
            customers::sales_owner_id,
            customers::ops_owner_id,
        )
    };
}

/// The live customers that a text which is being typed may mean, within the reach of `CustomerView`: by any part of the
/// name, its pinyin initials or the code.
pub fn suggest(db: &mut Db, text: &str) -> Result<Vec<Member>> {
    let reach = Reach::of(db, Permission::CustomerView)?;
    let typed: String = folded(text).chars().take(MAX_TERM).collect();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    // In the order of the terms, so that the walk along the index ends early however many customers there are.
    let mut query = customer_terms::table
        .inner_join(customers::table)
        .filter(customer_terms::term.like(like::beginning(&typed)))
        .filter(customer_terms::personal.eq(false))
        .filter(customers::deleted_at.is_null())
        .order((customer_terms::term, customer_terms::customer_id))
        .limit(4 * SUGGESTIONS)
        .select(member!())
        .into_boxed();
    if let Reach::OwnedBy(users) = reach {
        let owns = customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users));
        query = query.filter(owns);
    }
    let mut found: Vec<Member> = query.load(db.conn())?;
    let mut met = BTreeSet::new();
    found.retain(|member| met.insert(member.id));
    found.truncate(usize::try_from(SUGGESTIONS).unwrap_or(usize::MAX));
    Ok(found)
}

/// The live customers that a text means, within the reach of `CustomerView`: the one of that code, or of that code and
/// name as suggestions write them, or of that name; else those that it may mean.
pub fn meant(db: &mut Db, text: &str) -> Result<Vec<Member>> {
    let text = text.trim();
    let code = text.split_whitespace().next().unwrap_or_default();
    let name = normalised_name(text.strip_prefix(code).unwrap_or_default());
    let reach = Reach::of(db, Permission::CustomerView)?;
    let mut query = customers::table
        .filter(customers::live_code.eq_any([text, code]).or(customers::live_name.eq(normalised_name(text))))
        .select(member!())
        .into_boxed();
    if let Reach::OwnedBy(users) = reach {
        let owns = customers::sales_owner_id.eq_any(users.clone()).or(customers::ops_owner_id.eq_any(users));
        query = query.filter(owns);
    }
    let found: Vec<Member> = query.load(db.conn())?;
    let is_exact = |member: &&Member| {
        member.company_code == text
            || normalised_name(&member.company_name) == normalised_name(text)
            || (member.company_code == code && normalised_name(&member.company_name) == name)
    };
    match found.iter().find(is_exact) {
        Some(member) => Ok(vec![member.clone()]),
        None => suggest(db, text),
    }
}

/// The tree of one customer, as whoever asks gets to see it.
pub fn tree(db: &mut Db, id: CustomerId) -> Result<Vec<Branch>> {
    let reach = Reach::of(db, Permission::CustomerView)?;
    let above = above(db, id)?;
    let below = below(db, id)?;
    let seen = |member: &Member| reach.covers_owned_by([member.sales_owner, member.ops_owner]);
    Ok(rules::tree(id, above, below, seen))
}

/// A customer with all above it, the top first.
fn above(db: &mut Db, id: CustomerId) -> Result<Vec<Member>> {
    let mut chain: Vec<Member> = Vec::new();
    let mut next = Some(id);
    while let Some(wanted) = next.filter(|id| chain.len() < LEVELS && chain.iter().all(|met| met.id != *id)) {
        let member: Option<Member> =
            customers::table.find(wanted).select(member!()).first(db.conn()).optional()?;
        next = member.as_ref().and_then(|member| member.parent);
        chain.extend(member);
    }
    chain.reverse();
    Ok(chain)
}

/// The live customers below one, level by level.
fn below(db: &mut Db, id: CustomerId) -> Result<Vec<Member>> {
    let mut all: Vec<Member> = Vec::new();
    let mut level = vec![id];
    for _ in 0..LEVELS {
        let next: Vec<Member> = customers::table
            .filter(customers::parent_id.eq_any(&level))
            .filter(customers::deleted_at.is_null())
            .order(customers::id)
            .limit(i64::try_from(MAX_BRANCHES).unwrap_or(i64::MAX))
            .select(member!())
            .load(db.conn())?;
        level = next.iter().map(|member| member.id).collect();
        all.extend(next);
        if level.is_empty() || all.len() >= MAX_BRANCHES {
            break;
        }
    }
    Ok(all)
}

/// How many live customers belong to one directly, whoever asks.
pub fn count_children(db: &mut Db, id: CustomerId) -> Result<i64> {
    Ok(customers::table
        .filter(customers::parent_id.eq(id))
        .filter(customers::deleted_at.is_null())
        .count()
        .get_result(db.conn())?)
}

/// Locks these customers and all above them, so that nobody puts one of them below another meanwhile: two who move two
/// customers below each other wait for one another, and the second finds what the first has done.
pub fn lock_chains(db: &mut Db, ids: impl IntoIterator<Item = CustomerId>) -> Result<()> {
    let mut met = BTreeSet::new();
    for id in ids {
        let mut next = Some(id);
        while let Some(wanted) = next.filter(|id| met.insert(*id)) {
            let found: Option<Option<CustomerId>> = customers::table
                .find(wanted)
                .select(customers::parent_id)
                .for_update()
                .first(db.conn())
                .optional()?;
            next = found.flatten();
        }
    }
    Ok(())
}

/// Live customers that may be the same as a new one: with its credit code, or a name that begins with its whole name or
/// contains it. Within the reach of `CustomerView`; a few are enough.
pub fn alike(
    db: &mut Db,
    name: &str,
    credit_code: Option<&str>,
    but: Option<CustomerId>,
) -> Result<Vec<Member>> {
    /// The shortest name that says something: 诺合公寓.
    const TELLING: usize = 4;
    let mut found = Vec::new();
    let name = normalised_name(name);
    for text in [Some(name.as_str()).filter(|name| name.chars().count() >= TELLING), credit_code]
        .into_iter()
        .flatten()
    {
        found.extend(suggest(db, text)?);
    }
    found.retain(|member| Some(member.id) != but);
    found.sort_by_key(|member| member.id);
    found.dedup_by_key(|member| member.id);
    Ok(found)
}
