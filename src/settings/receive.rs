//! A picture on its way from a browser to the setting that it is the value of.
//!
//! A picture that was replaced stays on the setting: what was sent with it stays as it was, and one can go back to it.

use std::sync::Arc;

use crate::files::{self, Record, Store};
use crate::i18n::Tr;
use crate::types::{FieldErrors, Result};
use crate::web::{Ctx, Incoming, IncomingFile};

use super::commands;
use super::forms::SettingForm;
use super::model::{Definition, SettingDraft};
use super::pictures::{self, MAX_BYTES};

/// The field that a picture is sent in.
pub const FILE: &str = "file";

/// So much is read of a picture that is too large, before the connection is cut.
const PATIENCE: u64 = 64 * 1024 * 1024;

/// A form with a picture, read as a whole: pictures are small.
pub struct Received {
    /// The other fields.
    pub form: SettingForm,
    /// What is in the picture; empty when none was chosen, and longer than [`MAX_BYTES`] when it is too large.
    content: Vec<u8>,
    /// The name that the browser gave it.
    name: String,
}

impl Received {
    /// Reads the form.
    pub async fn read(mut incoming: Incoming) -> Result<Received> {
        let (mut content, mut name) = (Vec::new(), String::new());
        while let Some(mut file) = incoming.next_file().await? {
            name.clone_from(&file.name);
            content = beginning(&mut file).await?;
        }
        let form = SettingForm {
            value: String::new(),
            reason: incoming.field("reason").to_owned(),
            version: incoming.field("version").to_owned(),
        };
        Ok(Received { form, content, name })
    }

    /// Makes the picture the value of the setting.
    pub async fn store(self, ctx: &Ctx, definition: &'static Definition) -> Result<()> {
        let draft = self.form.check_reset(definition)?;
        if self.content.is_empty() {
            return Err(FieldErrors::one(FILE, Tr::settings_picture_choose_first).into());
        }
        let picture = pictures::check(&self.content)?;
        let stem = self.name.rsplit_once('.').map_or(self.name.as_str(), |(stem, _)| stem);
        let name = format!("{stem}.{}", picture.format.ending());
        let (db, actor, store) = (ctx.state.db.clone(), Arc::clone(&ctx.actor), ctx.state.part::<Store>()?);
        let id = ctx.write(move |tx| commands::row(tx, definition)).await?;
        let record = Record { kind: "setting", id: id.0 };
        let content = self.content;
        let file =
            ctx.block(move || files::put(&db, &actor, &store, record, &name, content.as_slice())).await?;
        let draft = SettingDraft { value: Some(file.to_string()), ..draft };
        ctx.write(move |tx| commands::change(tx, definition, &draft)).await
    }
}

/// The file, or as much of it as shows that it is too large.
async fn beginning(file: &mut IncomingFile) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    while let Some(piece) = file.piece().await? {
        content.extend_from_slice(&piece);
        if content.len() > MAX_BYTES {
            file.skip(PATIENCE).await;
            break;
        }
    }
    Ok(content)
}
