//! Where choices are sent to. They have no page of their own: one is led back to where one chose.

use crate::types::Result;
use crate::web::ctx::safe_path;
use crate::web::{Ctx, Form, Response};

use super::commands;
use super::forms::ColumnsForm;

/// Keeps the columns of a list.
pub async fn columns(ctx: Ctx, form: Form<ColumnsForm>) -> Result<Response> {
    let choice = form.check()?;
    ctx.write(move |tx| commands::choose_columns(tx, &choice)).await?;
    Ok(ctx.go(safe_path(&form.back).unwrap_or("/")))
}
