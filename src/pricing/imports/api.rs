//! Imports of prices over the JSON API. What comes of a file is a batch, which has an API of its own.

use utoipa::ToSchema;

use crate::batches::api::{BatchJson, answer};
use crate::i18n::Tr;
use crate::imports;
use crate::pricing::openings::model::IMPORT;
use crate::types::Permission::PriceImport;
use crate::types::Result;
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Response, Routes, Upload};

/// The routes of imports of prices in the API.
pub fn routes(r: &mut Routes) {
    r.upload("/api/v1/pricing/import", PriceImport, create)
        .doc(ApiDoc::answers::<BatchJson>(Tr::api_pricing_import).takes::<PriceFileJson>().creates());
}

/// A file of prices, as `multipart/form-data`.
#[expect(dead_code, reason = "only described, and read as it arrives")]
#[derive(Debug, ToSchema)]
pub struct PriceFileJson {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes a file in, and begins to work out what would become of its rows.
async fn create(ctx: Ctx, upload: Upload) -> Result<Response> {
    let id = imports::pages::receive(&ctx, IMPORT, upload).await?;
    answer(&ctx, id, true).await
}
