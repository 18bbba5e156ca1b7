//! The page that takes a file of prices.

use crate::imports;
use crate::imports::pages::PastQuery;
use crate::pricing::openings::model::IMPORT;
use crate::types::Result;
use crate::web::{Ctx, Query, Response, Upload};

use super::template;

/// The page.
pub async fn new(ctx: Ctx, query: Query<PastQuery>) -> Result<Response> {
    imports::pages::new(ctx, IMPORT, query.seek()).await
}

/// Takes a file in.
pub async fn create(ctx: Ctx, upload: Upload) -> Result<Response> {
    imports::pages::create(ctx, IMPORT, upload).await
}

/// The workbook to fill in.
pub async fn template(ctx: Ctx) -> Result<Response> {
    let t = ctx.t;
    let workbook = ctx.read(move |db| template::template(db, t)?.write(t)).await?;
    Ok(workbook.respond(t.price_imports_template_name()))
}
