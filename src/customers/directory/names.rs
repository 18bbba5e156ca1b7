//! What codes and ids are called in history.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::customers::dictionaries;
use crate::customers::dictionaries::model::Dictionaries;
use crate::db::Db;
use crate::i18n::{Said, Tr};
use crate::types::Result;
use crate::types::ids::{CustomerId, UserId};

use super::fields::{Field, FieldType};
use super::model::{Customer, CustomerRecord, Fields};
use super::queries;

/// What codes and ids are called, read once for however many customers.
pub struct Names {
    dictionaries: Dictionaries,
    people: BTreeMap<UserId, Person>,
    parents: BTreeMap<CustomerId, Customer>,
}

impl Names {
    /// Reads them for these customers.
    pub fn load<'a>(db: &mut Db, all: impl IntoIterator<Item = &'a Fields>) -> Result<Names> {
        let (mut owners, mut parents) = (BTreeSet::new(), BTreeSet::new());
        for fields in all {
            owners.extend([fields.sales_owner, fields.ops_owner].into_iter().flatten());
            parents.extend(fields.parent);
        }
        let owners: Vec<UserId> = owners.into_iter().collect();
        let parents: Vec<CustomerId> = parents.into_iter().collect();
        Ok(Names {
            parents: queries::by_ids(db, &parents)?,
            dictionaries: dictionaries::queries::all(db)?,
            people: users::queries::people_of(db, &owners)?,
        })
    }

    /// A customer as the audit log shows it.
    pub fn record(&self, id: CustomerId, fields: &Fields) -> CustomerRecord {
        let owner = fields.sales_owner.or(fields.ops_owner).and_then(|id| self.people.get(&id));
        let shown = Field::ALL
            .iter()
            .filter_map(|field| Some((field.as_str(), self.shown(*field, fields.get(*field)?))));
        CustomerRecord {
            id,
            label: format!("{} {}", fields.company_code, fields.company_name),
            department_path: owner.and_then(|person| person.department_path.clone()),
            fields: shown.collect(),
        }
    }

    /// A value in words that stay readable when dictionaries and users have changed.
    fn shown(&self, field: Field, text: String) -> Value {
        match field.holds() {
            // In each language, as both stand today: history is read in either, when the value is long gone, too.
            FieldType::Choice(dictionary) => said(|t| self.dictionaries.label(dictionary, &text, t)),
            FieldType::Owner => {
                let person = text.parse().ok().and_then(|id: UserId| self.people.get(&id));
                person.map_or(text, |person| person.name.clone()).into()
            }
            FieldType::Customer => {
                let parent = text.parse().ok().and_then(|id: CustomerId| self.parents.get(&id));
                parent.map_or(text, Customer::label).into()
            }
            FieldType::YesNo => (text == "yes").into(),
            FieldType::Number => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        }
    }
}

/// What is called otherwise in each language; one text where it is not.
fn said<'a>(label: impl Fn(Tr) -> &'a str) -> Value {
    let said = Said::new(&label);
    if said.text(Tr::ZhCn) == said.text(Tr::En) {
        return label(Tr::ZhCn).into();
    }
    serde_json::to_value(&said).unwrap_or_else(|_| label(Tr::ZhCn).into())
}
