//! diesel's errors as the rest of the house knows them; the one place where a server's message is read.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::types::{Error, FieldErrors};

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Error {
        match error {
            DieselError::NotFound => Error::NotFound,
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Error::Deadlock,
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Error::Unavailable(info.message().to_owned())
            }
            DieselError::BrokenTransactionManager => Error::Unavailable("the connection broke".into()),
            DieselError::DatabaseError(_, ref info) if is_gone(info.message()) => {
                Error::Unavailable(info.message().to_owned())
            }
            DieselError::DatabaseError(_, ref info) if info.message().contains("Lock wait timeout") => {
                Error::Contended
            }
            other => Error::Internal(other.into()),
        }
    }
}

/// Neither server's library types these: they come as "unknown" with a text.
fn is_gone(message: &str) -> bool {
    ["gone away", "Lost connection", "Can't connect", "Server shutdown", "Connection was killed", "read-only"]
        .iter()
        .any(|text| message.contains(text))
}

/// Whether a write ran into the unique index `key`. `MariaDB` writes `'key'`, `MySQL` `'table.key'`.
pub fn is_unique_violation(error: &DieselError, key: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)
            if info.message().trim_end_matches('\'').rsplit(['\'', '.']).next() == Some(key)
    )
}

/// Whether a write named a record that is not there, by the foreign key `key`. Both servers write ``CONSTRAINT `key` ``.
pub fn is_foreign_key_violation(error: &DieselError, key: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info)
            if info.message().contains(&format!("CONSTRAINT `{key}` "))
    )
}

/// For a write that names a record which somebody may have deleted since our look: the fault at the field, anything
/// else as usual.
pub fn missing(key: &str, fault: impl FnOnce() -> FieldErrors) -> impl FnOnce(DieselError) -> Error {
    move |error| if is_foreign_key_violation(&error, key) { fault().into() } else { error.into() }
}

/// For a write that may lose a race for a unique value: the loser's fault at the field, anything else as usual.
pub fn unique(key: &str, fault: impl FnOnce() -> FieldErrors) -> impl FnOnce(DieselError) -> Error {
    move |error| if is_unique_violation(&error, key) { fault().into() } else { error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_too_long_for_a_lock_is_told_from_asking_too_often() {
        let text = "Lock wait timeout exceeded; try restarting transaction".to_owned();
        let fault = Error::from(DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text)));
        assert!(matches!(fault, Error::Contended), "{fault}");
    }
}
