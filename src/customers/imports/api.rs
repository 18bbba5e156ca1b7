//! Imports of customers over the JSON API. What comes of a file is a batch, which has an API of its own.

use utoipa::ToSchema;

use crate::batches::api::{BatchJson, answer};
use crate::i18n::Tr;
use crate::imports;
use crate::types::Permission::CustomerImport;
use crate::types::Result;
use crate::web::openapi::ApiDoc;
use crate::web::{Ctx, Response, Routes, Upload};

use super::batch::CODE;

/// The routes of imports of customers in the API.
pub fn routes(r: &mut Routes) {
    r.upload("/api/v1/customers/import", CustomerImport, create)
        .doc(ApiDoc::answers::<BatchJson>(Tr::api_customers_import).takes::<CustomerFileJson>().creates());
}

/// A file of customers, as `multipart/form-data`.
#[expect(dead_code, reason = "only described, and read as it arrives")]
#[derive(Debug, ToSchema)]
pub struct CustomerFileJson {
    /// The day from which the prices of the file are valid, as `2026-01-01`; may be left out.
    effective_on: Option<String>,
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes a file in, and begins to work out what would become of its rows.
async fn create(ctx: Ctx, upload: Upload) -> Result<Response> {
    let id = imports::pages::receive(&ctx, CODE, upload).await?;
    answer(&ctx, id, true).await
}
