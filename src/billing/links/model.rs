//! Rows and values of links to bills.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;

use crate::i18n::Tr;
use crate::schema::bill_links;
use crate::types::ids::{BillId, BillLinkId, UserId};

/// A link to a bill.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = bill_links, check_for_backend(Mysql))]
pub struct BillLink {
    /// Its id.
    pub id: BillLinkId,
    /// The bill.
    pub bill_id: BillId,
    /// The token, sealed.
    pub sealed_token: String,
    /// The language of its reader, by its tag.
    pub language: String,
    /// To whom it was mailed; blank for one that somebody took along.
    pub recipients: String,
    /// Who made it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: NaiveDateTime,
    /// Until when it can be opened.
    pub expires_at: NaiveDateTime,
    /// Since when it cannot be opened any more.
    pub revoked_at: Option<NaiveDateTime>,
    /// Why not.
    pub revoked_why: Option<String>,
    /// When its reader confirmed the bill.
    pub confirmed_at: Option<NaiveDateTime>,
    /// Who they said they were.
    pub confirmed_by: Option<String>,
}

impl BillLink {
    /// Whether it opens its bill at a moment.
    pub fn opens(&self, now: NaiveDateTime) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// The language of its reader.
    pub fn language(&self) -> Tr {
        Tr::from_tag(&self.language).unwrap_or_default()
    }
}

/// How often a link was opened, and when last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Views {
    /// The minutes in which it was, from each address.
    pub count: i64,
    /// The latest of them.
    pub latest: Option<NaiveDateTime>,
}
