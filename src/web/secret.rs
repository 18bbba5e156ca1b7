//! The secret of the installation, and what is derived from it.
//!
//! One secret signs cookies, CSRF tokens and flashes; each use has a key of its own, so that none can stand in for
//! another.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};

use crate::types::Result;

/// The secret. Never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The given secret, or the one in the data directory, which is made there when absent.
    ///
    /// # Errors
    /// When the file can be neither read nor written.
    pub fn load(given: Option<&str>, data_dir: &Path) -> Result<Secret> {
        if let Some(given) = given {
            return Ok(Secret(given.to_owned()));
        }
        let path = data_dir.join("secret");
        let kept = || -> Result<String> {
            Ok(fs::read_to_string(&path)
                .with_context(|| format!("the file {} cannot be read", path.display()))?)
        };
        if !path.exists() {
            fs::create_dir_all(data_dir)
                .with_context(|| format!("the directory {} cannot be made", data_dir.display()))?;
            // `create_new`: of two processes that start at the same moment one makes the secret, both use it.
            let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            if let Ok(mut file) = opened {
                file.write_all(random_text(48).as_bytes())
                    .with_context(|| format!("the file {} cannot be written", path.display()))?;
            }
        }
        Ok(Secret(kept()?.trim().to_owned()))
    }

    /// A secret for tests.
    pub fn fixed(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    /// 64 bytes for the use that `purpose` names.
    pub fn derive(&self, purpose: &str) -> [u8; 64] {
        let mut hasher = Sha512::new();
        hasher.update(purpose.as_bytes());
        hasher.update([0]);
        hasher.update(self.0.as_bytes());
        hasher.finalize().into()
    }

    /// The signature of `text` for the use that `purpose` names.
    pub fn sign(&self, purpose: &str, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac(purpose, text).finalize().into_bytes())
    }

    /// Whether `signature` is that of `text`, in constant time.
    pub fn verifies(&self, purpose: &str, text: &str, signature: &str) -> bool {
        BASE64_URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|signature| self.mac(purpose, text).verify_slice(&signature).is_ok())
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.derive(purpose).into());
        mac.update(text.as_bytes());
        mac
    }
}

/// `bytes` random bytes as URL-safe text.
pub fn random_text(bytes: usize) -> String {
    let mut buffer = vec![0_u8; bytes];
    rand::fill(&mut buffer[..]);
    BASE64_URL_SAFE_NO_PAD.encode(buffer)
}

/// The SHA-256 of a secret that is kept only in this form, in hexadecimal.
pub fn sha256(text: &str) -> String {
    sha256_of(text.as_bytes())
}

/// The SHA-256 of bytes, in hexadecimal.
pub fn sha256_of(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_text_and_purpose_only() {
        let secret = Secret::fixed("s");
        let signature = secret.sign("csrf", "a");
        assert!(secret.verifies("csrf", "a", &signature));
        assert!(!secret.verifies("csrf", "b", &signature));
        assert!(!secret.verifies("flash", "a", &signature));
        assert!(!Secret::fixed("t").verifies("csrf", "a", &signature));
        assert!(!secret.verifies("csrf", "a", "not base64 !"));
        assert!(!secret.verifies("csrf", "a", ""));
    }

    #[test]
    fn the_hash_is_the_well_known_one() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn random_texts_differ() {
        assert_ne!(random_text(32), random_text(32));
        assert_eq!(random_text(32).len(), 43);
    }
}
