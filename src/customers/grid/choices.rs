//! What people choose from where fields are filtered by or changed.

use crate::accounts::users;
use crate::customers::dictionaries;
use crate::customers::directory::fields::{Field, FieldType};
use crate::customers::directory::model::EntityType;
use crate::customers::directory::reach::Reach;
use crate::customers::directory::terms;
use crate::customers::status::model::Status;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::{Permission, Result};
use crate::web::ui::Choice;

use super::cells::yes_no;
use super::forms::{BLANK, ME};
use super::model::may_be_blank;

/// The values that a field may be given: what is offered, and what it holds now.
pub fn of_field(db: &mut Db, t: Tr, field: Field, current: Option<&str>) -> Result<Vec<Choice>> {
    match field.holds() {
        FieldType::Choice(dictionary) => {
            let dictionaries = dictionaries::queries::shown(db)?;
            let values = dictionaries.values(dictionary).iter();
            let offered =
                values.filter(|value| value.retired_at.is_none() || Some(value.code.as_str()) == current);
            Ok(offered.map(|value| Choice::new(&value.code, value.label(t))).collect())
        }
        FieldType::Owner => owners(db, |person| {
            person.is_live || current.is_some_and(|current| current == person.id.to_string())
        }),
        FieldType::YesNo => Ok(yes_or_no(t)),
        FieldType::Status => {
            Ok(Status::ALL.iter().map(|status| Choice::new(status, status.label(t))).collect())
        }
        FieldType::EntityType => {
            Ok(EntityType::ALL.iter().map(|entity| Choice::new(entity, entity.label(t))).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// The values that the list can be filtered by, the retired ones too; and none at all, where a field may be empty.
pub fn to_filter(db: &mut Db, t: Tr, field: Field) -> Result<Vec<Choice>> {
    let mut all = match field.holds() {
        FieldType::Choice(dictionary) => {
            let dictionaries = dictionaries::queries::shown(db)?;
            dictionaries
                .values(dictionary)
                .iter()
                .map(|value| Choice::new(&value.code, value.label(t)))
                .collect()
        }
        FieldType::Owner => {
            let mut all = vec![Choice::new(ME, t.customer_list_me())];
            all.extend(reached_owners(db)?);
            all
        }
        _ => of_field(db, t, field, None)?,
    };
    if may_be_blank(field) {
        all.push(Choice::new(BLANK, t.customer_list_nothing()));
    }
    Ok(all)
}

/// Whose customers whoever asks may see, by the sounds of their names.
pub fn reached_owners(db: &mut Db) -> Result<Vec<Choice>> {
    match Reach::of(db, Permission::CustomerView)? {
        Reach::All => owners(db, |person| person.is_live),
        Reach::OwnedBy(users) => owners(db, |person| users.contains(&person.id)),
    }
}

fn owners(db: &mut Db, fits: impl Fn(&users::model::Person) -> bool) -> Result<Vec<Choice>> {
    let people = users::queries::people(db)?;
    let mut all: Vec<(String, Choice)> = people
        .iter()
        .filter(|person| fits(person))
        .map(|person| {
            let label = format!("{} ({})", person.name, person.username);
            (terms::sort_key(&person.name), Choice::new(person.id, label))
        })
        .collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all.into_iter().map(|(_, choice)| choice).collect())
}

fn yes_or_no(t: Tr) -> Vec<Choice> {
    [("yes", true), ("no", false)].map(|(value, yes)| Choice::new(value, yes_no(t, yes))).to_vec()
}
