//! Deciding about many records at once: which, what about them, what would come of it, and then that.

use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;

use crate::customers::directory;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::types::ids::QuarantinedRecordId;
use crate::types::money::grouped;
use crate::types::{Error, FieldErrors, Refusal, Result};
use crate::usage::records::model::{RawRecord, Rule};
use crate::web::reason::MAX_REASON;
use crate::web::ui::fields::Field as Control;
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Query, Response};

use super::commands::{self, MOST, Tally};
use super::forms::{BulkForm, MAX_TEXT, Order};
use super::model::{Decision, MendedField, QuarantineFilter};
use super::show_pages::meant;
use super::{queries, rules, urls};

#[derive(Template)]
#[template(path = "usage/quarantine/bulk.html")]
struct BulkView {
    ui: Ui,
    fields: Fields,
    form: BulkForm,
    ids: Vec<QuarantinedRecordId>,
    by_rule: Vec<(Rule, usize)>,
    tally: Option<Tally>,
}

impl BulkView {
    fn count(&self) -> String {
        grouped(&self.ids.len().to_string())
    }

    #[expect(clippy::unused_self, reason = "templates call it on the view")]
    fn most(&self) -> String {
        grouped(&MOST.to_string())
    }

    fn is_cut(&self) -> bool {
        usize::try_from(MOST).is_ok_and(|most| self.ids.len() >= most)
    }

    /// How many of them can count as they are.
    fn acceptable(&self) -> usize {
        self.by_rule.iter().filter(|(rule, _)| rules::can_be_wrong(*rule)).map(|(_, count)| count).sum()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
    fn label(&self, rule: &Rule) -> String {
        rule.label(self.ui.t)
    }

    /// What may be decided.
    fn action(&self) -> Control {
        let t = self.ui.t;
        let accept = Choice::new(Decision::Accept, t.quarantine_bulk_accept(self.acceptable()));
        let accept =
            if self.acceptable() == 0 { accept.locked(t.quarantine_refused_accept()) } else { accept };
        let choices = [
            Choice::new("", t.quarantine_bulk_choose()),
            Choice::new(Decision::Fix, t.quarantine_bulk_fix()),
            accept,
            Choice::new(Decision::Drop, t.quarantine_bulk_drop()),
        ];
        self.fields.select("action", t.quarantine_bulk_action(), &choices).value(&self.form.action).required()
    }

    /// The field that is put right.
    fn field(&self) -> Control {
        let t = self.ui.t;
        let mut choices = vec![Choice::new("", t.ui_none())];
        choices.extend(MendedField::ALL.iter().map(|field| Choice::new(field, field.label(t))));
        self.fields.select("field", t.quarantine_bulk_field(), &choices).value(&self.form.field)
    }

    fn back(&self) -> String {
        let kept = self.form.query().to_text();
        if kept.is_empty() { urls::INDEX.to_owned() } else { format!("{}?{kept}", urls::INDEX) }
    }
}

/// The form.
pub async fn new(ctx: Ctx, form: Query<BulkForm>) -> Result<Response> {
    let mut form = form.0;
    // A link that says which code is meant asks for the customer behind it.
    if form.action == Decision::Fix.as_str() && form.field.is_empty() {
        MendedField::CompanyCode.as_str().clone_into(&mut form.field);
    }
    form.filter = form.query().to_text();
    form_page(&ctx, form, FieldErrors::new(), None).await
}

/// Shows the form of those that were chosen, what would come of it, or does it.
pub async fn create(ctx: Ctx, form: Form<BulkForm>) -> Result<Response> {
    let form = form.0;
    if form.step == "choose" {
        return form_page(&ctx, form, FieldErrors::new(), None).await;
    }
    let order = match form.check() {
        Ok(order) => order,
        Err(errors) => return form_page(&ctx, form, errors, None).await,
    };
    if form.step != "commit" {
        let tally = rehearse(&ctx, form.clone(), order).await?;
        return form_page(&ctx, form, FieldErrors::new(), Some(tally)).await;
    }
    let asked = form.clone();
    let tally = ctx.write(move |tx| carry_out(tx, &asked, &order)).await?;
    let left: usize = tally.left.values().sum();
    let said = match left {
        0 => ctx.t.quarantine_bulk_done(tally.done),
        left => ctx.t.quarantine_bulk_done_but(tally.done, left),
    };
    let kept = form.query().to_text();
    Ok(ctx.done(format!("{}?{kept}", urls::INDEX).trim_end_matches('?'), said))
}

/// What would come of it: it is done, counted, and undone again.
async fn rehearse(ctx: &Ctx, form: BulkForm, order: Order) -> Result<Tally> {
    let found = Arc::new(Mutex::new(Tally::default()));
    let kept = Arc::clone(&found);
    let outcome: Result<()> = ctx
        .write(move |tx| {
            let tally = carry_out(tx, &form, &order)?;
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = tally;
            Err(Refusal::new(REHEARSED, Tr::quarantine_bulk_action).into())
        })
        .await;
    match outcome {
        Err(Error::Refused(refusal)) if refusal.code == REHEARSED => {
            Ok(found.lock().unwrap_or_else(PoisonError::into_inner).clone())
        }
        Err(fault) => Err(fault),
        Ok(()) => Ok(Tally::default()),
    }
}

/// How a rehearsal ends.
const REHEARSED: &str = "rehearsed";

fn carry_out(tx: &mut Tx, form: &BulkForm, order: &Order) -> Result<Tally> {
    let ids = chosen(tx, form)?;
    let mut order = order.clone();
    if let Some((MendedField::CompanyCode, value)) = &mut order.fix {
        *value = meant(tx, &RawRecord { company_code: value.clone(), ..RawRecord::default() })?;
    }
    commands::decide_all(tx, &ids, &order)
}

/// Those that are meant: the ones that were chosen, or all that wait and that the filter finds, the first of them.
fn chosen(db: &mut Db, form: &BulkForm) -> Result<Vec<QuarantinedRecordId>> {
    if form.all == "yes" {
        let waiting = QuarantineFilter::waiting().state;
        return queries::ids(db, &QuarantineFilter { state: waiting, ..form.query().filter() }, MOST);
    }
    let mut ids = form.id.clone();
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(ids)
}

async fn form_page(ctx: &Ctx, form: BulkForm, errors: FieldErrors, tally: Option<Tally>) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let view = ctx
        .read(move |db| {
            let ids = chosen(db, &form)?;
            let by_rule = queries::waiting_by_rule(db, &ids)?;
            Ok(BulkView { fields: Fields::with(ui.t, errors), form, ids, by_rule, tally, ui })
        })
        .await?;
    let page =
        Page::new(ctx, ctx.t.quarantine_bulk_title(), &view).crumb(ctx.t.quarantine_title(), urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}
