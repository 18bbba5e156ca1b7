//! What makes customers right among the others: nobody else has the code or the name, owners and parents exist, codes
//! stand in their dictionaries. Asked for many at once, by imports before anything is written, too.

use std::collections::{BTreeMap, BTreeSet};

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::customers::dictionaries;
use crate::customers::dictionaries::model::Dictionaries;
use crate::customers::family;
use crate::customers::status;
use crate::customers::status::model::Cause as MoveCause;
use crate::db::{Db, Tx};
use crate::i18n::Tr;
use crate::types::ids::{CustomerId, UserId};
use crate::types::{Permission, Result};

use super::cause::Cause;
use super::fields::{Field, FieldType};
use super::model::{Customer, Fields};
use super::queries;
use super::reach::Reach;
use super::rules::{self, Fault, normalised_name};

/// A customer to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// As it is, locked; `None` for a new one.
    pub before: Option<Customer>,
    /// As it shall be.
    pub after: Fields,
}

impl Draft {
    /// The same for a look around.
    fn wish(&self) -> Wish<'_> {
        Wish { before: self.before.as_ref(), after: &self.after }
    }

    fn changes_nothing(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.fields == self.after)
    }
}

/// A customer that was found right among the others, by the transaction that writes it. Only [`check`] makes one: nothing
/// is written that was not looked at, and nothing is looked at twice.
#[derive(Debug)]
pub struct Checked(Draft);

impl Checked {
    /// The customer that was checked.
    pub(super) fn draft(self) -> Draft {
        self.0
    }
}

/// A customer that may be written, or what is wrong with it.
pub type Verdict = std::result::Result<Checked, Vec<Fault>>;

/// Tidies customers and checks them, each as if the others were written. One verdict for each, in their order.
pub fn check(tx: &mut Tx, mut drafts: Vec<Draft>, cause: &Cause) -> Result<Vec<Verdict>> {
    for draft in &mut drafts {
        rules::tidy(&mut draft.after);
    }
    let restores = cause.moves == MoveCause::Undo;
    if restores {
        let dictionaries = dictionaries::queries::all(tx)?;
        for draft in &mut drafts {
            bring_to_today(&dictionaries, &mut draft.after);
        }
    }
    let changing = drafts.iter().filter(|draft| !draft.changes_nothing());
    let wishes: Vec<Wish> = changing.map(Draft::wish).collect();
    family::queries::lock_chains(tx, wishes.iter().filter_map(Wish::new_parent))?;
    let surroundings = Surroundings::load(tx, cause.permission, &wishes)?.restoring(restores);
    let verdict = |draft: Draft| {
        let faults = surroundings.faults_of_draft(&draft, cause);
        if faults.is_empty() { Ok(Checked(draft)) } else { Err(faults) }
    };
    Ok(drafts.into_iter().map(verdict).collect())
}

/// All of them, or the faults of the first that is wrong.
///
/// # Errors
/// [`Invalid`](crate::types::Error::Invalid) with these faults.
pub fn all_of(verdicts: Vec<Verdict>) -> Result<Vec<Checked>> {
    let all: std::result::Result<Vec<Checked>, Vec<Fault>> = verdicts.into_iter().collect();
    all.map_err(|faults| rules::as_errors(faults).into())
}

/// A customer as it shall be, and as it is; `None` for a new one.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// As it is.
    pub before: Option<&'a Customer>,
    /// As it shall be.
    pub after: &'a Fields,
}

impl Wish<'_> {
    /// The parent that is wished for, where it is another one.
    pub fn new_parent(&self) -> Option<CustomerId> {
        let before = self.before.and_then(|before| before.fields.parent);
        self.after.parent.filter(|parent| Some(*parent) != before)
    }
}

/// What customers are checked against, read once for however many.
pub struct Surroundings {
    people: BTreeMap<UserId, Person>,
    dictionaries: Dictionaries,
    codes: BTreeMap<String, CustomerId>,
    names: BTreeMap<String, CustomerId>,
    parents: BTreeMap<CustomerId, CustomerId>,
    wished_parents: BTreeMap<CustomerId, CustomerId>,
    known: BTreeMap<CustomerId, Customer>,
    reach: Reach,
    may_hand_over: bool,
    restores: bool,
}

impl Surroundings {
    /// Reads them for these wishes, each of which has to be within the reach of `permission`.
    pub fn load(db: &mut Db, permission: Permission, wishes: &[Wish]) -> Result<Surroundings> {
        let codes: Vec<&str> = wishes.iter().map(|wish| wish.after.company_code.as_str()).collect();
        let names: Vec<String> =
            wishes.iter().map(|wish| normalised_name(&wish.after.company_name)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let owners: BTreeSet<UserId> =
            wishes.iter().flat_map(|wish| [wish.after.sales_owner, wish.after.ops_owner]).flatten().collect();
        let wanted: BTreeSet<CustomerId> = wishes.iter().filter_map(Wish::new_parent).collect();
        let wanted: Vec<CustomerId> = wanted.into_iter().collect();
        let wished_parents = wishes.iter().filter_map(|wish| Some((wish.before?.id, wish.new_parent()?)));
        Ok(Surroundings {
            wished_parents: wished_parents.collect(),
            people: users::queries::people_of(db, &owners.into_iter().collect::<Vec<_>>())?,
            dictionaries: dictionaries::queries::all(db)?,
            codes: queries::ids_by_code(db, &codes)?,
            names: queries::ids_by_name(db, &names)?,
            parents: if wanted.is_empty() { BTreeMap::new() } else { queries::parents(db)? },
            known: queries::by_ids(db, &wanted)?,
            reach: Reach::of(db, permission)?,
            may_hand_over: db.actor().can(Permission::CustomerHandOver),
            restores: false,
        })
    }

    /// The same for putting back what was: owners who have left and retired values come back, too.
    #[must_use]
    pub fn restoring(mut self, restores: bool) -> Surroundings {
        self.restores = restores;
        self
    }

    /// What is wrong with a customer, in itself and among the others. What stays as it was is not held against it: a
    /// retired value or an owner who has left has to be changed only by who changes it.
    pub fn faults(&self, wish: Wish) -> Vec<Fault> {
        let mut faults = rules::check(wish.after);
        let own = wish.before.map(|before| before.id);
        let taken = |holder: Option<&CustomerId>| holder.is_some_and(|holder| Some(*holder) != own);
        if taken(self.codes.get(&wish.after.company_code)) {
            faults.push(Fault::new(Field::CompanyCode, "duplicate", Tr::customers_code_taken));
        }
        if taken(self.names.get(&normalised_name(&wish.after.company_name))) {
            faults.push(Fault::new(Field::CompanyName, "duplicate", Tr::customers_name_taken));
        }
        for field in Field::ALL {
            let after = wish.after.get(*field);
            if wish.before.is_some_and(|before| before.fields.get(*field) == after) {
                continue;
            }
            faults.extend(after.and_then(|text| self.fault_of_value(*field, &text)));
        }
        faults.extend(self.fault_of_parent(wish));
        // A customer that leaves the reach of whoever asks is handed over, which takes a permission of its own.
        let is_handed_over = wish.before.is_some() && self.may_hand_over;
        if !is_handed_over && !self.reach.covers(wish.after) {
            faults.push(Fault::new(Field::SalesOwner, "outside_scope", Tr::customers_owner_outside));
        }
        faults
    }

    /// What is wrong with a customer that is to be written, and with the move of its status, where people move it.
    fn faults_of_draft(&self, draft: &Draft, cause: &Cause) -> Vec<Fault> {
        if draft.changes_nothing() {
            return Vec::new();
        }
        let moves = draft.before.as_ref().filter(|_| cause.moves.obeys_rules());
        let refusal =
            moves.and_then(|before| status::rules::can_move(before.fields.status, draft.after.status).err());
        let fault = refusal.map(|refusal| Fault {
            field: Field::Status,
            code: refusal.code,
            message: refusal.message,
        });
        fault.into_iter().chain(self.faults(draft.wish())).collect()
    }

    fn fault_of_value(&self, field: Field, text: &str) -> Option<Fault> {
        match field.holds() {
            FieldType::Choice(dictionary) => {
                let value = self.dictionaries.get(dictionary, text);
                let offered = value.is_some_and(|value| self.restores || value.retired_at.is_none());
                let shown = text.to_owned();
                (!offered).then(|| {
                    Fault::new(field, "unknown_value", move |t: Tr| {
                        t.customers_unknown_value(dictionary.label(t), &shown)
                    })
                })
            }
            FieldType::Owner => {
                let person = text.parse().ok().and_then(|id: UserId| self.people.get(&id));
                (!person.is_some_and(|person| self.restores || person.is_live))
                    .then(|| Fault::new(field, "unknown_user", Tr::customers_unknown_user))
            }
            _ => None,
        }
    }

    fn fault_of_parent(&self, wish: Wish) -> Option<Fault> {
        let parent = wish.new_parent()?;
        if !self.known.get(&parent).is_some_and(Customer::is_live) {
            return Some(Fault::new(Field::Parent, "unknown_customer", Tr::customers_parent_unknown));
        }
        let own = wish.before?.id;
        // Whichever of the wishes come true, and whichever are left out: none may close a circle.
        let (mut above, mut seen) = (vec![parent], BTreeSet::new());
        while let Some(id) = above.pop() {
            if id == own {
                return Some(Fault::new(Field::Parent, "parent_cycle", Tr::customers_parent_cycle));
            }
            if seen.insert(id) {
                above.extend([&self.parents, &self.wished_parents].iter().filter_map(|all| all.get(&id)));
            }
        }
        None
    }
}

/// Gives fields that come back the values that stand today for those that were merged into others since.
fn bring_to_today(dictionaries: &Dictionaries, fields: &mut Fields) {
    for field in Field::ALL {
        let FieldType::Choice(dictionary) = field.holds() else { continue };
        let Some(code) = fields.get(*field) else { continue };
        if let Some(value) = dictionaries.current(dictionary, &code).filter(|value| value.code != code) {
            // A code of the same dictionary is one that the field takes.
            let _ = fields.set(*field, Some(&value.code));
        }
    }
}
