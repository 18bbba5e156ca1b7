//! The pages of what is overdue: the bills, and who will be reminded next and why.

use std::collections::BTreeMap;

use askama::Template;
use chrono::NaiveDate;

use crate::customers::directory;
use crate::db::Db;
use crate::db::listing::{Listing, PageRequest};
use crate::i18n::Tr;
use crate::jobs::cron::Expression;
use crate::types::ids::{BillId, CustomerId};
use crate::types::time::business_day;
use crate::types::{Permission, Result};
use crate::web::ui::tabs::{TabBar, Way};
use crate::web::ui::{Pager, Ui, filters};
use crate::web::{Ctx, Page, Query, Response};

use super::forms::OverdueQuery;
use super::model::{DunningStep, OverdueRow, OverdueSum, Reminder, Tally, when};
use super::queries::{Candidate, Walk};
use super::{commands, job, queries, rules, urls};

/// The ways between the pages.
pub(super) fn tabs(ui: &Ui, current: &str) -> TabBar {
    let t = ui.t;
    let way = |label: &'static str, url: &str| Way {
        label,
        url: url.to_owned(),
        count: None,
        current: url == current,
    };
    let ways = vec![
        way(t.dunning_title(), urls::INDEX),
        way(t.dunning_next(), urls::NEXT),
        way(t.dunning_steps(), urls::STEPS),
    ];
    TabBar::new(t.dunning_title(), ways)
}

#[derive(Template)]
#[template(path = "billing/dunning/index.html")]
struct IndexView {
    ui: Ui,
    tabs: TabBar,
    today: NaiveDate,
    sums: Vec<OverdueSum>,
    listing: Listing<OverdueRow>,
    reminders: BTreeMap<BillId, Vec<Reminder>>,
    steps: Vec<DunningStep>,
    pager: Pager,
}

impl IndexView {
    fn days(&self, row: &OverdueRow) -> i64 {
        row.bill.due_on.map_or(0, |due| (self.today - due).num_days())
    }

    /// What was done last, in words.
    fn last(&self, row: &OverdueRow) -> String {
        let last = self.reminders.get(&row.bill.id).and_then(|all| all.last());
        last.map_or_else(|| self.ui.t.dunning_never().to_owned(), |reminder| when(self.ui.t, reminder.days))
    }

    /// What comes next, in words.
    fn coming(&self, row: &OverdueRow) -> String {
        let t = self.ui.t;
        if let Some(hindrance) = rules::hindrance(&row.bill, self.today) {
            return hindrance.text(t);
        }
        let next = rules::next(&self.steps, &row.bill, self.today);
        next.map_or_else(
            || t.dunning_no_more().to_owned(),
            |(step, day)| t.dunning_next_on(day, step.when(t)),
        )
    }
}

/// The bills that are overdue.
pub async fn index(ctx: Ctx, query: Query<OverdueQuery>) -> Result<Response> {
    let (ui, page) = (ctx.ui(), PageRequest::parse(&query.page));
    let view = ctx.read(move |db| load(db, ui, page)).await?;
    Ok(Page::new(&ctx, ctx.t.dunning_title(), &view).listing().respond())
}

fn load(db: &mut Db, ui: Ui, page: PageRequest) -> Result<IndexView> {
    let today = business_day(db.now());
    let listing = queries::overdue(db, today, page)?;
    let ids: Vec<BillId> = listing.rows.iter().map(|row| row.bill.id).collect();
    Ok(IndexView {
        tabs: tabs(&ui, urls::INDEX),
        sums: queries::overdue_sums(db, today)?,
        reminders: queries::reminders(db, &ids)?,
        steps: queries::steps(db)?,
        pager: Pager::new(&ui, &listing),
        today,
        listing,
        ui,
    })
}

/// How many of those who will be reminded next are shown.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "billing/dunning/next.html")]
struct NextView {
    ui: Ui,
    tabs: TabBar,
    day: NaiveDate,
    candidates: Vec<Candidate>,
    names: BTreeMap<CustomerId, (String, String)>,
    has_more: bool,
}

impl NextView {
    fn code(&self, candidate: &Candidate) -> &str {
        self.names.get(&candidate.bill.customer_id).map_or("", |(code, _)| code)
    }

    fn name(&self, candidate: &Candidate) -> &str {
        self.names.get(&candidate.bill.customer_id).map_or("", |(_, name)| name)
    }

    /// Why, in words: the step that was reached, or what keeps it back.
    fn why(&self, candidate: &Candidate) -> String {
        let t = self.ui.t;
        match candidate.hindrance {
            Some(hindrance) => hindrance.text(t),
            None => t.dunning_reached(candidate.step.when(t)),
        }
    }
}

/// Who will be reminded next, and why.
pub async fn next(ctx: Ctx) -> Result<Response> {
    let ui = ctx.ui();
    let view = ctx
        .read(move |db| {
            let day = next_day(db);
            let mut walk = Walk::begin(db, Permission::BillView, day)?;
            let mut candidates = Vec::new();
            while let Some(some) = walk.next(db)? {
                candidates.extend(some);
                if candidates.len() > SHOWN {
                    break;
                }
            }
            let has_more = candidates.len() > SHOWN;
            candidates.truncate(SHOWN);
            let ids: Vec<CustomerId> = candidates.iter().map(|one| one.bill.customer_id).collect();
            let names = queries::names(db, &ids)?;
            Ok(NextView { tabs: tabs(&ui, urls::NEXT), day, names, candidates, has_more, ui })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.dunning_next(), &view).crumb(ctx.t.dunning_title(), urls::INDEX).respond())
}

/// The day on which the job runs next, by the schedule that it begins with.
fn next_day(db: &Db) -> NaiveDate {
    let expression = Expression::read(job::REMIND.cron).ok();
    let next = expression.and_then(|expression| expression.next_after(db.now()));
    business_day(next.unwrap_or_else(|| db.now()))
}

/// Reminds at once of all that a step is due for, as far as one reaches.
pub async fn remind(ctx: Ctx) -> Result<Response> {
    let outcome = remind_all(&ctx).await;
    let done = match &outcome {
        Ok(tally) => said(ctx.t, tally),
        Err(_) => String::new(),
    };
    ctx.outcome(outcome, urls::INDEX, done)
}

fn said(t: Tr, tally: &Tally) -> String {
    t.dunning_done(tally.without_address.len(), tally.disputed + tally.promised, tally.reminded)
}

/// Reminds of all bills that a step is due for today, within the reach of who asks, a piece in a transaction.
pub(super) async fn remind_all(ctx: &Ctx) -> Result<Tally> {
    let today = business_day(ctx.now());
    let mut walk = ctx.read(move |db| Walk::begin(db, Permission::BillSend, today)).await?;
    let mut total = Tally::default();
    loop {
        let (on, some) = ctx
            .read(move |db| {
                let some = walk.next(db)?;
                Ok((walk, some))
            })
            .await?;
        walk = on;
        let Some(some) = some else { return Ok(total) };
        for ids in job::pieces(&some) {
            total.add(ctx.write(move |tx| commands::remind(tx, today, &ids)).await?);
        }
    }
}
