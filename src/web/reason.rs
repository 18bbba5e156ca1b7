//! Why somebody does a thing: the form that asks for nothing else, and what a reason is wherever one is asked for.
//!
//! It has one name, one label (`ui.reason`) and one bound, so that a room which asks for a reason writes neither of
//! them down again. Where a form asks for more, it checks its field with [`required`] or with [`MAX_REASON`].

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::types::FieldErrors;

/// The longest reason.
pub const MAX_REASON: usize = 500;

/// The form that asks for a reason, as it was sent: by a page and by the API.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub struct ReasonForm {
    /// Why.
    pub reason: String,
}

impl ReasonForm {
    /// The reason, which has to be given.
    pub fn check(&self) -> Result<String, FieldErrors> {
        required("reason", &self.reason)
    }

    /// The reason, if one was given.
    pub fn check_optional(&self) -> Result<Option<String>, FieldErrors> {
        let mut errors = FieldErrors::new();
        let reason = errors.optional_text("reason", &self.reason, MAX_REASON);
        errors.or(reason)
    }
}

/// A reason that has to be given, at a field of any name.
pub fn required(field: &'static str, raw: &str) -> Result<String, FieldErrors> {
    let mut errors = FieldErrors::new();
    let reason = errors.required_text(field, raw, MAX_REASON);
    errors.or(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Tr;

    #[test]
    fn a_reason_is_trimmed_and_has_to_be_given_where_one_is_needed() {
        let form = |reason: &str| ReasonForm { reason: reason.to_owned() };
        let fault = |errors: FieldErrors| errors.get("reason").map(|message| message.text(Tr::En));
        let blank = Some(Tr::En.field_required().to_owned());
        let long = "字".repeat(MAX_REASON + 1);
        for (raw, needed, optional) in [
            ("  合同到期 ", Ok("合同到期".to_owned()), Ok(Some("合同到期".to_owned()))),
            (" \n ", Err(blank), Ok(None)),
            (
                &long,
                Err(Some(Tr::En.field_too_long(MAX_REASON))),
                Err(Some(Tr::En.field_too_long(MAX_REASON))),
            ),
        ] {
            assert_eq!(form(raw).check().map_err(fault), needed, "{raw:?}");
            assert_eq!(form(raw).check_optional().map_err(fault), optional, "{raw:?}");
        }
        assert!(form(&"字".repeat(MAX_REASON)).check().is_ok(), "characters are counted, not bytes");
    }

    #[test]
    fn a_reason_of_another_name_has_its_fault_there() {
        assert!(required("drop_reason", "").is_err_and(|errors| errors.get("drop_reason").is_some()));
    }
}
