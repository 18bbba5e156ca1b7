//! What would become of each row of a file of prices.

use std::collections::{BTreeMap, BTreeSet};

use crate::batches::model::{Body, Change, NewRow, RowOutcome};
use crate::catalog::meters;
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::imports::{Check, Ground, ImportKind, Source};
use crate::periods;
use crate::periods::queries::ClosedMonths;
use crate::pricing::models::Model;
use crate::pricing::openings::model::{IMPORT, Opening};
use crate::pricing::openings::present::Present;
use crate::pricing::openings::rules;
use crate::pricing::price_plans::draft::VersionDraft;
use crate::pricing::price_plans::model::PlanVersion;
use crate::sheets::clean;
use crate::types::ids::CustomerId;
use crate::types::{Permission, Result};
use crate::web::ui::Choice;

use super::cells::{Line, Readers, cell};
use super::columns::{self, COLUMNS, COMPANY_CODE, METER, MODEL};
use super::groups::{self, Group, Made};
use super::urls;

/// Prices, among the kinds of imports. The rows of a version may stand anywhere in the file, so that all rows are worked
/// out at once.
pub const KIND: ImportKind = ImportKind {
    code: IMPORT,
    home: urls::NEW,
    template: urls::TEMPLATE,
    columns: COLUMNS,
    check: |ground| Box::new(PriceCheck { ground }),
    choices,
    at_a_time: usize::MAX,
    day: None,
};

/// What a text of a column can be said to mean.
fn choices(db: &mut Db, t: Tr, column: &str) -> Result<Vec<Choice>> {
    Ok(match column {
        MODEL => Model::ALL.iter().map(|model| Choice::new(model, columns::model(t, *model))).collect(),
        METER => {
            let meters = meters::queries::all(db)?;
            meters.in_use().map(|meter| Choice::new(&meter.code, meter.label(t))).collect()
        }
        _ => Vec::new(),
    })
}

struct PriceCheck {
    ground: Ground,
}

impl Check for PriceCheck {
    fn rows(&mut self, db: &mut Db, rows: &[Source]) -> Result<Vec<NewRow>> {
        let customers = customers_of(db, rows)?;
        let meters = meters::queries::all(db)?;
        let readers = Readers { ground: &self.ground, meters: &meters, customers: &customers };
        let mut lines: Vec<Line> = rows.iter().map(|row| Line::read(row, &readers)).collect();
        let by_id: BTreeMap<CustomerId, Customer> =
            customers.values().map(|customer| (customer.id, customer.clone())).collect();
        let known = Known {
            present: Present::load(db, by_id)?,
            closed: periods::queries::closed(db)?,
            alone: groups::alone(&lines),
        };
        let mut plans: Vec<Plan> = Vec::with_capacity(lines.len());
        plans.resize_with(lines.len(), Plan::default);
        for group in groups::groups(&lines) {
            if let Some(made) = groups::make(&mut lines, rows, &group, &self.ground.file) {
                decide(&mut lines, &mut plans, rows, &group, &made, &known)?;
            }
            groups::spread(&mut lines, rows, &group);
        }
        Ok(lines.into_iter().zip(plans).map(|(line, plan)| plan.finish(line)).collect())
    }
}

/// The customers whose codes stand in the file, as far as whoever asks reaches them.
fn customers_of(db: &mut Db, rows: &[Source]) -> Result<BTreeMap<String, Customer>> {
    let codes: Vec<String> =
        rows.iter().filter_map(|row| clean::code(cell(row, COMPANY_CODE)).value).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    let mut found = directory::queries::by_codes(db, &codes)?;
    let reach = Reach::of(db, Permission::PriceImport)?;
    found.retain(|_, customer| reach.covers(&customer.fields));
    Ok(found)
}

/// What would become of a row.
#[derive(Default)]
struct Plan {
    known: Option<u64>,
    changes: Vec<Change>,
    extra: serde_json::Value,
}

/// What the file is held against.
struct Known {
    present: Present,
    closed: ClosedMonths,
    alone: BTreeSet<CustomerId>,
}

impl Known {
    /// The version that makes one of the file superfluous. Of a customer for whom the file has several it is only one of
    /// the same day: another one of the file may begin in between.
    fn version(&self, made: &Made) -> Option<&PlanVersion> {
        let customer = made.customer.id;
        if self.alone.contains(&customer) {
            self.present.known(customer, &made.draft, made.has_own_reason)
        } else {
            self.present.same(customer, &made.draft, made.has_own_reason)
        }
    }
}

/// Decides what becomes of the rows of a version that makes sense: it is there already, it cannot come into force, or it
/// is opened. Each row shows its own charge; the first shows what they have in common.
fn decide(
    lines: &mut [Line],
    plans: &mut [Plan],
    rows: &[Source],
    group: &Group,
    made: &Made,
    known: &Known,
) -> Result<()> {
    let (customer, draft, present) = (made.customer.id, &made.draft, &known.present);
    let day = draft.valid_from;
    if let Some(version) = known.version(made) {
        let known = Some(version.version.id.0);
        for place in group {
            if let Some(plan) = plans.get_mut(*place) {
                plan.known = known;
            }
        }
        return Ok(());
    }
    if let Some(month) = known.closed.first_within(day, present.next_after(customer, day)) {
        let said = Said::new(|t: Tr| t.price_plan_refused_closed_month(month));
        groups::refuse(lines, rows, group, "closed_month", &said);
        return Ok(());
    }
    let base = present.on(customer, day);
    let before = base.map(|base| base.draft());
    let opening = Opening {
        customer,
        draft: draft.clone(),
        base: base.map(|base| base.version.id),
        has_own_reason: made.has_own_reason,
    };
    let extra = opening.carried()?;
    for (nth, place) in group.iter().enumerate() {
        let (Some(plan), Some(charge)) = (plans.get_mut(*place), draft.charges.get(nth)) else { continue };
        plan.extra = extra.clone();
        plan.changes = changes(nth == 0, before.as_ref(), draft);
        plan.changes.extend(rules::change_of_charge(before.as_ref(), charge));
    }
    Ok(())
}

fn changes(is_first: bool, before: Option<&VersionDraft>, after: &VersionDraft) -> Vec<Change> {
    if is_first { rules::changes_of_terms(before, after) } else { Vec::new() }
}

impl Plan {
    fn finish(self, mut line: Line) -> NewRow {
        let place = |fault: &crate::batches::model::Fault| {
            COLUMNS.iter().position(|column| column.code == fault.column)
        };
        line.faults.sort_by_key(place);
        let outcome = match (line.is_blank, line.faults.is_empty(), self.known) {
            (true, ..) => RowOutcome::Skipped,
            (_, false, _) => RowOutcome::Failed,
            (_, _, Some(_)) => RowOutcome::Unchanged,
            _ => RowOutcome::Create,
        };
        NewRow {
            number: Some(line.number),
            outcome,
            label: line.label,
            subject_id: self.known,
            subject_version: None,
            body: Body {
                corrections: line.corrections,
                changes: self.changes,
                faults: line.faults,
                extra: self.extra,
                ..Body::default()
            },
        }
    }
}
