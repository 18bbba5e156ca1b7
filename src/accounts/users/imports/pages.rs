//! The page that takes a file of staff: it checks the file only, or imports it and shows the passwords this once.

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::accounts::passwords::{self, OneTime};
use crate::accounts::users::urls;
use crate::i18n::Tr;
use crate::types::{FieldErrors, Refusal, Result};
use crate::web::download::neutral;
use crate::web::ui::{Fields, Ui, filters};
use crate::web::{Ctx, Page, Response, Upload};

use super::model::{Created, Failure, Plan};
use super::{MAX_BYTES, Report, commit, parse, plan};

/// The most users that one request creates: hashing their passwords takes 30 ms each. The command line takes more.
const MAX_NEWCOMERS: usize = 1_000;

#[derive(Template)]
#[template(path = "accounts/users/imports/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
}

/// The page.
pub async fn new(ctx: Ctx) -> Response {
    form_page(&ctx, FieldErrors::new())
}

fn form_page(ctx: &Ctx, errors: FieldErrors) -> Response {
    let faulty = !errors.is_empty();
    let view = NewView { ui: ctx.ui(), fields: Fields::with(ctx.t, errors) };
    let page = Page::new(ctx, ctx.t.users_import(), &view).crumb(ctx.t.users_title(), urls::INDEX);
    if faulty { page.invalid().respond() } else { page.respond() }
}

/// A row that failed, in words.
struct FailedRow {
    line: usize,
    column: String,
    reason: String,
}

impl FailedRow {
    fn new(failure: &Failure, t: Tr) -> FailedRow {
        FailedRow {
            line: failure.line,
            column: failure.column().map_or_else(String::new, |column| column.label(t)),
            reason: failure.reason(t),
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/users/imports/report.html")]
struct ReportView {
    ui: Ui,
    file_name: String,
    only_checked: bool,
    created: usize,
    unchanged: usize,
    departments: Vec<String>,
    ignored: Vec<String>,
    failed: Vec<FailedRow>,
    passwords: Vec<Created>,
}

impl ReportView {
    /// The passwords as a file that the browser makes of the page itself: they are kept nowhere else.
    fn passwords_file(&self) -> String {
        let line = |cells: [&str; 3]| {
            cells.map(|cell| format!("\"{}\"", neutral(cell).replace('"', "\"\""))).join(",")
        };
        let rows = self.passwords.iter().map(|one| line([&one.username, &one.name, &one.password]));
        let lines: Vec<String> =
            std::iter::once(line(["username", "name", "password"])).chain(rows).collect();
        let text = format!("\u{feff}{}\r\n", lines.join("\r\n"));
        format!("data:text/csv;charset=utf-8;base64,{}", BASE64_STANDARD.encode(text))
    }
}

/// Checks the file, and imports it unless it is only to be checked.
pub async fn create(ctx: Ctx, upload: Upload) -> Result<Response> {
    let only_checked = upload.fields.contains_key("only_check");
    let file_name = upload.file_name.clone();
    match run(&ctx, upload, only_checked).await {
        Ok((plan, report)) => Ok(report_page(&ctx, file_name, &plan, report)),
        Err(fault) => Ok(form_page(&ctx, fault.into_faults("file")?)),
    }
}

async fn run(ctx: &Ctx, upload: Upload, only_checked: bool) -> Result<(Plan, Option<Report>)> {
    if upload.content.is_empty() {
        return Err(FieldErrors::one("file", |t| t.imports_no_file()).into());
    }
    if upload.content.len() > MAX_BYTES {
        return Err(FieldErrors::one("file", |t| t.imports_too_large(MAX_BYTES / 1024 / 1024)).into());
    }
    let sheet = parse(&upload.content)?;
    let plan = ctx.read(move |db| plan(db, &sheet)).await?;
    if only_checked {
        return Ok((plan, None));
    }
    let passwords = passwords_for(ctx, &plan).await?;
    let (work, file) = (plan.clone(), upload.file_name);
    let report = ctx.write(move |tx| commit(tx, &work, &passwords, &file)).await?;
    Ok((plan, Some(report)))
}

async fn passwords_for(ctx: &Ctx, plan: &Plan) -> Result<Vec<OneTime>> {
    let count = plan.newcomers().count();
    if count > MAX_NEWCOMERS {
        return Err(
            Refusal::new("too_many_newcomers", |t| t.imports_too_many_newcomers(MAX_NEWCOMERS)).into()
        );
    }
    let hashers = ctx.state.config.password_hashers;
    ctx.hash(move || passwords::one_time_many(count, hashers)).await
}

fn report_page(ctx: &Ctx, file_name: String, plan: &Plan, report: Option<Report>) -> Response {
    let t = ctx.t;
    let only_checked = report.is_none();
    let (passwords, failed) = match report {
        Some(report) => (report.created, report.failed),
        None => (Vec::new(), plan.failures()),
    };
    let view = ReportView {
        ui: ctx.ui(),
        file_name,
        only_checked,
        created: if only_checked { plan.newcomers().count() } else { passwords.len() },
        unchanged: plan.unchanged(),
        departments: plan.departments.clone(),
        ignored: plan.ignored.clone(),
        failed: failed.iter().map(|failure| FailedRow::new(failure, t)).collect(),
        passwords,
    };
    let title = if only_checked { t.imports_checked_title() } else { t.imports_done_title() };
    let page = Page::new(ctx, title, &view)
        .crumb(t.users_title(), urls::INDEX)
        .crumb(t.users_import(), "/users/import");
    if view.passwords.is_empty() { page.respond() } else { page.once().respond() }
}
