//! A picture on its way from a browser to the setting that it is the value of.
//!
//! A picture that was replaced stays on the setting: what was sent with it stays as it was, and one can go back to it.

use std::sync::Arc;

use crate::files::content::FileType;
use crate::files::rules::clean_name;
use crate::files::{self, Record, Store};
use crate::i18n::Tr;
use crate::types::{FieldErrors, Result};
use crate::web::{Ctx, Upload};

use super::commands;
use super::forms::SettingForm;
use super::model::{Definition, SettingDraft};
use super::pictures;

/// The field that a picture is sent in.
pub const FILE: &str = "file";

/// What a picture is called whose name is nothing but an ending.
const NAMELESS: &str = "logo";

/// The fields that came with a picture.
pub fn fields(upload: &Upload) -> SettingForm {
    SettingForm {
        value: String::new(),
        reason: upload.field("reason").to_owned(),
        version: upload.field("version").to_owned(),
    }
}

/// Makes the picture the value of the setting.
pub async fn store(ctx: &Ctx, definition: &'static Definition, upload: Upload) -> Result<()> {
    let draft = fields(&upload).check_reset(definition)?;
    if upload.content.is_empty() {
        return Err(FieldErrors::one(FILE, Tr::settings_picture_choose_first).into());
    }
    let picture = pictures::check(&upload.content)?;
    let name = name_of(&upload.file_name, picture.format);
    let (db, actor, store) = (ctx.state.db.clone(), Arc::clone(&ctx.actor), ctx.state.part::<Store>()?);
    let id = ctx.write(move |tx| commands::row(tx, definition)).await?;
    let record = Record { kind: "setting", id: id.0 };
    let content = upload.content;
    let file = ctx.block(move || files::put(&db, &actor, &store, record, &name, content.as_slice())).await?;
    let draft = SettingDraft { value: Some(file.to_string()), ..draft };
    ctx.write(move |tx| commands::change(tx, definition, &draft)).await
}

/// What the picture is called: as whoever sent it says, with the ending of what it is.
fn name_of(sent: &str, format: FileType) -> String {
    let stem = clean_name(sent.rsplit_once('.').map_or(sent, |(stem, _)| stem));
    format!("{}.{format}", if stem.is_empty() { NAMELESS } else { &stem })
}
