//! The list as a file: for people as it stands on the page, for machines by the names of fields. Read in pieces, so that
//! a large list costs no memory.

use serde::{Deserialize, Serialize};

use crate::customers::dictionaries::model::Dictionary;
use crate::customers::directory;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::{Customer, KIND};
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::sheets::write::{Cell, Finished, Format, Table};
use crate::tasks::body::{Run, TaskKind};
use crate::tasks::model::Done;
use crate::types::ids::CustomerId;
use crate::types::time::business_day;
use crate::types::{Action, Entry, Error, ExportRecord, NewTask, Permission, Result};

use super::cells::Names;
use super::forms::GridQuery;
use super::model::Column;
use super::queries;

/// Exports in the background, among the kinds of work.
pub const TASK: TaskKind = TaskKind { code: "customers.export", run };

/// What an export takes.
pub const PERMISSIONS: [Permission; 2] = [Permission::CustomerView, Permission::CustomerExport];

/// So many rows leave at once; more are made in the background.
pub const AT_ONCE: usize = 5_000;

/// How many rows are read at a time.
const CHUNK: usize = 1_000;

/// How values are written.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// In words, under the headings of the page.
    Words(Tr),
    /// As programs read them, under the names of fields: codes, `true` and `false`, days; the values of dictionaries
    /// that people keep themselves by their Chinese label, owners by name.
    Plain,
}

/// What a task is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportInput {
    query: String,
    columns: Vec<String>,
    format: Format,
    language: String,
}

/// A list on its way into a file.
#[derive(Debug, Clone)]
pub struct Export {
    /// Which customers, in which order.
    pub query: GridQuery,
    /// Their columns.
    pub columns: Vec<Column>,
    /// The kind of file.
    pub format: Format,
    /// How values are written.
    pub manner: Manner,
}

impl Export {
    /// The customers that leave, as far as seeing and exporting both reach.
    ///
    /// # Errors
    /// When a parameter cannot be read: nobody can look at what they got.
    pub fn ids(&self, db: &mut Db) -> Result<Vec<CustomerId>> {
        let filter = self.query.check(db.actor())?;
        queries::ids(db, &PERMISSIONS, &filter, self.query.sort())
    }

    /// Writes the file, reading through `read` and telling `told` how many rows are done.
    pub fn write(
        &self,
        ids: &[CustomerId],
        mut read: impl FnMut(&[CustomerId]) -> Result<(Names, Vec<Customer>)>,
        mut told: impl FnMut(usize) -> Result<()>,
    ) -> Result<Finished> {
        let heading: Vec<String> = self.columns.iter().map(|column| self.heading(*column)).collect();
        let sheet = match self.manner {
            Manner::Words(t) => t.customer_list_title(),
            Manner::Plain => "customers",
        };
        let mut table = Table::begin(self.format, sheet, &heading)?;
        let mut done = 0;
        for some in ids.chunks(CHUNK) {
            let (names, rows) = read(some)?;
            for row in &rows {
                let cells: Vec<Cell> =
                    self.columns.iter().map(|column| self.cell(&names, *column, row)).collect();
                table.row(&cells)?;
            }
            done += some.len();
            told(done)?;
        }
        table.finish()
    }

    fn heading(&self, column: Column) -> String {
        match self.manner {
            Manner::Words(t) => column.label(t),
            Manner::Plain => column.code().to_owned(),
        }
    }

    fn cell(&self, names: &Names, column: Column, row: &Customer) -> Cell {
        let fields = &row.fields;
        let field = match column {
            Column::CreatedAt => return row.created_at.into(),
            Column::UpdatedAt => return row.updated_at.into(),
            Column::Of(field) => field,
        };
        match (field, self.manner) {
            (Field::OnboardedOn, Manner::Words(_)) if fields.onboarded_on.is_none() => {
                fields.onboarded_text.clone().into()
            }
            (Field::OnboardedOn, _) => fields.onboarded_on.into(),
            (Field::MonthlyAverageUsage, _) => fields.monthly_average_usage.map_or(Cell::Blank, Cell::Number),
            (Field::PaymentTermDays, _) => Cell::Number(i64::from(fields.payment_term_days)),
            (Field::Billable, _) => self.yes_no(fields.billable),
            (Field::Disabled, _) => self.yes_no(fields.disabled),
            (_, Manner::Words(t)) => names.text(t, column, row).into(),
            (_, Manner::Plain) => plain(names, field, row).into(),
        }
    }

    fn yes_no(&self, yes: bool) -> Cell {
        match self.manner {
            Manner::Words(t) => Cell::yes_no(yes, t),
            Manner::Plain => Cell::YesNo(yes, if yes { "true" } else { "false" }),
        }
    }

    /// The file's name without its ending.
    pub fn name(&self, db: &Db) -> String {
        format!("customers-{}", business_day(db.now()))
    }

    /// Notes who took what along.
    pub fn note(&self, tx: &mut Tx, rows: usize) {
        let file = format!("{}.{}", self.name(tx), self.format);
        let record = ExportRecord::new(KIND, file, rows, &self.query.filters());
        tx.audit(Entry::created(Action::CustomerExported, &record));
    }

    /// The task that makes the file in the background.
    pub fn task(&self, t: Tr, db: &Db) -> NewTask {
        let input = ExportInput {
            query: self.query.to_text(),
            columns: self.columns.iter().map(|column| column.code().to_owned()).collect(),
            format: self.format,
            language: t.tag().to_owned(),
        };
        NewTask::new(TASK.code, format!("{}.{}", self.name(db), self.format), &input)
    }
}

/// A value for programs.
fn plain(names: &Names, field: Field, row: &Customer) -> Option<String> {
    let is_code = match field.holds() {
        FieldType::Choice(dictionary) => dictionary.is_fixed() || dictionary == Dictionary::Level,
        FieldType::Status | FieldType::EntityType => true,
        _ => false,
    };
    if is_code { row.fields.get(field) } else { names.text(Tr::ZhCn, Column::Of(field), row) }
}

/// Some rows with what they name, in the order of the ids.
pub fn rows(db: &mut Db, ids: &[CustomerId]) -> Result<(Names, Vec<Customer>)> {
    let mut found = directory::queries::by_ids(db, ids)?;
    let rows: Vec<Customer> = ids.iter().filter_map(|id| found.remove(id)).collect();
    Ok((Names::load(db, &rows)?, rows))
}

fn run(run: &mut Run) -> Result<Done> {
    let input: ExportInput = run.input()?;
    let t = Tr::from_tag(&input.language).unwrap_or_default();
    let export = Export {
        query: GridQuery::parse(&input.query),
        columns: input.columns.iter().filter_map(|code| code.parse().ok()).collect(),
        format: input.format,
        manner: Manner::Words(t),
    };
    let ids = run.read(|db| export.ids(db))?;
    let total = u64::try_from(ids.len()).unwrap_or_default();
    let cell = std::cell::RefCell::new(run);
    let finished = export.write(
        &ids,
        |some| cell.borrow().read(|db| rows(db, some)),
        |done| {
            let done = u64::try_from(done).unwrap_or_default();
            cell.borrow_mut().progress(done, Some(total), |t| t.customer_list_export_progress())
        },
    )?;
    let run = cell.into_inner();
    let name = run.read(|db| Ok(format!("{}.{}", export.name(db), export.format)))?;
    let file = run.put_file(&name, finished.into_file())?;
    run.write(|tx| {
        export.note(tx, ids.len());
        Ok(())
    })?;
    Ok(Done::new(|t| t.customer_list_export_done(total)).file(file))
}

/// The columns of an export: those that are shown behind code and name, or all.
pub fn columns(shown: Vec<Column>, all: bool) -> Vec<Column> {
    if all {
        return Column::all().collect();
    }
    [Column::Of(Field::CompanyCode), Column::Of(Field::CompanyName)].into_iter().chain(shown).collect()
}

/// Makes the whole file at once, within one unit of work.
pub fn at_once(tx: &mut Tx, export: &Export, ids: &[CustomerId]) -> Result<Finished> {
    let finished = export.write(ids, |some| rows(tx, some), |_| Ok(()))?;
    export.note(tx, ids.len());
    Ok(finished)
}

/// The kind of file that a form names.
pub fn format_of(text: &str) -> Result<Format> {
    text.parse().map_err(|_| Error::bad_request(Tr::field_unknown_choice))
}
