//! Secrets, used by name. No guest sees one.

use crate::host::wit::Error;
use crate::host::wit::secrets::Digest;
use aws_lc_rs::hmac;
use mortise_engine::PluginRoom;
use mortise_engine::model::Installation;
use zeroize::Zeroizing;

/// Where an engine keeps them in the room.
const SECRET: &[u8] = b"secret/";

/// The names of those that are granted and were entered.
pub(super) fn names(installation: &Installation) -> Vec<String> {
    let granted = |name: &&String| installation.granted.secrets.contains(*name);
    installation.secrets.iter().filter(granted).cloned().collect()
}

/// The value of one, of those that are granted.
///
/// # Errors
///
/// [`Error::Denied`] for one that is not, [`Error::NotFound`] for one that nobody has entered.
pub(crate) async fn key(
    installation: &Installation,
    room: &PluginRoom,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if !installation.granted.secrets.iter().any(|granted| granted == name) {
        let shown: String = name.chars().take(60).collect();
        return Err(Error::Denied(format!("the secret `{shown}` is not granted")));
    }
    let stored = room.get(&[SECRET, name.as_bytes()].concat()).await;
    let stored = stored.map_err(|error| crate::convert::for_guest(&error))?;
    stored.map(Zeroizing::new).ok_or(Error::NotFound)
}

pub(super) fn hmac(key: &[u8], digest: Digest, data: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm(digest), key), data).as_ref().to_vec()
}

/// In constant time.
pub(super) fn verify(key: &[u8], digest: Digest, data: &[u8], tag: &[u8]) -> bool {
    hmac::verify(&hmac::Key::new(algorithm(digest), key), data, tag).is_ok()
}

const fn algorithm(digest: Digest) -> hmac::Algorithm {
    match digest {
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha512 => hmac::HMAC_SHA512,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_others() {
        // RFC 4231, case 2.
        let tag = hmac(b"Jefe", Digest::Sha256, b"what do ya want for nothing?");
        let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(data_encoding::HEXLOWER.encode(&tag), known);
        assert!(verify(b"Jefe", Digest::Sha256, b"what do ya want for nothing?", &tag));
        assert!(!verify(b"Jefe", Digest::Sha256, b"what do ya want for nothing!", &tag));
        assert!(!verify(b"Jefe", Digest::Sha512, b"what do ya want for nothing?", &tag));
    }
}
