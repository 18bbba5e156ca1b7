//! What stands in the cells of the list: on screen, and in the files that leave it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::batches::model::Change;
use crate::customers::dictionaries;
use crate::customers::dictionaries::model::Dictionaries;
use crate::customers::directory;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, UserId};
use crate::types::money::grouped;
use crate::types::{Permission, Result};
use crate::web::ui::{Badge, Tone};

use super::model::Column;

/// What is shown of a person to those who may not see people at customers.
pub const MASK: &str = "•••";

/// A value as the list shows it.
#[derive(Debug, Clone)]
pub enum Shown {
    /// Nothing.
    Blank,
    /// A text.
    Text(String),
    /// A number.
    Number(String),
    /// A day.
    Day(NaiveDate),
    /// A moment.
    Moment(NaiveDateTime),
    /// A state with its colour.
    Badge(Badge),
}

/// What codes and ids are called, read once for however many rows.
pub struct Names {
    dictionaries: Arc<Dictionaries>,
    people: BTreeMap<UserId, Person>,
    parents: BTreeMap<CustomerId, Customer>,
    /// Whose personal data whoever looks may see.
    contacts: Option<Reach>,
}

impl Names {
    /// What these rows name.
    pub fn load<'a>(db: &mut Db, rows: impl IntoIterator<Item = &'a Customer>) -> Result<Names> {
        let (mut owners, mut parents) = (BTreeSet::new(), BTreeSet::new());
        for row in rows {
            owners.extend([row.fields.sales_owner, row.fields.ops_owner].into_iter().flatten());
            parents.extend(row.fields.parent);
        }
        Names::new(db, &owners, &parents)
    }

    fn new(db: &mut Db, owners: &BTreeSet<UserId>, parents: &BTreeSet<CustomerId>) -> Result<Names> {
        let mut parents = directory::queries::by_ids(db, &parents.iter().copied().collect::<Vec<_>>())?;
        let reach = Reach::of(db, Permission::CustomerView)?;
        parents.retain(|_, parent| reach.covers(&parent.fields));
        let people = users::queries::people(db)?;
        let people = people.iter().filter(|person| owners.contains(&person.id));
        Ok(Names {
            dictionaries: dictionaries::queries::shown(db)?,
            people: people.map(|person| (person.id, person.clone())).collect(),
            parents,
            contacts: Reach::held(db, Permission::ContactView)?,
        })
    }

    /// What these changes name.
    pub fn of_changes(db: &mut Db, changes: &[Change]) -> Result<Names> {
        let owner = |change: &Change| matches!(change.field.as_str(), "sales_owner" | "ops_owner");
        let texts = changes.iter().filter(|change| owner(change));
        let texts = texts.flat_map(|change| [&change.was, &change.becomes]).flatten();
        let owners: BTreeSet<UserId> = texts.filter_map(|text| text.parse().ok()).collect();
        Names::new(db, &owners, &BTreeSet::new())
    }

    /// The value of a column in words; `None` where it is empty.
    pub fn text(&self, t: Tr, column: Column, customer: &Customer) -> Option<String> {
        let Column::Of(field) = column else {
            let at = if column == Column::CreatedAt { customer.created_at } else { customer.updated_at };
            return Some(crate::types::time::show(at));
        };
        let text = customer.fields.get(field)?;
        let seen = || self.contacts.as_ref().is_some_and(|reach| reach.covers(&customer.fields));
        if column.is_personal() && !seen() {
            return Some(MASK.to_owned());
        }
        match field {
            Field::Parent => customer.fields.parent.and_then(|id| self.parents.get(&id)).map(Customer::label),
            _ => Some(self.words(t, field, text)),
        }
    }

    /// The canonical text of a field in words.
    pub fn words(&self, t: Tr, field: Field, text: String) -> String {
        match field.holds() {
            FieldType::Choice(dictionary) => self.dictionaries.label(dictionary, &text, t).to_owned(),
            FieldType::Owner => {
                let person = text.parse().ok().and_then(|id: UserId| self.people.get(&id));
                person.map_or(text, |person| person.name.clone())
            }
            FieldType::YesNo => yes_no(t, text == "yes").to_owned(),
            FieldType::Status => text.parse::<Status>().map_or(text, |status| status.label(t)),
            FieldType::EntityType => t.label("entity_type", &text),
            _ => text,
        }
    }

    /// The value of a column as the list shows it.
    pub fn shown(&self, t: Tr, column: Column, customer: &Customer) -> Shown {
        let fields = &customer.fields;
        match column {
            Column::CreatedAt => return Shown::Moment(customer.created_at),
            Column::UpdatedAt => return Shown::Moment(customer.updated_at),
            Column::Of(Field::OnboardedOn) => {
                let text = || fields.onboarded_text.clone().map_or(Shown::Blank, Shown::Text);
                return fields.onboarded_on.map_or_else(text, Shown::Day);
            }
            Column::Of(Field::Status) => {
                return Shown::Badge(Badge::new(tone(fields.status), fields.status.label(t)));
            }
            Column::Of(_) => {}
        }
        let Some(text) = self.text(t, column, customer) else { return Shown::Blank };
        match column {
            Column::Of(Field::Level | Field::SpendLevel) => Shown::Badge(Badge::new(Tone::Plain, text)),
            Column::Of(Field::Disabled) if fields.disabled => Shown::Badge(Badge::new(Tone::Off, text)),
            Column::Of(field) if field.holds() == FieldType::Number => Shown::Number(grouped(&text)),
            _ => Shown::Text(text),
        }
    }
}

/// Yes or no in words.
pub fn yes_no(t: Tr, yes: bool) -> &'static str {
    if yes { t.sheets_yes() } else { t.sheets_no() }
}

/// The colour of a status. It is always named, too.
pub fn tone(status: Status) -> Tone {
    match status {
        Status::Active => Tone::Ok,
        Status::Trial | Status::Onboarding | Status::Dormant | Status::Unconfirmed => Tone::Warn,
        Status::Suspended => Tone::Bad,
        Status::Lead => Tone::Plain,
        Status::Terminated | Status::Archived => Tone::Off,
    }
}
