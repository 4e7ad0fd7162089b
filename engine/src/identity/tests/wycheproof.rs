//! The JSON Web Signature, Crypto and Key vectors of Project Wycheproof, for the tests of whatever reads tokens.
//!
//! It does not know what is to become of them. Where they are not at hand, it says so.

use crate::identity::test_data;
use serde_json::Value;

/// The files, and how many signed tokens each holds.
pub(super) const FILES: [(&str, usize); 3] = [
    ("json_web_signature_test.json", 401),
    ("json_web_crypto_test.json", 48),
    ("json_web_key_test.json", 26),
];

/// The groups of vectors in a file; none where it is not at hand.
pub(super) fn groups(file: &str) -> Option<Vec<Value>> {
    let path = test_data::folder().join("wycheproof").join(file);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: no data at {}", path.display());
        return None;
    };
    let mut vectors: Value = serde_json::from_slice(&bytes).unwrap();
    Some(vectors["testGroups"].as_array_mut().unwrap().drain(..).collect())
}
