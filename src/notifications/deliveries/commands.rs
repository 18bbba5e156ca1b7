//! Putting deliveries on their way and noting what becomes of them: the only writer of `deliveries`.

use diesel::prelude::*;

use crate::audit::reach::parts;
use crate::db::Tx;
use crate::i18n::{Said, Tr};
use crate::notifications::outbox::model::Message;
use crate::notifications::outbox::rules::pieces;
use crate::schema::deliveries;
use crate::types::ids::{DeliveryId, MessageId};
use crate::types::{Action, Entry, Permission, Result};

use super::model::{Channel, Delivery, DeliveryFilter, DeliveryState, NewDelivery, Outcome};
use super::{queries, rules};

/// The most deliveries that are sent again at once by a filter.
pub const MAX_AT_ONCE: i64 = 1_000;

/// Puts the deliveries of a message on their way.
pub fn insert(tx: &mut Tx, message: &Message, new: &[NewDelivery]) -> Result<()> {
    let now = tx.now();
    for chunk in pieces(new, |delivery| delivery.subject.len() + delivery.body.len()) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|delivery| {
                (
                    deliveries::message_id.eq(message.id),
                    deliveries::kind.eq(&message.kind),
                    deliveries::channel.eq(delivery.channel),
                    deliveries::target.eq(&delivery.target),
                    deliveries::recipient.eq(&delivery.recipient),
                    deliveries::user_id.eq(delivery.user_id),
                    deliveries::robot_id.eq(delivery.robot_id),
                    deliveries::language.eq(delivery.language.tag()),
                    deliveries::subject.eq(&delivery.subject),
                    deliveries::body.eq(&delivery.body),
                    deliveries::state.eq(DeliveryState::Waiting),
                    deliveries::due_at.eq(Some(now)),
                    deliveries::created_by.eq(message.created_by),
                    deliveries::department_path.eq(&delivery.department_path),
                    deliveries::created_at.eq(now),
                    deliveries::enclosed_kind.eq(enclosed(message, delivery).map(|(kind, _)| kind.as_str())),
                    deliveries::enclosed_id.eq(enclosed(message, delivery).map(|(_, id)| *id)),
                )
            })
            .collect();
        diesel::insert_into(deliveries::table).values(&rows).execute(tx.conn())?;
    }
    Ok(())
}

/// What goes along with a delivery: with mails only.
fn enclosed<'a>(message: &'a Message, delivery: &NewDelivery) -> Option<&'a (String, u64)> {
    message.enclosed.as_ref().filter(|_| delivery.channel == Channel::Mail)
}

/// Takes at most `limit` due deliveries of a channel, so that nobody else does. To be committed before anything is said
/// to anybody: should this process die, they are found as taken, and never sent twice.
pub fn claim(tx: &mut Tx, channel: Channel, limit: i64) -> Result<Vec<Delivery>> {
    let now = tx.now();
    let due = queries::lock_due(tx, channel, limit)?;
    let (died, waiting): (Vec<_>, Vec<_>) =
        due.into_iter().partition(|delivery| delivery.state == DeliveryState::Sending);
    let ids = |all: &[Delivery]| all.iter().map(|delivery| delivery.id).collect::<Vec<_>>();
    if !died.is_empty() {
        let why = serde_json::to_value(Said::new(Tr::messages_fault_died)).unwrap_or_default();
        diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids(&died))))
            .set((
                deliveries::state.eq(DeliveryState::Uncertain),
                deliveries::due_at.eq(None::<chrono::NaiveDateTime>),
                deliveries::error.eq(Some(why)),
            ))
            .execute(tx.conn())?;
    }
    if waiting.is_empty() {
        return Ok(waiting);
    }
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids(&waiting))))
        .set((
            deliveries::state.eq(DeliveryState::Sending),
            deliveries::due_at.eq(Some(now + rules::LEASE)),
            deliveries::attempts.eq(deliveries::attempts + 1),
        ))
        .execute(tx.conn())?;
    Ok(waiting.into_iter().map(|delivery| Delivery { attempts: delivery.attempts + 1, ..delivery }).collect())
}

/// Notes what became of a try. One that was taken for dead meanwhile is still believed; one that was put on its way
/// once more meanwhile is not touched.
pub fn settle(tx: &mut Tx, delivery: &Delivery, outcome: Outcome) -> Result<()> {
    let now = tx.now();
    let settled = rules::settle(outcome, delivery.attempts, now);
    let sent_at = (settled.state == DeliveryState::Sent).then_some(now);
    let error = settled.error.and_then(|said| serde_json::to_value(said).ok());
    let remote_id = settled.remote_id.map(|id| id.chars().take(255).collect::<String>());
    diesel::update(
        deliveries::table
            .find(delivery.id)
            .filter(deliveries::state.eq_any([DeliveryState::Sending, DeliveryState::Uncertain]))
            .filter(deliveries::attempts.eq(delivery.attempts))
            .filter(deliveries::resends.eq(delivery.resends)),
    )
    .set((
        deliveries::state.eq(settled.state),
        deliveries::due_at.eq(settled.due_at),
        deliveries::error.eq(error),
        deliveries::remote_id.eq(remote_id),
        deliveries::sent_at.eq(sent_at),
    ))
    .execute(tx.conn())?;
    Ok(())
}

/// Puts a delivery on its way once more.
pub fn resend(tx: &mut Tx, id: DeliveryId) -> Result<()> {
    let delivery = queries::lock(tx, Permission::MessageSend, id)?;
    rules::can_resend(delivery.state)?;
    put_on_its_way(tx, &[delivery])
}

/// Puts on their way once more the failed ones that the filter lets through, the newest first; returns how many.
pub fn resend_failed(tx: &mut Tx, filter: &DeliveryFilter) -> Result<usize> {
    let parts = parts(tx.actor(), &[Permission::MessageView, Permission::MessageSend])?;
    let filter = DeliveryFilter { state: Some(DeliveryState::Failed), ..filter.clone() };
    let failed = queries::lock_all(tx, &filter, &parts, MAX_AT_ONCE)?;
    put_on_its_way(tx, &failed)?;
    Ok(failed.len())
}

fn put_on_its_way(tx: &mut Tx, all: &[Delivery]) -> Result<()> {
    let now = tx.now();
    for chunk in all.chunks(200) {
        let ids: Vec<DeliveryId> = chunk.iter().map(|delivery| delivery.id).collect();
        diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
            .set((
                deliveries::state.eq(DeliveryState::Waiting),
                deliveries::due_at.eq(Some(now)),
                deliveries::attempts.eq(0),
                deliveries::resends.eq(deliveries::resends + 1),
                deliveries::error.eq(None::<serde_json::Value>),
            ))
            .execute(tx.conn())?;
    }
    tx.wake_messages();
    for delivery in all {
        tx.audit(Entry::happened(Action::MessageResent, delivery.subject()));
    }
    Ok(())
}

/// Forgets the deliveries of messages.
pub fn forget(tx: &mut Tx, messages: &[MessageId]) -> Result<usize> {
    let old = deliveries::table.filter(deliveries::message_id.eq_any(messages));
    Ok(diesel::delete(old).execute(tx.conn())?)
}
