//! Remembering meanings and forgetting them: the only writer of `import_choices`.

use diesel::prelude::*;

use crate::batches::BatchKind;
use crate::db::Tx;
use crate::i18n::{Said, Tr};
use crate::imports::kinds::ImportKind;
use crate::imports::rules::{folded, key_of_headings};
use crate::schema::import_choices;
use crate::types::{Action, Entry, Error, Result};

use super::model::{Key, MeaningRecord};
use super::queries;
use super::words::Words;

/// Remembers what a text of a column means; a blank choice for nothing at all.
pub fn remember_text(tx: &mut Tx, kind: &str, column: &str, text: &str, choice: &str) -> Result<()> {
    remember(tx, kind, &Key { about: column.to_owned(), meant: folded(text) }, choice, text)
}

/// Remembers which columns a set of headings is.
pub fn remember_headings(
    tx: &mut Tx,
    kind: &str,
    labels: &[String],
    columns: &[Option<String>],
) -> Result<()> {
    let json = |fault: serde_json::Error| Error::Internal(fault.into());
    let choice = serde_json::to_string(columns).map_err(json)?;
    let shown = serde_json::to_string(labels).map_err(json)?;
    let key = Key { about: String::new(), meant: key_of_headings(labels) };
    remember(tx, kind, &key, &choice, &shown)
}

fn remember(tx: &mut Tx, kind: &str, key: &Key, choice: &str, shown: &str) -> Result<()> {
    let (now, user) = (tx.now(), tx.actor().user_id);
    diesel::replace_into(import_choices::table)
        .values((
            import_choices::kind.eq(kind),
            import_choices::about.eq(&key.about),
            import_choices::meant.eq(&key.meant),
            import_choices::choice.eq(choice),
            import_choices::chosen_by.eq(user.map(|id| id.0)),
            import_choices::chosen_at.eq(now),
            import_choices::shown.eq(Some(shown)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Forgets meanings of a kind of import, and tells how many there were: what nobody remembers any more is no fault.
pub fn forget(tx: &mut Tx, kind: &ImportKind, batch_kind: &BatchKind, keys: &[Key]) -> Result<usize> {
    let zh_cn = Words::load(tx, Tr::ZhCn, kind, batch_kind)?;
    let en = Words::load(tx, Tr::En, kind, batch_kind)?;
    let words = |t: Tr| if t == Tr::En { &en } else { &zh_cn };
    let mut forgotten = 0;
    for key in keys {
        let Some(meaning) = queries::get(tx, kind.code, key)? else { continue };
        diesel::delete(import_choices::table.find((kind.code, &key.about, &key.meant))).execute(tx.conn())?;
        let column = Said::new(|t| words(t).column(&meaning));
        let record = MeaningRecord::new(meaning.text(), column, Said::new(|t| words(t).choice(&meaning)));
        tx.audit(Entry::deleted(Action::MeaningForgotten, &record));
        forgotten += 1;
    }
    Ok(forgotten)
}
