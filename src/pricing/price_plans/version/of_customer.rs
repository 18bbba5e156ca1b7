//! The prices of a customer: what is in force, what comes, what was.

use askama::Template;
use chrono::NaiveDate;

use crate::catalog;
use crate::customers::directory;
use crate::customers::directory::head::Head;
use crate::db::Db;
use crate::pricing::price_plans::model::{PlanVersion, VersionState};
use crate::pricing::price_plans::people::People;
use crate::pricing::price_plans::{queries, urls};
use crate::types::ids::CustomerId;
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::web::tabs::Tabs;
use crate::web::ui::{Badge, Ui, filters};
use crate::web::{Ctx, Page, Path, Response};

use super::sheet;
use super::sheet::Sheet;
use super::story::{self, Chapter};

/// A version on the timeline.
struct Row {
    plan: PlanVersion,
    badge: Badge,
    last_day: Option<NaiveDate>,
    brief: String,
    written: String,
    decided: Option<String>,
    origin: String,
}

#[derive(Template)]
#[template(path = "pricing/price_plans/version/of_customer.html")]
struct OfCustomerView {
    ui: Ui,
    head: Head,
    now: Option<(Row, Sheet)>,
    coming: Vec<Row>,
    past: Vec<Row>,
    gone: Vec<Row>,
    first_day: Option<NaiveDate>,
    today: NaiveDate,
    may_edit: bool,
}

impl OfCustomerView {
    fn is_empty(&self) -> bool {
        self.now.is_none() && self.coming.is_empty() && self.past.is_empty() && self.gone.is_empty()
    }

    fn new_url(&self) -> String {
        urls::new(self.head.customer.id)
    }
}

/// The prices of a customer.
pub async fn index(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let (ui, id, tabs) = (ctx.ui(), *customer, ctx.state.part::<Tabs>()?);
    let view = ctx
        .read(move |db| {
            directory::queries::find(db, Permission::PriceView, id)?;
            let head = Head::load(db, &ui, &tabs, id, "prices")?;
            load(db, ui, head)
        })
        .await?;
    let title = ctx.t.price_plan_of(&view.head.customer.fields.company_name);
    Ok(Page::new(&ctx, title, &view).crumb(ctx.t.customer_title(), directory::urls::INDEX).respond())
}

fn load(db: &mut Db, ui: Ui, head: Head) -> Result<OfCustomerView> {
    let (t, today) = (ui.t, business_day(db.now()));
    let plans = queries::of_customer(db, head.customer.id)?;
    let meters = catalog::meters::queries::all(db)?;
    let people = People::load(db, plans.iter().map(|plan| &plan.version))?;
    let row = |plan: &PlanVersion| {
        let version = &plan.version;
        Row {
            badge: story::badge(t, version, story::last_day(&plans, plan), today),
            last_day: story::last_day(&plans, plan),
            brief: sheet::brief(t, &meters, plan),
            written: t.price_plan_written_by(people.name(t, version.author_id)),
            decided: version
                .decided_at
                .filter(|_| version.state.was_in_force() || version.state == VersionState::Withdrawn)
                .map(|_| t.price_plan_approved_by(people.name(t, version.decided_by))),
            origin: version.origin.label(t),
            plan: plan.clone(),
        }
    };
    let (mut coming, mut past, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for plan in &plans {
        match story::chapter(&plans, plan, today) {
            Chapter::Now => {}
            Chapter::Coming => coming.push(row(plan)),
            Chapter::Past if plan.version.state == VersionState::Active => past.push(row(plan)),
            Chapter::Past => gone.push(row(plan)),
        }
    }
    let active = plans.iter().filter(|plan| plan.version.state == VersionState::Active);
    Ok(OfCustomerView {
        now: story::on(&plans, today).map(|plan| (row(plan), Sheet::new(t, &meters, plan))),
        first_day: active.map(|plan| plan.version.valid_from).min(),
        may_edit: head.may(db, &ui, Permission::PriceEdit)?,
        coming,
        past,
        gone,
        today,
        head,
        ui,
    })
}
