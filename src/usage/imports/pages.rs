//! The pages of intakes: what came in, a file that is looked at before it counts, and what rules have caught of it.

use std::io::Write as _;

use anyhow::Context as _;
use askama::Template;
use serde::Serialize;

use crate::audit::entries;
use crate::audit::entries::timeline::{self, Timeline};
use crate::db::Db;
use crate::db::listing::Stream;
use crate::i18n::Tr;
use crate::tasks::model::Task;
use crate::types::ids::{QuarantinedRecordId, UsageIntakeId};
use crate::types::money::grouped;
use crate::types::{FieldErrors, Result};
use crate::usage::exports::{self, Export};
use crate::usage::intakes;
use crate::usage::intakes::model::{Counts, IntakeKind, IntakeState, KIND};
use crate::usage::intakes::queries::IntakeRow;
use crate::usage::quarantine;
use crate::usage::quarantine::model::CaughtRecord;
use crate::usage::records::model::Rule;
use crate::web::download::{Cell, Finished, Format, Table};
use crate::web::ui::{Badge, Fields, StreamPager, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response, Upload};

use super::begin;
use super::columns::COLUMNS;
use super::forms::{IntakeQuery, TakeForm};
use super::model::{Details, Findings, Found};
use super::reading::{Defaults, column};
use super::rules::Verdict;
use super::work::Work;
use super::{commands, rules, template as workbook, urls};

/// An intake, as the list shows it.
struct Line {
    row: IntakeRow,
    badge: Badge,
    /// Its counts with their labels; nothing where there is none, so that those that matter stand out.
    numbers: Vec<(&'static str, String)>,
}

impl Line {
    fn of(t: Tr, row: IntakeRow) -> Line {
        let counts = row.intake.counts();
        let all = [
            (t.usage_imports_records(), counts.records),
            (t.usage_imports_added(), counts.added),
            (t.usage_imports_replaced(), counts.replaced),
            (t.usage_imports_unchanged(), counts.unchanged),
            (t.usage_imports_quarantined(), counts.quarantined),
        ];
        let shown = |count: u32| if count == 0 { String::new() } else { grouped(&count.to_string()) };
        let numbers = all.into_iter().map(|(label, count)| (label, shown(count))).collect();
        Line { badge: badge(t, &row), numbers, row }
    }
}

#[derive(Template)]
#[template(path = "usage/imports/index.html")]
struct IndexView {
    ui: Ui,
    tabs: Vec<KindTab>,
    lines: Vec<Line>,
    pager: StreamPager,
}

/// A tab of the list: all, or one way in.
struct KindTab {
    label: String,
    url: String,
    is_current: bool,
}

fn tabs(t: Tr, current: Option<IntakeKind>) -> Vec<KindTab> {
    let all = KindTab {
        label: t.usage_imports_all().to_owned(),
        url: urls::INDEX.to_owned(),
        is_current: current.is_none(),
    };
    let tab = |kind: &IntakeKind| KindTab {
        label: kind.label(t),
        url: urls::of_kind(*kind),
        is_current: current == Some(*kind),
    };
    std::iter::once(all).chain(IntakeKind::ALL.iter().map(tab)).collect()
}

/// What came in, the newest first.
pub async fn index(ctx: Ctx, query: Query<IntakeQuery>) -> Result<Response> {
    let (ui, t, kind, seek) = (ctx.ui(), ctx.t, query.kind(), query.seek());
    let found: Stream<IntakeRow> = ctx.read(move |db| intakes::queries::list(db, kind, seek)).await?;
    let pager = StreamPager::new(&ui, &found);
    let lines = found.rows.into_iter().map(|row| Line::of(t, row)).collect();
    let view = IndexView { tabs: tabs(t, kind), ui, lines, pager };
    Ok(Page::new(&ctx, t.usage_imports_title(), &view).listing().respond())
}

/// The badge of an intake.
fn badge(t: Tr, row: &IntakeRow) -> Badge {
    if row.is_stalled() {
        return Badge::new(Tone::Bad, t.usage_imports_stalled());
    }
    let tone = match row.intake.state {
        IntakeState::Draft | IntakeState::Ready => Tone::Plain,
        IntakeState::Checking | IntakeState::Taking => Tone::Warn,
        IntakeState::Taken => Tone::Ok,
        IntakeState::Failed => Tone::Bad,
        IntakeState::Discarded => Tone::Off,
    };
    Badge::new(tone, row.intake.state.label(t))
}

#[derive(Template)]
#[template(path = "usage/imports/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    defaults: Defaults,
    max_upload: usize,
}

/// The page that takes a file.
pub async fn new(ctx: Ctx) -> Result<Response> {
    Ok(form_page(&ctx, Defaults::default(), FieldErrors::new()))
}

fn form_page(ctx: &Ctx, defaults: Defaults, errors: FieldErrors) -> Response {
    let (t, faulty) = (ctx.t, !errors.is_empty());
    let max_upload = ctx.state.config.max_upload / 1024 / 1024;
    let view = NewView { ui: ctx.ui(), fields: Fields::with(t, errors), defaults, max_upload };
    let page = Page::new(ctx, t.usage_imports_new(), &view).crumb(t.usage_imports_title(), urls::INDEX);
    if faulty { page.invalid().respond() } else { page.respond() }
}

/// Takes a file in, and goes to what is found in it.
pub async fn create(ctx: Ctx, upload: Upload) -> Result<Response> {
    let said = |name: &str| upload.field(name).trim().chars().take(50).collect::<String>();
    let defaults = Defaults { source: said("source"), meter: said("meter") };
    match receive(&ctx, upload, defaults.clone()).await {
        Ok(id) => Ok(ctx.go(urls::intake(id))),
        Err(fault) => Ok(form_page(&ctx, defaults, fault.into_faults("file")?)),
    }
}

async fn receive(ctx: &Ctx, upload: Upload, defaults: Defaults) -> Result<UsageIntakeId> {
    if upload.content.is_empty() && upload.file_name.is_empty() {
        return Err(FieldErrors::one("file", Tr::import_choose_file).into());
    }
    let (state, actor) = (ctx.state.clone().into_inner(), std::sync::Arc::clone(&ctx.actor));
    ctx.block(move || {
        let mut file = tempfile::tempfile().context("no temporary file")?;
        file.write_all(&upload.content).context("the temporary file cannot be written")?;
        begin::begin(&state, &actor, &upload.file_name, file, defaults, Work::Check)
    })
    .await
}

/// The workbook to fill in.
pub async fn template(ctx: Ctx) -> Result<Response> {
    let t = ctx.t;
    let workbook = ctx.read(move |db| workbook::template(db, t)?.write(t)).await?;
    Ok(workbook.respond(t.usage_imports_template_name()))
}

#[derive(Template)]
#[template(path = "usage/imports/show.html")]
struct ShowView {
    ui: Ui,
    row: IntakeRow,
    badge: Badge,
    fault: Option<String>,
    counts: Counts,
    findings: Option<Findings>,
    caught: Vec<(String, i64)>,
    waiting: i64,
    timeline: Option<Timeline>,
}

impl ShowView {
    fn can_take(&self) -> bool {
        matches!(rules::can_take(&self.row, self.row.intake.version), Ok(Verdict::Begin))
    }

    fn can_check(&self) -> bool {
        matches!(rules::can_check(&self.row), Ok(Verdict::Begin))
    }

    fn can_discard(&self) -> bool {
        matches!(rules::can_discard(&self.row), Ok(Verdict::Begin))
    }

    /// The counts as pages show them.
    fn shown(&self) -> Vec<(&'static str, String)> {
        let (t, counts) = (self.ui.t, self.counts);
        let all = [
            (t.usage_imports_records(), counts.records),
            (t.usage_imports_added(), counts.added),
            (t.usage_imports_replaced(), counts.replaced),
            (t.usage_imports_unchanged(), counts.unchanged),
            (t.usage_imports_repeated(), counts.repeated()),
            (t.usage_imports_quarantined(), counts.quarantined),
        ];
        all.into_iter().map(|(label, count)| (label, grouped(&count.to_string()))).collect()
    }

    /// The names of the columns of a file, with their codes.
    fn columns(&self) -> Vec<(&'static str, String)> {
        COLUMNS.iter().map(|known| (known.code, column(self.ui.t, known.code))).collect()
    }

    /// What was found, kind by kind: what rules would catch first.
    fn sections(&self) -> Vec<Section<'_>> {
        let (t, Some(findings)) = (self.ui.t, &self.findings) else { return Vec::new() };
        let section = |label: String, found| Section { label, found, shows_before: false };
        let caught = findings.caught.iter().map(|(rule, found)| section(rule.label(t), found));
        let others = [
            Section {
                shows_before: true,
                ..section(t.usage_imports_replaced().to_owned(), &findings.replaced)
            },
            section(t.usage_imports_repeated().to_owned(), &findings.repeated),
        ];
        caught.chain(others).filter(|section| section.found.count > 0).collect()
    }

    fn percent(&self) -> Option<u64> {
        self.row.task.as_ref().and_then(Task::percent)
    }

    fn note(&self) -> String {
        let task = self.row.task.as_ref();
        task.and_then(Task::note).map(|said| said.text(self.ui.t).to_owned()).unwrap_or_default()
    }
}

/// Lines of one kind that were found in a file.
struct Section<'a> {
    label: String,
    found: &'a Found,
    /// Whether the lines show what was there before.
    shows_before: bool,
}

impl Section<'_> {
    fn count(&self) -> String {
        grouped(&self.found.count.to_string())
    }
}

/// An intake.
pub async fn show(ctx: Ctx, intake: Path<UsageIntakeId>) -> Result<Response> {
    let (id, ui, t) = (*intake, ctx.ui(), ctx.t);
    let view = ctx.read(move |db| view_of(db, ui, id)).await?;
    let page = Page::new(&ctx, view.row.intake.title.clone(), &view);
    Ok(page.crumb(t.usage_imports_title(), urls::INDEX).respond())
}

fn view_of(db: &mut Db, ui: Ui, id: UsageIntakeId) -> Result<ShowView> {
    let row = intakes::queries::find(db, id)?;
    let shows_findings = matches!(row.intake.state, IntakeState::Ready | IntakeState::Discarded);
    let findings = Details::of(&row.intake).findings.filter(|_| shows_findings);
    let history = entries::queries::of_subject(db, KIND, id.0, timeline::LENGTH)?;
    let history = history.filter(|entries| !entries.is_empty());
    Ok(ShowView {
        badge: badge(ui.t, &row),
        fault: row.intake.fault().map(|said| said.text(ui.t).to_owned()),
        counts: findings.as_ref().map_or(row.intake.counts(), |findings| findings.counts),
        findings,
        caught: by_rule(ui.t, quarantine::queries::count_by_rule(db, id)?),
        waiting: quarantine::queries::count_waiting(db, id)?,
        timeline: history.map(|entries| Timeline::new(ui.t, KIND, id.0, &entries)),
        row,
        ui,
    })
}

/// How many each rule has caught, by the name of the rule.
fn by_rule(t: Tr, caught: Vec<(Rule, i64)>) -> Vec<(String, i64)> {
    caught.into_iter().map(|(rule, count)| (rule.label(t), count)).collect()
}

/// Has the records taken.
pub async fn take(ctx: Ctx, intake: Path<UsageIntakeId>, form: Form<TakeForm>) -> Result<Response> {
    let (id, version) = (*intake, form.version());
    let outcome = ctx.write(move |tx| commands::take(tx, id, version)).await;
    ctx.outcome(outcome, urls::intake(id), ctx.t.usage_imports_take_asked())
}

/// Works the file out anew.
pub async fn check(ctx: Ctx, intake: Path<UsageIntakeId>) -> Result<Response> {
    let id = *intake;
    let outcome = ctx.write(move |tx| commands::check(tx, id)).await;
    ctx.outcome(outcome, urls::intake(id), ctx.t.usage_imports_check_asked())
}

/// Gives the file up.
pub async fn discard(ctx: Ctx, intake: Path<UsageIntakeId>) -> Result<Response> {
    let id = *intake;
    let outcome = ctx.write(move |tx| commands::discard(tx, id)).await;
    ctx.outcome(outcome, urls::intake(id), ctx.t.usage_imports_discard_done())
}

/// How many caught records are read at once.
const STRETCH: i64 = 2_000;

/// What rules have caught, each with why, as a file that can be put right and sent again.
pub async fn caught(ctx: Ctx, intake: Path<UsageIntakeId>) -> Result<Response> {
    let (id, t) = (*intake, ctx.t);
    let ((file, rows), title) = ctx
        .read(move |db| {
            let row = intakes::queries::find(db, id)?;
            Ok((table_of_caught(db, t, id)?, row.intake.title))
        })
        .await?;
    let stem = title.rsplit_once('.').map_or(title.as_str(), |(stem, _)| stem);
    let name = t.usage_imports_caught_name(stem);
    let export = Export { kind: quarantine::model::KIND, name, format: Format::Csv, file, rows };
    exports::respond(&ctx, export, &CaughtQuery { intake: id.to_string() }).await
}

/// What was asked for, as the audit log shows it.
#[derive(Serialize)]
struct CaughtQuery {
    intake: String,
}

fn table_of_caught(db: &mut Db, t: Tr, id: UsageIntakeId) -> Result<(Finished, usize)> {
    let labels = COLUMNS.iter().map(|known| column(t, known.code));
    let heading: Vec<String> = std::iter::once(t.usage_imports_line().to_owned())
        .chain(labels)
        .chain([t.usage_imports_reason().to_owned()])
        .collect();
    let mut table = Table::begin(Format::Csv, t.usage_imports_quarantined(), &heading)?;
    let (mut after, mut written) = (QuarantinedRecordId(0), 0);
    loop {
        let records = quarantine::queries::stretch(db, id, after, STRETCH)?;
        let Some(last) = records.last() else { return Ok((table.finish()?, written)) };
        after = last.id;
        for record in &records {
            table.row(&cells(t, record))?;
        }
        written += records.len();
    }
}

fn cells(t: Tr, record: &CaughtRecord) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    vec![
        Cell::Text(record.line.map(|line| line.to_string()).unwrap_or_default()),
        text(&record.source_code),
        text(&record.company_code),
        text(&record.day_text),
        text(&record.meter_code),
        text(&record.device_series),
        text(&record.layer),
        text(&record.quantity_text),
        Cell::Text(record.rule.label(t)),
    ]
}
