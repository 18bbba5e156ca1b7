//! Imports of prices as batches.

use crate::batches::BatchKind;
use crate::imports;
use crate::pricing::openings::batch::kind;
use crate::pricing::openings::model::IMPORT as CODE;
use crate::types::Permission::PriceImport;

use super::urls;

/// Imports of prices, among the kinds of batches.
pub const KIND: BatchKind = BatchKind {
    check: Some(|tx, batch| imports::commands::check(tx, &super::IMPORT, batch)),
    mend: Some(imports::urls::cells),
    ..kind(CODE, PriceImport, urls::NEW)
};
