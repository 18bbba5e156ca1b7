//! The page of a pair: both customers side by side, what would become of them, and what was decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::customers::dictionaries;
use crate::customers::dictionaries::model::Dictionaries;
use crate::customers::directory;
use crate::customers::directory::fields::{Field, FieldChange, FieldType};
use crate::customers::directory::model::{Customer, EntityType, KIND};
use crate::customers::directory::reach::Reach;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, DuplicatePairId, UserId};
use crate::types::{FieldErrors, Permission, Result};
use crate::web::ui::{Badge, Fields, Ui, filters};
use crate::web::{Ctx, Page, Response};

use super::forms::{MAX_REASON, MergeForm};
use super::merges::Mergeable;
use super::model::{Merge, PairState};
use super::pages::{evidence_badges, score_badge};
use super::queries::{ContactLine, PairRow};
use super::{commands, queries, rules, urls};

/// A field of both customers.
struct Line {
    field: Field,
    label: String,
    lower: String,
    higher: String,
    differs: bool,
    takes_lower: bool,
}

/// How many of a kind both have, and what they are where whoever looks may know.
struct PartLine {
    label: String,
    counts: [i64; 2],
}

/// A field that a merge changed, or something that went along.
struct ChangeLine {
    label: String,
    was: String,
    becomes: String,
}

#[derive(Template)]
#[template(path = "customers/duplicates/show.html")]
struct ShowView {
    ui: Ui,
    fields: Fields,
    row: PairRow,
    badge: Badge,
    evidence: Vec<Badge>,
    survivor: CustomerId,
    seen: String,
    lines: Vec<Line>,
    parts: Vec<PartLine>,
    contacts: Option<[Vec<ContactLine>; 2]>,
    merge: Option<(Merge, Vec<ChangeLine>)>,
    decided_by: String,
    reason: String,
    apart_reason: String,
    previous: Option<DuplicatePairId>,
    next: Option<DuplicatePairId>,
    may_merge: bool,
    has_page: bool,
}

impl ShowView {
    fn both(&self) -> [&Customer; 2] {
        [&self.row.lower, &self.row.higher]
    }

    fn is_open(&self) -> bool {
        self.row.pair.state == PairState::Open
    }

    fn is_merged(&self) -> bool {
        self.row.pair.state == PairState::Merged
    }

    /// Whether there is something to decide.
    fn may_decide(&self) -> bool {
        self.may_merge && self.is_open() && self.both().iter().all(|customer| customer.is_live())
    }

    /// Which of the two a customer is.
    fn side(&self, customer: &Customer) -> &'static str {
        if customer.id == self.row.lower.id { "lower" } else { "higher" }
    }

    fn survives(&self, customer: &Customer) -> bool {
        customer.id == self.survivor
    }
}

/// The page of a pair, with a form that comes back where one was sent.
pub(super) async fn pair_page(
    ctx: &Ctx,
    id: DuplicatePairId,
    form: Option<MergeForm>,
    apart_reason: String,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let (parts, has_page) = (ctx.state.part::<Mergeable>()?, ctx.page_of(KIND, 0).is_some());
    let view = ctx
        .read(move |db| {
            let row = queries::find(db, Permission::QualityView, id)?;
            // What whoever looks may not see at all is no pair to them.
            queries::find(db, Permission::CustomerView, id)?;
            let shown = Shown::load(db, ui.t, &row)?;
            let view = show_view(db, ui, row, &parts, &shown, form)?;
            let fields = Fields::with(view.ui.t, errors);
            Ok(ShowView { fields, apart_reason, has_page, ..view })
        })
        .await?;
    let mut page =
        Page::new(ctx, ctx.t.duplicates_pair(), &view).crumb(ctx.t.duplicates_title(), urls::INDEX);
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

fn show_view(
    db: &mut Db,
    ui: Ui,
    row: PairRow,
    parts: &Mergeable,
    shown: &Shown,
    form: Option<MergeForm>,
) -> Result<ShowView> {
    let t = ui.t;
    let form = form.unwrap_or_else(|| proposed(&row));
    let may_merge = ui.can(Permission::CustomerMerge)
        && queries::find(db, Permission::CustomerMerge, row.pair.id).is_ok();
    let (previous, next) = queries::neighbours(db, &row.pair)?;
    let merge = queries::merge_of(db, row.pair.id)?;
    let merge = merge.map(|merge| {
        let changes = change_lines(db, shown, &merge);
        (merge, changes)
    });
    let contacts = if shown.sees_contacts {
        Some([queries::contacts_of(db, row.lower.id)?, queries::contacts_of(db, row.higher.id)?])
    } else {
        None
    };
    Ok(ShowView {
        fields: Fields::new(t),
        badge: score_badge(t, row.pair.score),
        evidence: evidence_badges(t, &row.pair.evidence()),
        survivor: form.get("survivor").parse().unwrap_or(row.lower.id),
        seen: commands::fingerprint(db, parts, &row)?,
        lines: field_lines(db, shown, &row, &form),
        parts: part_lines(db, parts, &row, t)?,
        decided_by: row.pair.decided_by.map(|id| shown.person(id)).unwrap_or_default(),
        reason: form.get("reason").to_owned(),
        apart_reason: String::new(),
        has_page: false,
        contacts,
        merge,
        previous,
        next,
        may_merge,
        row,
        ui,
    })
}

fn proposed(row: &PairRow) -> MergeForm {
    let survivor = rules::proposed_survivor(&row.lower, &row.higher);
    let loser = if survivor.id == row.lower.id { &row.higher } else { &row.lower };
    let (own, other) = if survivor.id == row.lower.id { ("lower", "higher") } else { ("higher", "lower") };
    let taken = rules::proposed_from_loser(&survivor.fields, &loser.fields);
    let side = |field: &Field| (*field, if taken.contains(field) { other } else { own });
    MergeForm::proposed(survivor.id, Field::ALL.iter().map(side))
}

fn field_lines(db: &mut Db, shown: &Shown, row: &PairRow, form: &MergeForm) -> Vec<Line> {
    let mut lines = Vec::new();
    for field in Field::ALL {
        let (lower, higher) = (row.lower.fields.get(*field), row.higher.fields.get(*field));
        if lower.is_none() && higher.is_none() {
            continue;
        }
        let differs = lower != higher;
        lines.push(Line {
            field: *field,
            label: field.label(shown.t),
            lower: shown.text(db, *field, lower),
            higher: shown.text(db, *field, higher),
            takes_lower: form.get(field.as_str()) != "higher",
            differs,
        });
    }
    // What has to be decided stands first.
    lines.sort_by_key(|line| !line.differs);
    lines
}

fn part_lines(db: &mut Db, parts: &Mergeable, row: &PairRow, t: Tr) -> Result<Vec<PartLine>> {
    let (lower, higher) = (parts.counts(db, row.lower.id)?, parts.counts(db, row.higher.id)?);
    let counts = lower.into_iter().zip(higher);
    let line = |(part, (lower, higher)): (&super::merges::Part, (i64, i64))| PartLine {
        label: t.label("merge_part", part.code),
        counts: [lower, higher],
    };
    Ok(parts.parts().iter().zip(counts).map(line).collect())
}

fn change_lines(db: &mut Db, shown: &Shown, merge: &Merge) -> Vec<ChangeLine> {
    let line = |change: FieldChange| ChangeLine {
        label: change.field.label(shown.t),
        was: shown.text(db, change.field, change.was),
        becomes: shown.text(db, change.field, change.becomes),
    };
    merge.changes().into_iter().map(line).collect()
}

/// What it takes to say the values of fields in words.
struct Shown {
    t: Tr,
    dictionaries: Arc<Dictionaries>,
    people: BTreeMap<UserId, Person>,
    sees_contacts: bool,
}

impl Shown {
    fn load(db: &mut Db, t: Tr, row: &PairRow) -> Result<Shown> {
        let sight = Reach::held(db, Permission::ContactView)?;
        // What moves in a merge was of either: who may not see one of them sees neither.
        let both = [&row.lower.fields, &row.higher.fields];
        let sees_contacts = sight.is_some_and(|reach| both.iter().all(|fields| reach.covers(fields)));
        let people = users::queries::people(db)?;
        Ok(Shown {
            t,
            dictionaries: dictionaries::queries::shown(db)?,
            people: people.iter().map(|person| (person.id, person.clone())).collect(),
            sees_contacts,
        })
    }

    fn person(&self, id: UserId) -> String {
        self.people.get(&id).map(|person| person.name.clone()).unwrap_or_default()
    }

    /// A value in words; blank where there is none.
    fn text(&self, db: &mut Db, field: Field, text: Option<String>) -> String {
        let (t, Some(text)) = (self.t, text) else { return String::new() };
        match field.holds() {
            FieldType::Choice(dictionary) => self.dictionaries.label(dictionary, &text, t).to_owned(),
            FieldType::Owner => text.parse().map(|id| self.person(id)).unwrap_or_default(),
            FieldType::YesNo if text == "yes" => t.duplicates_yes().to_owned(),
            FieldType::YesNo => t.duplicates_no().to_owned(),
            FieldType::Status => text.parse::<Status>().map_or(text, |status| status.label(t)),
            FieldType::EntityType => text.parse::<EntityType>().map_or(text, |kind| kind.label(t)),
            FieldType::Emails if !self.sees_contacts => t.duplicates_masked_emails(text.split("; ").count()),
            FieldType::Customer => {
                let id: CustomerId = text.parse().unwrap_or(CustomerId(0));
                let parent = directory::queries::find(db, Permission::CustomerView, id);
                parent.map_or_else(|_| t.duplicates_out_of_reach().to_owned(), |parent| parent.label())
            }
            _ => text,
        }
    }
}
