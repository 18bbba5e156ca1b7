//! Who wrote, submitted, decided and ended versions, by name.

use std::collections::BTreeMap;

use crate::accounts::users;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::UserId;

use super::model::PriceVersion;

/// The names of those who had to do with versions.
#[derive(Debug, Clone, Default)]
pub struct People(BTreeMap<UserId, String>);

impl People {
    /// Reads the names for these versions.
    pub fn load<'a>(db: &mut Db, versions: impl IntoIterator<Item = &'a PriceVersion>) -> Result<People> {
        let mut ids: Vec<UserId> = versions
            .into_iter()
            .flat_map(|one| [one.author_id, one.created_by, one.submitted_by, one.decided_by, one.ended_by])
            .flatten()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let people = users::queries::people_of(db, &ids)?;
        Ok(People(people.into_iter().map(|(id, person)| (id, person.name)).collect()))
    }

    /// What somebody is called; nobody is the system.
    pub fn name(&self, t: Tr, id: Option<UserId>) -> String {
        let name = id.map(|id| self.0.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        name.unwrap_or_else(|| t.price_plan_by_system().to_owned())
    }
}
