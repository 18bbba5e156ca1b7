//! A customer's versions in their order: which one is in force, what comes, what was, and what approving one would do.

use chrono::NaiveDate;

use crate::i18n::Tr;
use crate::pricing::price_plans::model::{PlanVersion, PriceVersion, VersionState};
use crate::web::ui::{Badge, Tone};

/// Where a version stands in the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chapter {
    /// In force today.
    Now,
    /// Still to come, or not decided.
    Coming,
    /// Over, or never in force.
    Past,
}

/// The last day of a version in force, because another one begins the day after; none while none does.
pub fn last_day(plans: &[PlanVersion], plan: &PlanVersion) -> Option<NaiveDate> {
    let later = plans.iter().filter(|other| {
        other.version.state == VersionState::Active && other.version.valid_from > plan.version.valid_from
    });
    let next = later.map(|other| other.version.valid_from).min()?;
    next.pred_opt().filter(|_| plan.version.state == VersionState::Active)
}

/// The version that is in force on a day.
pub fn on(plans: &[PlanVersion], day: NaiveDate) -> Option<&PlanVersion> {
    let begun = plans
        .iter()
        .filter(|plan| plan.version.state == VersionState::Active && plan.version.valid_from <= day);
    begun.max_by_key(|plan| plan.version.valid_from)
}

/// Where a version stands today.
pub fn chapter(plans: &[PlanVersion], plan: &PlanVersion, today: NaiveDate) -> Chapter {
    let version = &plan.version;
    match version.state {
        VersionState::Draft | VersionState::Pending => Chapter::Coming,
        VersionState::Active if version.valid_from > today => Chapter::Coming,
        VersionState::Active if on(plans, today).is_some_and(|now| now.version.id == version.id) => {
            Chapter::Now
        }
        _ => Chapter::Past,
    }
}

/// The version that was, or would be, in force without this one: what it is compared with.
pub fn before<'a>(plans: &'a [PlanVersion], plan: &PlanVersion) -> Option<&'a PlanVersion> {
    let version = &plan.version;
    let superseded = plans.iter().find(|other| other.version.superseded_by == Some(version.id));
    let earlier = plans.iter().filter(|other| {
        let is_earlier = other.version.valid_from < version.valid_from;
        let shares_the_day = other.version.valid_from == version.valid_from;
        let counts = is_earlier || shares_the_day && version.state != VersionState::Active;
        other.version.id != version.id && other.version.state == VersionState::Active && counts
    });
    superseded.or_else(|| earlier.max_by_key(|other| other.version.valid_from))
}

/// What becomes of the timeline when a version is approved.
pub fn on_approval(t: Tr, plans: &[PlanVersion], plan: &PlanVersion, today: NaiveDate) -> String {
    let from = plan.version.valid_from;
    let same_day = plans.iter().find(|other| {
        other.version.state == VersionState::Active
            && other.version.valid_from == from
            && other.version.id != plan.version.id
    });
    let mut sentences = vec![match (same_day, before(plans, plan)) {
        (Some(other), _) => t.price_plan_approval_supersedes(from, other.version.number),
        (None, Some(other)) => {
            t.price_plan_approval_follows(from, other.version.number, other.version.valid_from)
        }
        (None, None) => t.price_plan_approval_first(from),
    }];
    let next = plans
        .iter()
        .filter(|other| other.version.state == VersionState::Active && other.version.valid_from > from);
    if let Some(next) = next.min_by_key(|other| other.version.valid_from) {
        sentences.push(t.price_plan_approval_until(next.version.valid_from, next.version.number));
    }
    if from < today {
        sentences.push(t.price_plan_approval_past(from));
    }
    t.paragraph(sentences)
}

/// The state of a version, as a badge; `last_day` is known where another version follows.
pub fn badge(t: Tr, version: &PriceVersion, last_day: Option<NaiveDate>, today: NaiveDate) -> Badge {
    let (state, valid_from) = (version.state, version.valid_from);
    match state {
        VersionState::Active if last_day.is_some_and(|day| day < today) => {
            Badge::new(Tone::Off, t.price_plan_over())
        }
        VersionState::Active if valid_from > today => Badge::new(Tone::Plain, t.price_plan_comes()),
        VersionState::Active => Badge::new(Tone::Ok, state.label(t)),
        VersionState::Pending => Badge::new(Tone::Warn, state.label(t)),
        VersionState::Draft => Badge::new(Tone::Plain, state.label(t)),
        VersionState::Superseded | VersionState::Withdrawn | VersionState::Discarded => {
            Badge::new(Tone::Off, state.label(t))
        }
    }
}
