//! The fields of customers in words, as pages show them: codes by their labels, people and parents by their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::customers::dictionaries;
use crate::customers::dictionaries::model::Dictionaries;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, UserId};
use crate::types::money::grouped;
use crate::types::personal::masked_email;
use crate::types::{Permission, Result};

use super::fields::{Field, FieldType};
use super::model::{Customer, Fields};
use super::queries;
use super::reach::Reach;

/// What it takes to say fields in words.
pub struct Words {
    people: Arc<Vec<Person>>,
    dictionaries: Arc<Dictionaries>,
    parents: BTreeMap<CustomerId, Option<String>>,
    sight: Option<Reach>,
}

impl Words {
    /// Reads what it takes for these customers. A parent out of reach has no name here.
    pub fn load<'a>(db: &mut Db, all: impl IntoIterator<Item = &'a Fields>) -> Result<Words> {
        let ids: Vec<CustomerId> = all.into_iter().filter_map(|fields| fields.parent).collect();
        let reach = Reach::held(db, Permission::CustomerView)?;
        let sight = Reach::held(db, Permission::ContactView)?;
        let seen = |fields: &Fields| reach.as_ref().is_some_and(|reach| reach.covers(fields));
        let parents = queries::by_ids(db, &ids)?;
        let name = |parent: Customer| (parent.id, seen(&parent.fields).then(|| parent.label()));
        Ok(Words {
            people: users::queries::people(db)?,
            dictionaries: dictionaries::queries::shown(db)?,
            parents: parents.into_values().map(name).collect(),
            sight,
        })
    }

    /// The dictionaries.
    pub fn dictionaries(&self) -> &Dictionaries {
        &self.dictionaries
    }

    /// Everybody.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// A user by id.
    pub fn person(&self, id: UserId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    /// Whether whoever looks sees where the bills of this customer are mailed to.
    pub fn sees_mail(&self, fields: &Fields) -> bool {
        self.sight.as_ref().is_some_and(|reach| reach.covers(fields))
    }

    /// A field of a customer in words; `None` where it is empty.
    pub fn of(&self, t: Tr, fields: &Fields, field: Field) -> Option<String> {
        let text = fields.get(field)?;
        if field == Field::BillingEmails && !self.sees_mail(fields) {
            let masked: Vec<String> = fields.billing_emails.iter().map(|email| masked_email(email)).collect();
            return Some(masked.join("; "));
        }
        Some(self.say(t, field, &text))
    }

    /// The canonical text of a field in words.
    pub fn say(&self, t: Tr, field: Field, text: &str) -> String {
        match field.holds() {
            FieldType::Choice(dictionary) => self.dictionaries.label(dictionary, text, t).to_owned(),
            FieldType::Owner => {
                let person = text.parse().ok().and_then(|id| self.person(id));
                person.map_or_else(|| text.to_owned(), |person| self.name(t, person))
            }
            FieldType::YesNo if text == "yes" => t.audit_yes().to_owned(),
            FieldType::YesNo => t.audit_no().to_owned(),
            FieldType::Status => t.label("customer_status", text),
            FieldType::EntityType => t.label("entity_type", text),
            FieldType::Number => grouped(text),
            FieldType::Customer => {
                let parent = text.parse().ok().and_then(|id: CustomerId| self.parents.get(&id));
                parent.cloned().flatten().unwrap_or_else(|| t.customer_out_of_reach().to_owned())
            }
            FieldType::Line(_)
            | FieldType::Text(_)
            | FieldType::Day
            | FieldType::Emails
            | FieldType::Currency => text.to_owned(),
        }
    }

    /// The name of a person; one who has left is told to have.
    pub fn name(&self, t: Tr, person: &Person) -> String {
        if person.is_live { person.name.clone() } else { t.customer_owner_left(&person.name) }
    }
}
