//! Who had to do with bills, by name.

use std::collections::BTreeMap;

use crate::accounts::users;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::UserId;

/// The names of some users.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeMap<UserId, String>);

impl People {
    /// Reads the names of these.
    pub fn load(db: &mut Db, ids: impl IntoIterator<Item = Option<UserId>>) -> Result<People> {
        let mut ids: Vec<UserId> = ids.into_iter().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        let people = users::queries::people_of(db, &ids)?;
        Ok(People(people.into_iter().map(|(id, person)| (id, person.name)).collect()))
    }

    /// What somebody is called; nobody is the system.
    pub fn name(&self, t: Tr, id: Option<UserId>) -> String {
        let name = id.map(|id| self.0.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        name.unwrap_or_else(|| t.bill_by_system().to_owned())
    }
}
