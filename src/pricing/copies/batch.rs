//! Copies as batches.

use crate::batches::BatchKind;
use crate::batches::model::NewRow;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::pricing::openings::batch::kind;
use crate::pricing::openings::ground::{Ground, failed, fault};
use crate::pricing::openings::model::COPY;
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::queries;
use crate::types::ids::CustomerId;
use crate::types::{Error, Permission, Result};

use super::model::Wanted;
use super::urls;

/// Copies, among the kinds of batches.
pub const KIND: BatchKind = kind(COPY, Permission::PriceEdit, urls::NEW);

/// What would become of the prices of these customers.
pub fn rows(db: &mut Db, wanted: &Wanted, ids: &[u64]) -> Result<Vec<NewRow>> {
    let source = queries::get(db, wanted.version)?.ok_or(Error::NotFound)?;
    let draft = VersionDraft { valid_from: wanted.valid_from, ..source.draft() };
    let ids: Vec<CustomerId> = ids.iter().copied().map(CustomerId).collect();
    let ground = Ground::load(db, &ids)?;
    let gone = |id: &CustomerId| {
        failed(&format!("#{id}"), fault("", "gone", Said::new(Tr::price_batches_moved_gone)))
    };
    let row = |id: &CustomerId| match ground.customer(*id) {
        Some(customer) => ground.row(customer, &draft),
        None => Ok(gone(id)),
    };
    ids.iter().map(row).collect()
}
