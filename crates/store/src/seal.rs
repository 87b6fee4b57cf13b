//! Sealing of secrets with XChaCha20-Poly1305.
//!
//! The 24-byte nonce is random, so that no counter has to be kept. Owner and name are
//! authenticated with the value, so that a sealed value opens only in its own row. An older sealed
//! value put back in the same row is not detected: that needs a counter outside the database.

use chacha20poly1305::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretSlice};

/// The first byte of a sealed value; another algorithm gets another number.
const FORMAT: u8 = 1;
const NONCE_LENGTH: usize = 24;
const CHECK_TEXT: &[u8] = b"patchcord";
const CHECK_PLACE: &[u8] = b"patchcord.check";

/// The place a secret is sealed for.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) owner: &'a str,
    pub(crate) name: &'a str,
}

impl Place<'_> {
    fn associated_data(self) -> Vec<u8> {
        self.data_of(b"patchcord.secret")
    }

    /// Another kind of place, so that a secret cannot be put where a document is and the other way round.
    fn document_data(self) -> Vec<u8> {
        self.data_of(b"patchcord.document")
    }

    /// The owner's length keeps (`ab`, `c`) and (`a`, `bc`) apart.
    fn data_of(self, kind: &[u8]) -> Vec<u8> {
        let mut data = kind.to_vec();
        data.extend_from_slice(&(self.owner.len() as u64).to_le_bytes());
        data.extend_from_slice(self.owner.as_bytes());
        data.extend_from_slice(self.name.as_bytes());
        data
    }
}

/// Nothing can be learnt of why a sealed value did not open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotOpened;

/// Seals and opens with one key, which it forgets when dropped.
pub(crate) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// `None` unless the key has 32 bytes.
    pub(crate) fn new(key: &SecretSlice<u8>) -> Option<Self> {
        XChaCha20Poly1305::new_from_slice(key.expose_secret()).ok().map(Self)
    }

    /// A new key, from the operating system's randomness.
    pub(crate) fn new_key() -> SecretSlice<u8> {
        SecretSlice::from(XChaCha20Poly1305::generate_key(&mut OsRng).to_vec())
    }

    pub(crate) fn seal(&self, place: Place<'_>, value: &str) -> Result<Vec<u8>, NotOpened> {
        self.seal_bytes(&place.associated_data(), value.as_bytes())
    }

    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<String, NotOpened> {
        let bytes = self.open_bytes(&place.associated_data(), sealed)?;
        String::from_utf8(bytes).map_err(|_| NotOpened)
    }

    /// Seals the body of a document: the owner is its collection, the name its key.
    pub(crate) fn seal_document(&self, place: Place<'_>, body: &str) -> Result<Vec<u8>, NotOpened> {
        self.seal_bytes(&place.document_data(), body.as_bytes())
    }

    pub(crate) fn open_document(
        &self,
        place: Place<'_>,
        sealed: &[u8],
    ) -> Result<String, NotOpened> {
        let bytes = self.open_bytes(&place.document_data(), sealed)?;
        String::from_utf8(bytes).map_err(|_| NotOpened)
    }

    /// What is stored with a new database, so that a wrong key is known at once.
    pub(crate) fn check_value(&self) -> Result<Vec<u8>, NotOpened> {
        self.seal_bytes(CHECK_PLACE, CHECK_TEXT)
    }

    /// Whether `sealed` is a check value that was made with this key.
    pub(crate) fn opens_check(&self, sealed: &[u8]) -> bool {
        self.open_bytes(CHECK_PLACE, sealed).is_ok_and(|text| text == CHECK_TEXT)
    }

    fn seal_bytes(&self, aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let cipher_text = self.0.encrypt(&nonce, Payload { msg, aad }).map_err(|_| NotOpened)?;
        let mut sealed = Vec::with_capacity(1 + NONCE_LENGTH + cipher_text.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&cipher_text);
        Ok(sealed)
    }

    fn open_bytes(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let Some((&FORMAT, rest)) = sealed.split_first() else {
            return Err(NotOpened);
        };
        let (nonce, msg) = rest.split_at_checked(NONCE_LENGTH).ok_or(NotOpened)?;
        self.0.decrypt(XNonce::from_slice(nonce), Payload { msg, aad }).map_err(|_| NotOpened)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(&Sealer::new_key()).unwrap()
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for length in [0, 31, 33] {
            assert!(Sealer::new(&SecretSlice::from(vec![7; length])).is_none());
        }
    }

    #[test]
    fn the_border_between_owner_and_name_is_authenticated() {
        let sealer = sealer();
        let sealed = sealer.seal(Place { owner: "ab", name: "c" }, "value").unwrap();
        assert_eq!(sealer.open(Place { owner: "a", name: "bc" }, &sealed), Err(NotOpened));
    }

    #[test]
    fn the_check_value_opens_with_its_own_key_only() {
        let check = sealer().check_value().unwrap();
        assert!(!sealer().opens_check(&check));
        let own = sealer();
        assert!(own.opens_check(&own.check_value().unwrap()));
    }

    #[test]
    fn a_secret_is_no_document() {
        let sealer = sealer();
        let place = Place { owner: "a", name: "b" };
        let sealed = sealer.seal_document(place, "value").unwrap();
        assert_eq!(sealer.open_document(place, &sealed), Ok("value".to_owned()));
        assert_eq!(sealer.open(place, &sealed), Err(NotOpened));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_what_is_altered_does_not(
            owner in ".*", name in ".*", value in ".*", flip in any::<prop::sample::Index>(), bit in 0..8_u32,
        ) {
            let sealer = sealer();
            let place = Place { owner: &owner, name: &name };
            let mut sealed = sealer.seal(place, &value).unwrap();
            prop_assert_eq!(sealer.open(place, &sealed), Ok(value));
            let at = flip.index(sealed.len());
            sealed[at] ^= 1_u8 << bit;
            prop_assert_eq!(sealer.open(place, &sealed), Err(NotOpened));
            prop_assert_eq!(sealer.open(place, &sealed[..at]), Err(NotOpened));
        }
    }
}
