//! How an attempt to sign in ends. Accounts decides it, the log of sign-ins shows it.

use crate::i18n::Tr;
use crate::text_enum;

text_enum! {
    /// How an attempt to sign in ended.
    pub enum Outcome {
        /// Signed in.
        Success = "success",
        /// The username is nobody's.
        UnknownUser = "unknown_user",
        /// The password is wrong.
        WrongPassword = "wrong_password",
        /// The user is disabled.
        Disabled = "disabled",
        /// Too many failures before: the password was not looked at.
        Throttled = "throttled",
    }
}

impl Outcome {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("outcome", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_a_label_in_both_languages() {
        for t in Tr::ALL {
            for outcome in Outcome::ALL {
                assert_ne!(outcome.label(t), outcome.as_str(), "{outcome} in {}", t.tag());
            }
        }
    }
}
