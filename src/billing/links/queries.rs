//! Reading links, whoever asks: who may see the bill was asked before.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use crate::db::Db;
use crate::schema::{bill_links, bill_views};
use crate::types::Result;
use crate::types::ids::{BillId, BillLinkId};
use crate::web::secret::sha256;

use super::model::{BillLink, Views};
use super::rules;

/// The link of a token that opens its bill now. A wrong one, one that is over and one that was revoked are all none: each is
/// looked for once, by its hash.
pub fn open(db: &mut Db, token: &str) -> Result<Option<BillLink>> {
    if !rules::is_token(token) {
        return Ok(None);
    }
    let now = db.now();
    let found: Option<BillLink> = bill_links::table
        .filter(bill_links::token_hash.eq(sha256(token)))
        .select(BillLink::as_select())
        .first(db.conn())
        .optional()?;
    Ok(found.filter(|link| link.opens(now)))
}

/// One link.
pub fn get(db: &mut Db, id: BillLinkId) -> Result<BillLink> {
    Ok(bill_links::table.find(id).select(BillLink::as_select()).first(db.conn())?)
}

/// The links of a bill, the newest first.
pub fn of_bill(db: &mut Db, bill: BillId) -> Result<Vec<BillLink>> {
    Ok(bill_links::table
        .filter(bill_links::bill_id.eq(bill))
        .order(bill_links::id.desc())
        .select(BillLink::as_select())
        .load(db.conn())?)
}

/// The link by which a bill was confirmed, if it was.
pub fn confirmed(db: &mut Db, bill: BillId) -> Result<Option<BillLink>> {
    Ok(of_bill(db, bill)?.into_iter().find(|link| link.confirmed_at.is_some()))
}

/// How often these links were opened.
pub fn views(db: &mut Db, links: &[BillLinkId]) -> Result<BTreeMap<BillLinkId, Views>> {
    let rows: Vec<(BillLinkId, i64, Option<NaiveDateTime>)> = bill_views::table
        .filter(bill_views::link_id.eq_any(links))
        .group_by(bill_views::link_id)
        .select((bill_views::link_id, count_star(), max(bill_views::minute)))
        .load(db.conn())?;
    Ok(rows.into_iter().map(|(link, count, latest)| (link, Views { count, latest })).collect())
}
