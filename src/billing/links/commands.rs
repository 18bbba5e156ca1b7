//! Making links, ending them, and noting what their readers do: the only writer of `bill_links` and `bill_views`.

use chrono::{Duration, DurationRound as _, NaiveDateTime};
use diesel::prelude::*;

use crate::billing::bills;
use crate::db::{Tx, last_id};
use crate::i18n::Tr;
use crate::schema::{bill_links, bill_views};
use crate::settings;
use crate::settings::registry::BILLING_LINK_DAYS;
use crate::types::ids::{BillId, BillLinkId};
use crate::types::{Action, Error, Permission, Refusal, Result};
use crate::web::secret::{Secret, random_text, sha256};

use super::model::BillLink;
use super::{queries, rules};

/// A link that was just made. Its token is known now and never again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// Its id.
    pub id: BillLinkId,
    /// Its token.
    pub token: String,
}

/// Makes a link to a bill, for these recipients; blank where somebody takes it along.
pub fn create(tx: &mut Tx, secret: &Secret, bill: BillId, t: Tr, recipients: &str) -> Result<NewLink> {
    let token = random_text(rules::BYTES);
    let now = tx.now();
    let expires_at = now + Duration::days(settings::read(tx, &BILLING_LINK_DAYS)?);
    let user = tx.actor().user_id;
    diesel::insert_into(bill_links::table)
        .values((
            bill_links::bill_id.eq(bill),
            bill_links::token_hash.eq(sha256(&token)),
            bill_links::sealed_token.eq(secret.seal(rules::PURPOSE, &token)?),
            bill_links::language.eq(t.tag()),
            bill_links::recipients.eq(recipients),
            bill_links::created_by.eq(user),
            bill_links::created_at.eq(now),
            bill_links::expires_at.eq(expires_at),
        ))
        .execute(tx.conn())?;
    Ok(NewLink { id: BillLinkId(last_id(tx)?), token })
}

/// The newest link to a bill that opens it, for a mail about it that is no bill itself; a new one where there is none.
pub fn standing(tx: &mut Tx, secret: &Secret, bill: BillId, t: Tr) -> Result<BillLinkId> {
    let now = tx.now();
    match queries::of_bill(tx, bill)?.into_iter().find(|link| link.opens(now)) {
        Some(link) => Ok(link.id),
        None => create(tx, secret, bill, t, "").map(|link| link.id),
    }
}

/// Makes a link to a sent bill for whoever asks to take along, into a chat say.
pub fn take_along(tx: &mut Tx, secret: &Secret, bill: BillId, t: Tr) -> Result<NewLink> {
    let (bill, customer) = bills::commands::lock(tx, Permission::BillSend, bill)?;
    bills::rules::can_send_again(&bill)?;
    let link = create(tx, secret, bill.id, t, "")?;
    bills::commands::note(tx, Action::BillLinkMade, &bill, &customer, None)?;
    Ok(link)
}

/// Ends a link, with why.
pub fn revoke(tx: &mut Tx, id: BillLinkId, reason: &str) -> Result<BillId> {
    let link = queries::get(tx, id)?;
    let (bill, customer) = bills::commands::lock(tx, Permission::BillSend, link.bill_id)?;
    if !end(tx, bill.id, Some(id), reason)? {
        return Err(Refusal::new("revoked_already", |t: Tr| t.bill_links_refused_revoked()).into());
    }
    bills::commands::note(tx, Action::BillLinkRevoked, &bill, &customer, Some(reason))?;
    Ok(bill.id)
}

/// Ends all links of a bill that is locked, because the bill is taken back.
pub fn revoke_all(tx: &mut Tx, bill: BillId, reason: &str) -> Result<()> {
    end(tx, bill, None, reason).map(|_| ())
}

/// Ends one link of a bill, or all. Tells whether there was one to end.
fn end(tx: &mut Tx, bill: BillId, only: Option<BillLinkId>, reason: &str) -> Result<bool> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    let mut some: Vec<BillLinkId> = bill_links::table
        .filter(bill_links::bill_id.eq(bill))
        .filter(bill_links::revoked_at.is_null())
        .select(bill_links::id)
        .for_update()
        .load(tx.conn())?;
    some.retain(|id| only.is_none_or(|only| only == *id));
    let ended = diesel::update(bill_links::table.filter(bill_links::id.eq_any(some)))
        .set((
            bill_links::revoked_at.eq(Some(now)),
            bill_links::revoked_by.eq(user),
            bill_links::revoked_why.eq(Some(reason)),
        ))
        .execute(tx.conn())?;
    Ok(ended > 0)
}

/// Notes that a link was opened: once a minute from an address.
pub fn note_view(tx: &mut Tx, link: BillLinkId, address: &str, agent: &str) -> Result<()> {
    let minute = minute(tx.now())?;
    diesel::insert_or_ignore_into(bill_views::table)
        .values((
            bill_views::link_id.eq(link),
            bill_views::address.eq(address),
            bill_views::minute.eq(minute),
            bill_views::agent.eq(agent),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn minute(now: NaiveDateTime) -> Result<NaiveDateTime> {
    now.duration_trunc(Duration::minutes(1)).map_err(|fault| Error::Internal(fault.into()))
}

/// Notes that the reader of a link confirms its bill. A bill is confirmed once; tells whether it was now.
pub fn confirm(tx: &mut Tx, link: &BillLink, name: Option<&str>) -> Result<bool> {
    let (bill, customer) = bills::commands::lock_whoever_asks(tx, link.bill_id)?;
    if queries::confirmed(tx, bill.id)?.is_some() {
        return Ok(false);
    }
    let (now, address) = (tx.now(), tx.actor().origin.address.clone());
    diesel::update(bill_links::table.find(link.id))
        .set((
            bill_links::confirmed_at.eq(Some(now)),
            bill_links::confirmed_by.eq(name),
            bill_links::confirmed_from.eq(Some(address)),
        ))
        .execute(tx.conn())?;
    bills::commands::note(tx, Action::BillConfirmed, &bill, &customer, name)?;
    Ok(true)
}
