//! The secret of the installation, and what is derived from it.
//!
//! One secret signs cookies, CSRF tokens and flashes, and seals what is kept but never shown again, such as the keys of
//! robots; each use has a key of its own, so that none can stand in for another.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha512};
use tempfile::NamedTempFile;

use crate::config::SECRET_LEAST;
use crate::types::{Error, Result};

/// Bytes of a nonce: so many that random ones never meet.
const NONCE: usize = 24;

/// The secret. Never printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The given secret, or the one in the data directory, which is made there when absent.
    ///
    /// # Errors
    /// When the file can be neither read nor written, and when what it holds is too short to be a secret.
    pub fn load(given: Option<&str>, data_dir: &Path) -> Result<Secret> {
        if let Some(given) = given {
            return Ok(Secret(given.to_owned()));
        }
        let path = data_dir.join("secret");
        if !path.exists() {
            fs::create_dir_all(data_dir)
                .with_context(|| format!("the directory {} cannot be made", data_dir.display()))?;
            make(data_dir, &path)
                .with_context(|| format!("the file {} cannot be written", path.display()))?;
        }
        let kept = fs::read_to_string(&path)
            .with_context(|| format!("the file {} cannot be read", path.display()))?;
        let kept = kept.trim();
        if kept.len() < SECRET_LEAST {
            let path = path.display();
            return Err(Error::Internal(anyhow::anyhow!(
                "the file {path} holds no usable secret: it must have at least {SECRET_LEAST} characters; restore it, or \
                 delete it to have a new one made, which signs everybody out"
            )));
        }
        Ok(Secret(kept.to_owned()))
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

    /// `text`, to be read only by who holds the secret, and only for the use that `purpose` names. The same text is
    /// sealed differently each time.
    pub fn seal(&self, purpose: &str, text: &str) -> Result<String> {
        let mut nonce = [0_u8; NONCE];
        rand::fill(&mut nonce[..]);
        let sealed = self.cipher(purpose).encrypt(XNonce::from_slice(&nonce), text.as_bytes());
        let sealed = sealed.map_err(|_| anyhow::anyhow!("a text cannot be sealed"))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// The text that was sealed for the use that `purpose` names; `None` for what was sealed by another secret, for
    /// another use, or changed since.
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<String> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let text = self.cipher(purpose).decrypt(XNonce::from_slice(nonce), sealed).ok()?;
        String::from_utf8(text).ok()
    }

    fn cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        let key: [u8; 32] = Sha256::digest(self.derive(&format!("seal {purpose}"))).into();
        XChaCha20Poly1305::new(Key::from_slice(&key))
    }

    fn mac(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.derive(purpose).into());
        mac.update(text.as_bytes());
        mac
    }
}

/// Puts a new secret at `path`, for our own eyes only: whole and on the disk before it has its name. Of two processes
/// that start at the same moment one makes the secret, and both use it.
fn make(data_dir: &Path, path: &Path) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(data_dir)?;
    file.write_all(random_text(48).as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(fault) if fault.error.kind() != io::ErrorKind::AlreadyExists => Err(fault.error),
        _ => File::open(data_dir)?.sync_all(),
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
    in_hexadecimal(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn in_hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_for_its_owner_only() {
        let data = TempDir::new().unwrap();
        let dir = data.path().join("new");
        let made = Secret::load(None, &dir).unwrap();
        assert_eq!(made.0.len(), 64);
        assert_eq!(Secret::load(None, &dir).unwrap().0, made.0);
        assert_eq!(fs::metadata(dir.join("secret")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn who_comes_second_uses_the_secret_of_the_first() {
        let data = TempDir::new().unwrap();
        let path = data.path().join("secret");
        make(data.path(), &path).unwrap();
        let first = fs::read_to_string(&path).unwrap();
        make(data.path(), &path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
    }

    #[test]
    fn a_file_without_a_whole_secret_is_refused_by_its_name() {
        let data = TempDir::new().unwrap();
        let path = data.path().join("secret");
        for text in ["", "\n", "half a secret"] {
            fs::write(&path, text).unwrap();
            let fault = Secret::load(None, data.path()).err().unwrap().to_string();
            assert!(fault.contains(&path.display().to_string()), "{fault}");
        }
    }

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
    fn what_is_sealed_opens_for_its_secret_and_purpose_only() {
        let secret = Secret::fixed("s");
        let sealed = secret.seal("robot", "密钥 SEC123").unwrap();
        assert_eq!(secret.open("robot", &sealed).as_deref(), Some("密钥 SEC123"));
        assert!(!sealed.contains("SEC123"));
        assert_ne!(
            sealed,
            secret.seal("robot", "密钥 SEC123").unwrap(),
            "the same text looks the same twice"
        );
        assert_eq!(secret.open("job", &sealed), None);
        assert_eq!(Secret::fixed("t").open("robot", &sealed), None);
        let mut changed = sealed.clone().into_bytes();
        let last = changed.len() - 2;
        changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
        assert_eq!(secret.open("robot", &String::from_utf8(changed).unwrap()), None);
        for broken in ["", "x", "not base64 !", &sealed[..20]] {
            assert_eq!(secret.open("robot", broken), None, "{broken:?}");
        }
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
