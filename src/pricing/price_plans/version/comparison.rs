//! Two versions side by side: what differs, by a symbol and a word, not by colour alone.

use askama::Template;
use rust_decimal::Decimal;

use crate::catalog::meters::queries::Meters;
use crate::i18n::Tr;
use crate::pricing::price_plans::model::PlanVersion;
use crate::web::ui::piece;

use super::sheet::{Fact, Sheet};

/// How a fact of two versions differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Both say the same.
    Same,
    /// They say something else.
    Changed,
    /// Only the second says it.
    Added,
    /// Only the first says it.
    Removed,
}

/// A fact of two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is about.
    pub label: String,
    /// What the first says.
    pub was: String,
    /// What the second says.
    pub becomes: String,
    /// How they differ.
    pub mark: Mark,
    /// By how many percent, where both are numbers of the same thing.
    pub percent: Option<Decimal>,
}

/// Two versions side by side.
#[derive(Template)]
#[template(path = "pricing/price_plans/version/comparison.html")]
pub struct Comparison {
    t: Tr,
    first: String,
    second: String,
    groups: Vec<(String, Vec<Line>)>,
}

piece!(Comparison);

impl Line {
    fn class(&self) -> &'static str {
        match self.mark {
            Mark::Same => "",
            Mark::Changed => "differs",
            Mark::Added => "differs is-added",
            Mark::Removed => "differs is-removed",
        }
    }

    /// The difference in a word, with its symbol.
    fn word(&self, t: Tr) -> String {
        match (self.mark, self.percent) {
            (Mark::Same, _) => t.price_compare_same().to_owned(),
            (Mark::Added, _) => t.price_compare_added().to_owned(),
            (Mark::Removed, _) => t.price_compare_removed().to_owned(),
            (Mark::Changed, Some(percent)) if percent > Decimal::ZERO => t.price_compare_more(percent),
            (Mark::Changed, Some(percent)) if percent < Decimal::ZERO => t.price_compare_less(percent.abs()),
            (Mark::Changed, _) => t.price_compare_changed().to_owned(),
        }
    }
}

impl Comparison {
    /// Compares two versions of a customer.
    pub fn new(t: Tr, meters: &Meters, first: &PlanVersion, second: &PlanVersion) -> Comparison {
        let facts = |plan| Sheet::new(t, meters, plan).facts();
        let name = |plan: &PlanVersion| t.price_compare_version(plan.version.valid_from, plan.version.number);
        Comparison {
            t,
            first: name(first),
            second: name(second),
            groups: groups(&facts(first), &facts(second)),
        }
    }

    /// How many facts differ.
    pub fn differences(&self) -> usize {
        self.groups.iter().flat_map(|(_, lines)| lines).filter(|line| line.mark != Mark::Same).count()
    }
}

/// Facts by their groups, as a sheet tells them.
type Groups = [(String, Vec<Fact>)];

/// All facts of both, by their groups: in the order of the second, what only the first says behind.
pub fn groups(first: &Groups, second: &Groups) -> Vec<(String, Vec<Line>)> {
    let of = |all: &Groups, title: &str| {
        all.iter().find(|(name, _)| name == title).map(|(_, facts)| facts.clone()).unwrap_or_default()
    };
    let known =
        second.iter().chain(first.iter().filter(|(title, _)| second.iter().all(|(name, _)| name != title)));
    known.map(|(title, _)| (title.clone(), lines(&of(first, title), &of(second, title)))).collect()
}

fn lines(first: &[Fact], second: &[Fact]) -> Vec<Line> {
    let find = |all: &[Fact], label: &str| all.iter().find(|fact| fact.label == label).cloned();
    let gone = first.iter().filter(|fact| find(second, &fact.label).is_none());
    second.iter().chain(gone).map(|fact| line(find(first, &fact.label), find(second, &fact.label))).collect()
}

fn line(was: Option<Fact>, becomes: Option<Fact>) -> Line {
    let mark = match (&was, &becomes) {
        (Some(was), Some(becomes)) if was.value == becomes.value => Mark::Same,
        (Some(_), Some(_)) => Mark::Changed,
        (None, _) => Mark::Added,
        (_, None) => Mark::Removed,
    };
    let alike = was.as_ref().zip(becomes.as_ref()).filter(|(was, becomes)| was.basis == becomes.basis);
    let numbers = alike.and_then(|(was, becomes)| was.number.zip(becomes.number));
    let percent = numbers.filter(|_| mark == Mark::Changed).and_then(|(was, becomes)| {
        let percent = (becomes - was).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(was)?;
        Some(percent.round_dp(2).normalize()).filter(|percent| !percent.is_zero())
    });
    let label = becomes.as_ref().or(was.as_ref()).map(|fact| fact.label.clone()).unwrap_or_default();
    let value = |fact: Option<Fact>| fact.map(|fact| fact.value).unwrap_or_default();
    Line { label, was: value(was), becomes: value(becomes), mark, percent }
}
