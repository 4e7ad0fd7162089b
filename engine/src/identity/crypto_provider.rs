//! The cryptography behind `jsonwebtoken`, which keeps it in one slot of the process.
//!
//! Left alone, the crate fills that slot from its Cargo features at first use; when the embedding program turns on a
//! second backend, features are united and the first use panics. So the slot is filled here, before the first use, and
//! only when the embedding program has not filled it. This module does not know what is signed.

use jsonwebtoken::crypto::aws_lc;

/// Makes sure that some provider is installed. Never replaces one, never panics; cheap when there is one.
pub(super) fn ensure_installed() {
    // An error means that the embedding program, or an earlier call, was first: theirs stays.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, EncodingKey, crypto, errors::ErrorKind};
    use std::process::Command;

    /// The provider of an embedding program: signs nothing, so that one sees whose is at work.
    static EMBEDDERS: crypto::CryptoProvider = crypto::CryptoProvider {
        signer_factory: |_, _| Err(ErrorKind::Provider("the embedder's".into()).into()),
        verifier_factory: |_, _| Err(ErrorKind::Provider("the embedder's".into()).into()),
        key_utils: crypto::KeyUtils::new_unimplemented(),
    };

    fn sign() -> Result<String, jsonwebtoken::errors::Error> {
        crypto::sign(b"x", &EncodingKey::from_secret(&[7; 32]), Algorithm::HS256)
    }

    #[test]
    fn with_no_provider_installed_ours_is_and_once_is_enough() {
        ensure_installed();
        ensure_installed();
        assert!(EMBEDDERS.install_default().is_err(), "the slot is taken");
        assert!(sign().is_ok());
    }

    /// Set in the process in which the test below runs alone.
    const ALONE: &str = "MORTISE_TEST_CRYPTO_PROVIDER_ALONE";

    /// There is one slot in a process, so this test runs itself again in a process of its own.
    #[test]
    fn the_provider_of_an_embedding_program_stays() {
        if std::env::var_os(ALONE).is_some() {
            assert!(EMBEDDERS.install_default().is_ok());
            ensure_installed();
            assert!(sign().unwrap_err().to_string().contains("the embedder's"));
            return;
        }
        let name = concat!(module_path!(), "::the_provider_of_an_embedding_program_stays");
        let name = name.split_once("::").unwrap().1;
        let alone =
            Command::new(std::env::current_exe().unwrap()).args([name, "--exact"]).env(ALONE, "1").output();
        let alone = alone.unwrap();
        let printed = String::from_utf8_lossy(&alone.stdout);
        assert!(alone.status.success() && printed.contains("1 passed"), "{printed}");
    }
}
