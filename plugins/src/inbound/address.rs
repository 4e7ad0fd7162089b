//! The addresses of installations: a token that only this server can make or read, and that tells nobody anything.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use data_encoding::BASE64URL_NOPAD;
use mortise_engine::id::{InstallationId, TenantId};
use mortise_engine::{Error, Result};
use uuid::Uuid;

/// Bytes of a nonce and of a tag.
const NONCE: usize = 12;
const TAG: usize = 16;
/// Bytes of what is sealed: company, installation, and what changes when the address does.
const INSIDE: usize = 16 + 16 + 8;

const CONTEXT: &[u8] = b"mortise plugin address 1";

/// What an address says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) tenant: TenantId,
    pub(super) installation: InstallationId,
    /// Kept with the installation; another one when the address was changed.
    pub(super) salt: [u8; 8],
}

/// Makes and reads addresses.
pub(crate) struct Seal(RandomizedNonceKey);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// With this key.
    ///
    /// # Errors
    ///
    /// `INTERNAL`: none that we know of.
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(Error::internal)
    }

    /// The token of an address: 91 letters, digits, `-` and `_`. Another one each time; all of them are good.
    pub(super) fn token(&self, address: &Address) -> Result<String> {
        let mut bytes = Vec::with_capacity(NONCE + INSIDE + TAG);
        bytes.extend_from_slice(address.tenant.as_bytes());
        bytes.extend_from_slice(address.installation.as_bytes());
        bytes.extend_from_slice(&address.salt);
        let nonce =
            self.0.seal_in_place_append_tag(Aad::from(CONTEXT), &mut bytes).map_err(Error::internal)?;
        Ok(BASE64URL_NOPAD.encode(&[nonce.as_ref().as_slice(), &bytes].concat()))
    }

    /// What a token says; none for one that this server has not made.
    pub(super) fn read(&self, token: &str) -> Option<Address> {
        if token.len() > 200 {
            return None;
        }
        let mut bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk_mut::<NONCE>()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let inside: &[u8] = self.0.open_in_place(nonce, Aad::from(CONTEXT), sealed).ok()?;
        let (tenant, rest) = inside.split_first_chunk::<16>()?;
        let (installation, salt) = rest.split_first_chunk::<16>()?;
        Some(Address {
            tenant: TenantId::from_uuid(Uuid::from_bytes(*tenant)),
            installation: InstallationId::from_uuid(Uuid::from_bytes(*installation)),
            salt: salt.try_into().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_and_no_other_does() {
        let seal = Seal::new(&[7; 32]).unwrap();
        let (tenant, installation) = (TenantId::generate(), InstallationId::generate());
        let address = Address { tenant, installation, salt: *b"12345678" };
        let token = seal.token(&address).unwrap();
        assert_eq!(token.len(), 91);
        assert_eq!(seal.read(&token), Some(address));
        assert_ne!(seal.token(&address).unwrap(), token, "it tells nobody whose it is");
        assert_eq!(Seal::new(&[8; 32]).unwrap().read(&token), None, "of another server");
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'Q' } else { b'A' };
            assert_eq!(seal.read(std::str::from_utf8(&other).unwrap()), None, "{at}");
        }
        for wrong in ["", "a", "ä", &"A".repeat(91), &"A".repeat(10_000)] {
            assert_eq!(seal.read(wrong), None);
        }
    }
}
