//! Passwords: hashed with argon2id, and strong enough to be worth it.

use std::thread;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use rand::RngExt as _;

use crate::i18n::Tr;
use crate::types::{Error, FieldErrors, Result};

/// The shortest password.
pub const MIN: usize = 10;
/// The longest password: hashing takes time in proportion.
pub const MAX: usize = 200;

/// Hashes a password. Dear on purpose: about 30 ms of one core, 19 MiB.
pub fn hash(password: &str) -> Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|fault| Error::Internal(anyhow::anyhow!("a password could not be hashed: {fault}")))
}

/// Whether `password` is the one behind `hash`.
pub fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that no password matches, which costs as much to check as any other: for sign-ins of nobody, so that the
/// time they take tells nothing.
pub const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$b3BjbXMtbm9ib2R5LTAwMQ$OqfGp7WqT5j1m5tq1z8mC8x0q1dXn3dH7y3bq8o0X2E";

/// Notes at `field` what is wrong with a new password: too short, too long, easily guessed, or the owner's own name.
pub fn check(errors: &mut FieldErrors, field: &'static str, password: &str, own_words: &[&str]) {
    let length = password.chars().count();
    if password.is_empty() {
        errors.add(field, Tr::field_required);
    } else if length < MIN {
        errors.add(field, |t: Tr| t.password_too_short(MIN));
    } else if length > MAX {
        errors.add(field, |t: Tr| t.field_too_long(MAX));
    } else if u8::from(zxcvbn::zxcvbn(password, own_words).score()) < 3 {
        errors.add(field, Tr::password_too_weak);
    }
}

/// A password for once: 16 characters that cannot be mistaken for one another.
pub fn one_time() -> String {
    const ALPHABET: &[u8; 54] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz234567";
    let mut rng = rand::rng();
    (0..16)
        .filter_map(|_| ALPHABET.get(rng.random_range(0..ALPHABET.len())))
        .map(|byte| char::from(*byte))
        .collect()
}

/// A password for once, with its hash.
#[derive(Clone)]
pub struct OneTime {
    /// The password.
    pub text: String,
    /// The argon2id hash.
    pub hash: String,
}

/// Passwords for once, hashed on several threads: for imports, where one after the other would take minutes.
pub fn one_time_many(count: usize, threads: usize) -> Result<Vec<OneTime>> {
    let make = |count: usize| -> Result<Vec<OneTime>> {
        (0..count)
            .map(|_| {
                let text = one_time();
                Ok(OneTime { hash: hash(&text)?, text })
            })
            .collect()
    };
    let threads = threads.clamp(1, count.max(1));
    thread::scope(|scope| {
        let shares = (0..threads).map(|thread| count / threads + usize::from(thread < count % threads));
        let running: Vec<_> = shares.map(|share| scope.spawn(move || make(share))).collect();
        let mut all = Vec::with_capacity(count);
        for thread in running {
            let share = thread.join().map_err(|_| anyhow::anyhow!("a thread that hashes passwords died"))?;
            all.extend(share?);
        }
        Ok(all)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = hash("correct horse battery").unwrap();
        assert!(matches("correct horse battery", &hash));
        assert!(!matches("correct horse batterx", &hash));
        assert!(!matches("", &hash));
        assert!(!matches("x", "not a hash"));
    }

    #[test]
    fn the_hash_of_nobody_is_a_real_hash_that_nothing_matches() {
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!matches("", NOBODY) && !matches("nobody", NOBODY));
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        let fault = |password: &str| {
            let mut errors = FieldErrors::new();
            check(&mut errors, "password", password, &["zhangwei", "张伟"]);
            errors.get("password").map(|message| message.text(Tr::En))
        };
        assert_eq!(fault(""), Some(Tr::En.field_required().into()));
        assert_eq!(fault("short1!"), Some(Tr::En.password_too_short(MIN)));
        assert_eq!(fault(&"长".repeat(201)), Some(Tr::En.field_too_long(MAX)));
        assert_eq!(fault("1234567890"), Some(Tr::En.password_too_weak().into()));
        assert_eq!(fault("zhangwei2026"), Some(Tr::En.password_too_weak().into()));
        assert_eq!(fault("correct horse battery"), None);
        assert_eq!(fault(&one_time()), None);
    }

    #[test]
    fn passwords_for_once_differ() {
        assert_eq!(one_time().len(), 16);
        assert_ne!(one_time(), one_time());
    }

    #[test]
    fn many_passwords_are_as_good_as_one() {
        for (count, threads) in [(0, 4), (1, 4), (5, 2), (2, 0)] {
            let made = one_time_many(count, threads).unwrap();
            assert_eq!(made.len(), count);
            assert!(made.iter().all(|password| matches(&password.text, &password.hash)));
        }
    }
}
