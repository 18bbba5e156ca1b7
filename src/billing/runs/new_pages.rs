//! The page of a new run: whether the usage of its month is complete, and what may be done about what is not.

use askama::Template;
use chrono::NaiveDate;

use crate::accounts::users;
use crate::billing::completeness;
use crate::billing::completeness::forms::{MAX_REASON, WaiverForm, hole};
use crate::billing::completeness::model::{Completeness, Day, SourceMonth};
use crate::db::Db;
use crate::pricing::price_plans;
use crate::types::ids::UserId;
use crate::types::time::business_day;
use crate::types::{BillingMonth, FieldErrors, Permission, Result};
use crate::usage::collection::model::DayState;
use crate::usage::{collection, quarantine, sources};
use crate::web::ui::{Badge, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::forms::MonthForm;
use super::model::{BillRun, RunState, Scope};
use super::{pages, queries, urls};

#[derive(Template)]
#[template(path = "billing/runs/new.html")]
struct NewView {
    ui: Ui,
    fields: Fields,
    form: WaiverForm,
    month: BillingMonth,
    completeness: Completeness,
    /// Why it cannot be planned yet.
    refusal: Option<String>,
    /// The runs of the month that were not given up.
    runs: Vec<(BillRun, Badge, String)>,
    people: Vec<(UserId, String)>,
    is_closed: bool,
}

impl NewView {
    fn may_plan(&self) -> bool {
        pages::reaches_all(&self.ui, Permission::RunStart)
    }

    fn is_last_month(&self) -> bool {
        self.month.next() == BillingMonth::of(business_day(self.ui.now))
    }

    fn badge(&self, source: &SourceMonth) -> Badge {
        let t = self.ui.t;
        if source.expected() == 0 {
            return Badge::new(Tone::Off, t.completeness_not_expected());
        }
        match (source.open().len(), source.present() + source.waived().len() == source.expected()) {
            (0, true) => Badge::new(Tone::Ok, t.completeness_complete()),
            (0, false) => Badge::new(Tone::Warn, t.completeness_waits()),
            (holes, _) => Badge::new(Tone::Bad, t.completeness_holes(holes)),
        }
    }

    /// The holes of a source in stretches: 3–5, 9.
    fn stretches(&self, source: &SourceMonth) -> String {
        let day = |day: NaiveDate| day.format("%m-%d").to_string();
        let stretch = |(from, to): &(NaiveDate, NaiveDate)| {
            if from == to { day(*from) } else { format!("{}–{}", day(*from), day(*to)) }
        };
        let all: Vec<String> = completeness::rules::stretches(source).iter().map(stretch).collect();
        self.ui.t.join(&all)
    }

    fn with_holes(&self) -> Vec<(&SourceMonth, Vec<&Day>)> {
        let all = self.completeness.sources.iter().map(|source| (source, source.open()));
        all.filter(|(_, open)| !open.is_empty()).collect()
    }

    fn waived(&self) -> Vec<(&SourceMonth, &Day)> {
        let all = &self.completeness.sources;
        all.iter().flat_map(|source| source.waived().into_iter().map(move |day| (source, day))).collect()
    }

    #[expect(clippy::unused_self, reason = "the template calls it")]
    fn value(&self, day: &Day) -> String {
        hole(day.found.source, day.found.day)
    }

    fn is_chosen(&self, day: &Day) -> bool {
        self.form.hole.contains(&self.value(day))
    }

    #[expect(clippy::ref_option, reason = "templates hand on references")]
    fn name(&self, user: &Option<UserId>) -> String {
        let known = user.and_then(|user| self.people.iter().find(|(id, _)| *id == user));
        known.map_or_else(|| self.ui.t.audit_system().to_owned(), |(_, name)| name.clone())
    }

    fn quarantine_url(&self) -> String {
        quarantine::urls::of_days(self.month.first_day(), self.month.last_day())
    }
}

/// The page of a new run: of the month before this one, unless another is asked for.
pub async fn new(ctx: Ctx, query: Query<MonthForm>) -> Result<Response> {
    show_page(&ctx, query.month.parse().ok(), WaiverForm::default(), FieldErrors::new()).await
}

/// The page with the form of waivers as it was sent.
pub async fn show_page(
    ctx: &Ctx,
    month: Option<BillingMonth>,
    form: WaiverForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let month = month.unwrap_or_else(|| BillingMonth::of(business_day(ctx.now())).previous());
    let view = ctx.read(move |db| load(db, ui, month, form, errors)).await?;
    let title = ctx.t.run_pages_new_title(month);
    let page = Page::new(ctx, title, &view).crumb(ctx.t.run_pages_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn load(db: &mut Db, ui: Ui, month: BillingMonth, form: WaiverForm, errors: FieldErrors) -> Result<NewView> {
    queries::reach_all(db, Permission::RunStart)?;
    let completeness = completeness::queries::of(db, month)?;
    let refusal = completeness::rules::can_plan(&completeness, business_day(db.now())).err();
    let days = completeness.sources.iter().flat_map(|source| &source.days);
    let by: Vec<UserId> = days.filter_map(|day| day.waiver.as_ref()?.waived_by).collect();
    let people = users::queries::people_of(db, &by)?;
    let live = queries::of_month(db, month)?
        .into_iter()
        .filter(|run| !matches!(run.state, RunState::Discarded | RunState::Failed));
    let runs: Vec<_> = live
        .map(|run| {
            let badge = Badge::new(run.state.tone(), run.state.label(ui.t));
            let scope = pages::scope(ui.t, &run.scope().unwrap_or(Scope::All));
            (run, badge, scope)
        })
        .collect();
    Ok(NewView {
        fields: Fields::with(ui.t, errors),
        refusal: refusal.map(|no| no.message.text(ui.t)),
        people: people.into_iter().map(|(id, person)| (id, person.name)).collect(),
        is_closed: crate::periods::queries::closed(db)?.has(month),
        completeness,
        month,
        runs,
        form,
        ui,
    })
}

/// Begins to plan.
pub async fn plan(ctx: Ctx, form: Form<MonthForm>) -> Result<Response> {
    let month = form.check()?;
    let outcome = ctx.write(move |tx| completeness::planning::plan(tx, month, &Scope::All)).await;
    let to = outcome.as_ref().map_or_else(|_| urls::new_of(month), |id| urls::run(*id));
    ctx.outcome(outcome, to, ctx.t.run_pages_begun(month))
}
