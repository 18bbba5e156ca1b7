//! Exporting the list from its page: small ones at once, large ones as a task.

use crate::sheets::write::Finished;
use crate::tasks;
use crate::types::Result;
use crate::types::ids::TaskId;
use crate::web::{Ctx, Form, Response, Routes};

use super::export::{self, AT_ONCE, Export, Manner, PERMISSIONS};
use super::forms::GridQuery;
use super::{lines, urls};

/// The routes of the export.
pub fn routes(r: &mut Routes) {
    let [_, permission] = PERMISSIONS;
    r.post(urls::EXPORT, permission, export);
}

/// What became of an export.
enum Sent {
    AtOnce(Finished, String),
    Task(TaskId),
}

/// Exports exactly what the filter lets through, in the order and with the columns of the page, or with all of them.
pub async fn export(ctx: Ctx, form: Form<GridQuery>) -> Result<Response> {
    let (t, query) = (ctx.t, form.0);
    let format = export::format_of(query.get("format"))?;
    let sent = ctx
        .write(move |tx| {
            let shown = lines::shown(&lines::columns(tx, t, &query)?);
            let columns = export::columns(shown, query.get("all") == "yes");
            let export = Export { query: query.clone(), columns, format, manner: Manner::Words(t) };
            let ids = export.ids(tx)?;
            if ids.len() > AT_ONCE {
                let task = export.task(t, tx);
                return tx.enqueue(&task).map(Sent::Task);
            }
            Ok(Sent::AtOnce(export::at_once(tx, &export, &ids)?, export.name(tx)))
        })
        .await?;
    Ok(match sent {
        Sent::AtOnce(finished, name) => finished.respond(&name),
        Sent::Task(id) => ctx.done(tasks::urls::task(id), t.customer_list_export_task(AT_ONCE)),
    })
}
