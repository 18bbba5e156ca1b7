//! What leaves as a file: who takes what along is written down before they have it.

use serde::Serialize;

use crate::types::{Action, Entry, ExportRecord, Result};
use crate::web::download::{Finished, Format};
use crate::web::{Ctx, Response};

/// A file of so many rows.
pub struct Export {
    /// What is in it, as the audit log names it.
    pub kind: &'static str,
    /// Its name, without an extension.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// The file.
    pub file: Finished,
    /// How many rows it has.
    pub rows: usize,
}

/// Hands a file over to whoever asked for it, with what they asked.
pub async fn respond(ctx: &Ctx, export: Export, asked: &impl Serialize) -> Result<Response> {
    let Export { kind, name, format, file, rows } = export;
    let record = ExportRecord::new(kind, format!("{name}.{format}"), rows, asked);
    ctx.write(move |tx| {
        tx.audit(Entry::created(Action::UsageExported, &record));
        Ok(())
    })
    .await?;
    Ok(file.respond(&name))
}
