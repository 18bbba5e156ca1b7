//! What may be done with a file of usage, and when.

use crate::i18n::Tr;
use crate::types::Refusal;
use crate::usage::intakes::model::{IntakeKind, IntakeState};
use crate::usage::intakes::queries::IntakeRow;

/// What asking for something comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The work begins, or goes on.
    Begin,
    /// Somebody has asked for it already.
    Already,
}

/// A file is taken once, from what was shown. One whose work was stopped in the middle goes on.
pub fn can_take(row: &IntakeRow, seen_version: u32) -> Result<Verdict, Refusal> {
    is_file(row)?;
    match row.intake.state {
        IntakeState::Ready if row.intake.version != seen_version => {
            Err(Refusal::new("intake_checked_again", Tr::usage_imports_refused_checked_again))
        }
        IntakeState::Ready => Ok(Verdict::Begin),
        IntakeState::Taking if row.is_stalled() => Ok(Verdict::Begin),
        IntakeState::Taking | IntakeState::Taken => Ok(Verdict::Already),
        IntakeState::Draft | IntakeState::Checking | IntakeState::Failed => {
            Err(Refusal::new("intake_not_checked", Tr::usage_imports_refused_not_checked))
        }
        IntakeState::Discarded => Err(discarded()),
    }
}

/// A file is worked out anew as long as nothing of it is taken.
pub fn can_check(row: &IntakeRow) -> Result<Verdict, Refusal> {
    is_file(row)?;
    match row.intake.state {
        IntakeState::Ready => Ok(Verdict::Begin),
        IntakeState::Checking if row.is_stalled() => Ok(Verdict::Begin),
        IntakeState::Failed if row.intake.records == 0 && row.intake.file_id.is_some() => Ok(Verdict::Begin),
        IntakeState::Checking => Ok(Verdict::Already),
        IntakeState::Discarded => Err(discarded()),
        _ => Err(Refusal::new("intake_taken", Tr::usage_imports_refused_taken)),
    }
}

/// A file is given up as long as nothing of it is taken.
pub fn can_discard(row: &IntakeRow) -> Result<Verdict, Refusal> {
    is_file(row)?;
    match row.intake.state {
        IntakeState::Draft | IntakeState::Ready => Ok(Verdict::Begin),
        IntakeState::Checking if row.is_stalled() => Ok(Verdict::Begin),
        IntakeState::Failed if row.intake.records == 0 => Ok(Verdict::Begin),
        IntakeState::Discarded => Ok(Verdict::Already),
        IntakeState::Checking => Err(Refusal::new("intake_at_work", Tr::usage_imports_refused_at_work)),
        _ => Err(Refusal::new("intake_taken", Tr::usage_imports_refused_taken)),
    }
}

/// What came in any other way counts already.
fn is_file(row: &IntakeRow) -> Result<(), Refusal> {
    if row.intake.kind == IntakeKind::File {
        return Ok(());
    }
    Err(Refusal::new("intake_no_file", Tr::usage_imports_refused_no_file))
}

fn discarded() -> Refusal {
    Refusal::new("intake_discarded", Tr::usage_imports_refused_discarded)
}
