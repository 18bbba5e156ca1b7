//! Pairs, evidence and merges.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde_json::Value;

use crate::customers::directory::fields::FieldChange;
use crate::i18n::Tr;
use crate::schema::{customer_merges, duplicate_pairs};
use crate::text_enum;
use crate::types::ids::{CustomerId, CustomerMergeId, DuplicatePairId, UserId};

text_enum! {
    /// Something that speaks for two customers being the same, or against it.
    pub enum Evidence {
        /// The same 统一社会信用代码.
        SameCreditCode = "same_credit_code",
        /// The same code but for case and separators.
        SameCode = "same_code",
        /// The same name but for the city, brackets, and traditional characters.
        SameName = "same_name",
        /// The invoice title of one is the name of the other.
        TitleIsName = "title_is_name",
        /// Names that sound the same.
        SameSound = "same_sound",
        /// Names with a letter too many, or two in another order.
        NearName = "near_name",
        /// The name of one is most of the name of the other.
        ContainedName = "contained_name",
        /// Names that differ in one letter.
        SimilarName = "similar_name",
        /// A phone of contacts of both.
        SamePhone = "same_phone",
        /// A mail address of both: of contacts, or for bills.
        SameEmail = "same_email",
        /// The same address.
        SameAddress = "same_address",
        /// The same invoice title.
        SameTitle = "same_title",
        /// Two credit codes: two companies before the law.
        DifferentCreditCodes = "different_credit_codes",
        /// Names of different cities.
        DifferentCities = "different_cities",
        /// One is above the other, or both are below the same.
        Related = "related",
        /// A company and a person.
        DifferentKinds = "different_kinds",
    }
}

impl Evidence {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("duplicate_evidence", self.as_str())
    }

    /// How much it speaks for the two being the same; below zero where it speaks against it.
    pub const fn weight(self) -> i32 {
        match self {
            Evidence::SameCreditCode => 60,
            Evidence::SameCode => 55,
            Evidence::SameName => 50,
            Evidence::TitleIsName => 40,
            Evidence::SameSound | Evidence::SamePhone => 35,
            Evidence::NearName | Evidence::ContainedName | Evidence::SameEmail => 30,
            Evidence::SameTitle => 25,
            Evidence::SimilarName | Evidence::SameAddress => 20,
            Evidence::DifferentKinds => -20,
            Evidence::DifferentCities => -25,
            Evidence::DifferentCreditCodes => -40,
            Evidence::Related => -60,
        }
    }

    /// Whether it speaks against the two being the same.
    pub const fn is_against(self) -> bool {
        self.weight() < 0
    }
}

text_enum! {
    /// What was decided of a pair.
    pub enum PairState {
        /// Nothing yet.
        Open = "open",
        /// They are not the same.
        Apart = "apart",
        /// They were the same, and are one now.
        Merged = "merged",
    }
}

impl PairState {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("duplicate_state", self.as_str())
    }
}

/// Two customers that may be the same.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = duplicate_pairs, check_for_backend(Mysql))]
pub struct Pair {
    /// Its id.
    pub id: DuplicatePairId,
    /// The one with the lower id.
    pub lower_id: CustomerId,
    /// The other.
    pub higher_id: CustomerId,
    /// How likely it is that they are the same, out of 100.
    pub score: u32,
    evidence: Value,
    /// What was decided.
    pub state: PairState,
    /// Why.
    pub reason: Option<String>,
    /// By whom.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<NaiveDateTime>,
}

impl Pair {
    /// What speaks for and against it. What another version wrote and this one does not know is left out.
    pub fn evidence(&self) -> Vec<Evidence> {
        let codes = self.evidence.as_array().into_iter().flatten().filter_map(Value::as_str);
        codes.filter_map(|code| code.parse().ok()).collect()
    }

    /// Both ids, the lower first.
    pub fn ids(&self) -> [CustomerId; 2] {
        [self.lower_id, self.higher_id]
    }

    /// The other one of the two.
    pub fn other(&self, id: CustomerId) -> CustomerId {
        if id == self.lower_id { self.higher_id } else { self.lower_id }
    }
}

/// A pair that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The one with the lower id.
    pub lower: CustomerId,
    /// The other.
    pub higher: CustomerId,
    /// How likely it is that they are the same.
    pub score: u32,
    /// Why.
    pub evidence: Vec<Evidence>,
}

/// A merge that was made.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = customer_merges, check_for_backend(Mysql))]
pub struct Merge {
    /// Its id.
    pub id: CustomerMergeId,
    /// The pair.
    pub pair_id: DuplicatePairId,
    /// The customer that stayed.
    pub survivor_id: CustomerId,
    /// The customer that went into it.
    pub loser_id: CustomerId,
    changes: Value,
    moved: Value,
    /// Why.
    pub reason: Option<String>,
    /// By whom.
    pub merged_by: Option<UserId>,
    /// When.
    pub merged_at: NaiveDateTime,
}

impl Merge {
    /// The fields of the survivor that changed.
    pub fn changes(&self) -> Vec<FieldChange> {
        serde_json::from_value(self.changes.clone()).unwrap_or_default()
    }

    /// What went along, by the code of the part.
    pub fn moved(&self) -> BTreeMap<String, Value> {
        serde_json::from_value(self.moved.clone()).unwrap_or_default()
    }
}

/// A merge as it was asked for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeOrder {
    /// The customer that stays.
    pub survivor: CustomerId,
    /// The fields that come from the customer that goes.
    pub from_loser: Vec<crate::customers::directory::fields::Field>,
    /// What the page showed of both, by which is told whether it still holds.
    pub seen: String,
    /// Why.
    pub reason: Option<String>,
}

/// What could not be put back when a merge was taken back, because somebody has changed it since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Fields that were edited.
    pub fields: Vec<crate::customers::directory::fields::Field>,
    /// Parts, and how many of each are elsewhere by now.
    pub parts: Vec<(&'static str, usize)>,
}
