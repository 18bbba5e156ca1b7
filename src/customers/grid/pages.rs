//! The page of the list.

use askama::Template;

use crate::customers::dictionaries;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::views;
use crate::customers::views::menu::ViewMenu;
use crate::db::Db;
use crate::db::listing::Sort;
use crate::i18n::Tr;
use crate::types::money::grouped;
use crate::types::{Permission, Result};
use crate::web::reason::MAX_REASON;
use crate::web::routes::MenuGroup;
use crate::web::ui::{Columns, FilterBar, KeysetPager, SortHeading, Ui, filters};
use crate::web::{Ctx, Page, Query, Response, Routes};

use super::cells::{Names, Shown};
use super::choices;
use super::forms::{BLANK, GridQuery, ME, only_legal_forms};
use super::lines::{self, Line, Lines};
use super::model::{Column, GridPage, PER_PAGE, PICKED};
use super::queries::{self, Reading};
use super::urls;

/// The routes of the list.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::CustomerView, index).menu(
        MenuGroup::Customers,
        "building",
        Tr::customer_list_title,
    );
}

/// A filter that is set, and the list without it.
struct Chip {
    label: String,
    value: String,
    url: String,
}

/// The heading of a column.
struct Head {
    sort: Option<SortHeading>,
    label: String,
    class: &'static str,
}

impl Head {
    fn new(ui: &Ui, sort: Sort<Column>, column: Column) -> Head {
        let class = lines::class(column);
        let heading = || sorting(ui, sort, column, class);
        Head { sort: column.is_sortable().then(heading), label: column.label(ui.t), class }
    }
}

fn sorting(ui: &Ui, sort: Sort<Column>, column: Column, class: &'static str) -> SortHeading {
    SortHeading::new(ui, sort, column, &column.label(ui.t)).classed(class)
}

#[derive(Template)]
#[template(path = "customers/grid/index.html")]
struct IndexView {
    ui: Ui,
    filter: FilterBar,
    views: ViewMenu,
    columns: Columns,
    front: [SortHeading; 2],
    heads: Vec<Head>,
    sort: Sort<Column>,
    kept: GridQuery,
    chips: Vec<Chip>,
    lines: Vec<Line>,
    page: GridPage,
    pager: KeysetPager,
    is_filtered: bool,
    legal_form: Option<String>,
    new_url: Option<&'static str>,
    import_url: Option<&'static str>,
    can_change: bool,
}

impl IndexView {
    fn label_of_code(&self) -> String {
        Field::CompanyCode.label(self.ui.t)
    }

    fn total(&self) -> String {
        grouped(&self.page.totals.count.to_string())
    }

    fn usage(&self) -> String {
        grouped(&self.page.totals.usage.to_string())
    }
}

/// The list.
pub async fn index(ctx: Ctx, query: Query<GridQuery>) -> Result<Response> {
    let (mut ui, asked) = (ctx.ui(), query.0);
    let page_url = lines::page_of_customers(&ctx);
    let (new_url, import_url) = (ctx.may_open("/customers/new"), ctx.may_open("/customers/import"));
    let view = ctx
        .read(move |db| {
            let query = views::queries::with_default(db, asked)?;
            ui.url = address(&query);
            let columns = lines::columns(db, ui.t, &query)?;
            let (sort, shown) = (query.sort(), lines::shown(&columns));
            let filter = query.filter(db.actor());
            let page = queries::list(db, &filter, sort, query.seek(), Reading::default())?;
            let names = Names::load(db, &page.rows)?;
            let lines = Lines::new(&ui, &names, &shown, page_url.as_deref());
            Ok(IndexView {
                lines: page.rows.iter().map(|customer| lines.line(customer)).collect(),
                filter: filter_bar(db, &ui, &columns)?,
                views: ViewMenu::load(db, &ui, &query)?,
                chips: chips(db, &ui, &query)?,
                pager: pager(&ui, &page),
                is_filtered: filter != super::model::Filter::default(),
                legal_form: only_legal_forms(query.get("q")).map(str::to_owned),
                can_change: ui.can(Permission::CustomerEdit) && !filter.deleted,
                kept: query.kept(),
                new_url,
                import_url,
                front: [
                    sorting(&ui, sort, Column::Of(Field::CompanyCode), "pin pin-code"),
                    sorting(&ui, sort, Column::Of(Field::CompanyName), "pin pin-name"),
                ],
                heads: shown.iter().map(|column| Head::new(&ui, sort, *column)).collect(),
                columns,
                sort,
                page,
                ui,
            })
        })
        .await?;
    Ok(Page::new(&ctx, ctx.t.customer_list_title(), &view).listing().respond())
}

fn address(query: &GridQuery) -> String {
    if query.is_empty() { urls::INDEX.to_owned() } else { format!("{}?{}", urls::INDEX, query.to_text()) }
}

fn pager(ui: &Ui, page: &GridPage) -> KeysetPager {
    let ends = page.rows.first().zip(page.rows.last()).map(|(first, last)| (first.id.0, last.id.0));
    let first = if page.rows.is_empty() { 0 } else { page.before + 1 };
    let total = if page.has_more { page.totals.count } else { page.last() };
    KeysetPager::new(ui, (first, page.last(), total), ends, i64::try_from(PER_PAGE).unwrap_or(50))
}

/// The filters that stand in sight; all others are behind a button.
const IN_SIGHT: [Field; 2] = [Field::Status, Field::Level];

fn filter_bar(db: &mut Db, ui: &Ui, columns: &Columns) -> Result<FilterBar> {
    let t = ui.t;
    let placeholder = if ui.can(Permission::ContactView) {
        t.customer_list_search_contacts()
    } else {
        t.customer_list_search()
    };
    let mut bar = FilterBar::new(ui, t.customer_list_filter()).search(placeholder).clear_to(urls::EVERYBODY);
    for field in IN_SIGHT {
        let label = field.label(t);
        let all = t.customer_list_any(&label);
        bar = bar.select(field.as_str(), &label, &all, choices::to_filter(db, t, field)?);
    }
    let mut owners = choices::to_filter(db, t, Field::SalesOwner)?;
    owners.retain(|choice| choice.value != BLANK);
    bar = bar.select("owner", t.customer_list_owner(), &t.customer_list_any(t.customer_list_owner()), owners);
    for field in PICKED.into_iter().filter(|field| !IN_SIGHT.contains(field)) {
        let choices = choices::to_filter(db, t, field)?;
        bar = bar.more_select(field.as_str(), &field.label(t), t.customer_list_all(), choices);
    }
    bar = bar
        .more_days(&Field::OnboardedOn.label(t), "onboarded_from", "onboarded_to")
        .more_days(t.customer_list_created(), "created_from", "created_to")
        .more_numbers(&Field::MonthlyAverageUsage.label(t), "usage_from", "usage_to");
    if ui.can(Permission::CustomerDelete) {
        let deleted = vec![crate::web::ui::Choice::new("yes", t.customer_list_deleted())];
        bar = bar.more_select("deleted", t.customer_list_which(), t.customer_list_live(), deleted);
    }
    bar = bar.columns(columns);
    if ui.can(Permission::CustomerExport) {
        bar = bar.export(urls::EXPORT).export_all_columns();
    }
    Ok(bar)
}

/// The filters that are set, each with the list without it.
fn chips(db: &mut Db, ui: &Ui, query: &GridQuery) -> Result<Vec<Chip>> {
    let mut chips = Vec::new();
    for name in query.filters().names() {
        let value = query.get(name);
        let url = ui.page_url().without(&[name, "after", "before", "at", "page", "view"]).with("view", "all");
        let (label, value) = in_words(db, ui.t, name, value)?;
        chips.push(Chip { label, value, url: url.to_string() });
    }
    Ok(chips)
}

/// A parameter and its value in words.
fn in_words(db: &mut Db, t: Tr, name: &str, value: &str) -> Result<(String, String)> {
    let shown = value.to_owned();
    let usage = Field::MonthlyAverageUsage.label(t);
    let onboarded = Field::OnboardedOn.label(t);
    Ok(match name {
        "q" => (t.customer_list_word().to_owned(), shown),
        "owner" => (t.customer_list_owner().to_owned(), person(db, t, value)?),
        "deleted" => (t.customer_list_which().to_owned(), t.customer_list_deleted().to_owned()),
        "onboarded_from" => (onboarded, t.customer_list_at_least(&shown)),
        "onboarded_to" => (onboarded, t.customer_list_at_most(&shown)),
        "created_from" => (t.customer_list_created().to_owned(), t.customer_list_at_least(&shown)),
        "created_to" => (t.customer_list_created().to_owned(), t.customer_list_at_most(&shown)),
        "usage_from" => (usage, t.customer_list_at_least(&shown)),
        "usage_to" => (usage, t.customer_list_at_most(&shown)),
        other => match other.parse::<Field>() {
            Ok(field) => (field.label(t), value_of(db, t, field, value)?),
            Err(_) => (other.to_owned(), shown),
        },
    })
}

fn value_of(db: &mut Db, t: Tr, field: Field, value: &str) -> Result<String> {
    if value == BLANK {
        return Ok(t.customer_list_nothing().to_owned());
    }
    match field.holds() {
        FieldType::Choice(dictionary) => {
            Ok(dictionaries::queries::shown(db)?.label(dictionary, value, t).to_owned())
        }
        FieldType::Owner => person(db, t, value),
        _ => {
            let choices = choices::of_field(db, t, field, None)?;
            let known = choices.into_iter().find(|choice| choice.value == value);
            Ok(known.map_or_else(|| value.to_owned(), |choice| choice.label))
        }
    }
}

fn person(db: &mut Db, t: Tr, value: &str) -> Result<String> {
    if value == ME {
        return Ok(t.customer_list_me().to_owned());
    }
    let known = choices::reached_owners(db)?.into_iter().find(|choice| choice.value == value);
    Ok(known.map_or_else(|| value.to_owned(), |choice| choice.label))
}
