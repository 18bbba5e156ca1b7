//! The story of a bill: the bill, what was taken back of it, the one that took its place, and so on, as one chain. It stands
//! on each of their pages.

use askama::Template;
use chrono::NaiveDateTime;

use crate::billing::bills::model::Bill;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::{BillId, CreditNoteId};
use crate::types::{Money, Result};
use crate::web::ui::{Badge, filters, piece};

use super::model::CreditNote;
use super::{queries, urls};

/// A page of the story.
struct Chapter {
    icon: &'static str,
    label: String,
    url: String,
    badge: Badge,
    at: Option<NaiveDateTime>,
    amount: Money,
    reason: Option<String>,
    is_here: bool,
}

/// The story, from the first bill on.
#[derive(Template)]
#[template(path = "billing/credit_notes/story.html")]
pub struct Story {
    t: Tr,
    currency: String,
    chapters: Vec<Chapter>,
}

piece!(Story);

/// The page on which the story is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// That of a bill.
    Bill(BillId),
    /// That of a credit note.
    Note(CreditNoteId),
}

impl Story {
    /// The story that a bill is in, told on a page.
    pub fn load(db: &mut Db, t: Tr, bill: &Bill, here: Here) -> Result<Story> {
        let bills = queries::chain(db, bill)?;
        let ids: Vec<BillId> = bills.iter().map(|bill| bill.id).collect();
        let mut notes = queries::of_bills(db, &ids)?;
        let mut chapters = Vec::new();
        for bill in &bills {
            chapters.push(of_bill(t, bill, here));
            let of_bill = notes.remove(&bill.id).unwrap_or_default();
            chapters.extend(of_bill.iter().map(|note| of_note(t, note, here)));
        }
        Ok(Story { t, currency: bill.currency.to_string(), chapters })
    }

    /// Whether there is more to tell than one bill.
    pub fn is_long(&self) -> bool {
        self.chapters.len() > 1
    }
}

fn of_bill(t: Tr, bill: &Bill, here: Here) -> Chapter {
    let label = match bill.reissue_of {
        None => t.credit_notes_story_bill(&bill.number),
        Some(_) => t.credit_notes_story_reissue(&bill.number),
    };
    let badge = if bill.credited_at.is_some() {
        Badge::new(crate::web::ui::Tone::Off, t.credit_notes_story_credited())
    } else {
        Badge::new(bill.document_state.tone(), bill.document_state.label(t))
    };
    Chapter {
        icon: "file-invoice",
        label,
        url: urls::bill(bill.id),
        badge,
        at: bill.sent_at.or(Some(bill.created_at)),
        amount: Money(bill.total_amount),
        reason: None,
        is_here: here == Here::Bill(bill.id),
    }
}

fn of_note(t: Tr, note: &CreditNote, here: Here) -> Chapter {
    Chapter {
        icon: "receipt",
        label: match &note.number {
            Some(number) => t.credit_notes_story_note(number),
            None => t.credit_notes_story_asked().to_owned(),
        },
        url: urls::note(note.id),
        badge: note.state.badge(t),
        at: note.decided_at.or(Some(note.asked_at)),
        amount: Money(-note.amount),
        reason: Some(note.reason.clone()),
        is_here: here == Here::Note(note.id),
    }
}
