//! Which moves are allowed.

use crate::i18n::Tr;
use crate::types::Refusal;

use super::model::Status;

/// Where a customer may be moved by hand.
pub fn moves_from(status: Status) -> &'static [Status] {
    use Status::{Active, Archived, Dormant, Lead, Onboarding, Suspended, Terminated, Trial, Unconfirmed};
    match status {
        Unconfirmed => &[Lead, Onboarding, Trial, Active, Dormant, Suspended, Terminated],
        Lead => &[Onboarding, Trial, Active, Terminated],
        Onboarding => &[Trial, Active, Terminated],
        Active => &[Dormant, Suspended, Terminated],
        Trial | Dormant => &[Active, Suspended, Terminated],
        Suspended => &[Active, Dormant, Terminated],
        Terminated => &[Onboarding, Archived],
        Archived => &[],
    }
}

/// Whether a move by hand needs a reason: what ends or stops something does.
pub fn needs_reason(becomes: Status) -> bool {
    matches!(becomes, Status::Suspended | Status::Terminated | Status::Archived)
}

/// Whether a customer may be moved by hand.
pub fn can_move(was: Status, becomes: Status) -> Result<(), Refusal> {
    if was == becomes || moves_from(was).contains(&becomes) {
        return Ok(());
    }
    Err(Refusal::new("status_move", move |t: Tr| t.status_cannot_move(becomes.label(t), was.label(t))))
}
