//! The JSON Web Signature, Crypto and Key vectors of Project Wycheproof, through the decoding of foreign tokens.
//!
//! Nothing that the vectors call invalid may be accepted, ever, but for two that are not what their names say. What they
//! call valid and is refused here stands in a file of expectations beside; it rewrites itself when `MORTISE_BLESS` is set.
//! All of it is refused on purpose: keys of one algorithm under headers of another (346, 350), keys of an algorithm that
//! does not exist (347, 351), and characters that are not base64 (372, 373).

use super::*;
use crate::identity::wycheproof::{FILES, groups};
use std::fmt::Write as _;
use std::path::Path;

const EXPECTATIONS: &str = "src/identity/foreign/key_set/wycheproof.txt";

/// Vectors that are called invalid for a padding which they do not have: each is, byte for byte, a good token.
const MISLABELLED: [(&str, u64); 2] =
    [("json_web_signature_test.json", 367), ("json_web_signature_test.json", 370)];

/// What became of a vector: none when it was accepted.
fn refusal(keys: &Value, token: &str) -> Option<String> {
    let set = if keys.get("keys").is_some() { keys.clone() } else { json!({ "keys": [keys] }) };
    match KeySet::read(set.to_string().as_bytes(), Kinds::PublicOrShared) {
        Err(error) => Some(format!("{error:?}")),
        Ok(keys) => keys.decode(token).err().map(|undecoded| format!("{undecoded:?}")),
    }
}

#[test]
fn nothing_invalid_is_accepted_and_what_is_refused_beside_is_as_expected() {
    let mut refused = String::new();
    let mut accepted_wrongly = Vec::new();
    for (file, count) in FILES {
        let Some(groups) = groups(file) else { return };
        let mut seen = 0;
        for group in groups {
            let keys = group.get("public").or_else(|| group.get("private")).unwrap();
            for test in group["tests"].as_array().unwrap() {
                let Some(token) = test["jws"].as_str() else { continue };
                seen += 1;
                let (id, comment) = (test["tcId"].as_u64().unwrap(), test["comment"].as_str().unwrap());
                match (test["result"].as_str().unwrap(), refusal(keys, token)) {
                    ("invalid", None) if MISLABELLED.contains(&(file, id)) => assert!(!token.contains('=')),
                    ("invalid", None) => accepted_wrongly.push(format!("{file} {id} {comment}")),
                    ("valid", Some(why)) => writeln!(refused, "{file} {id} {comment}: {why}").unwrap(),
                    _ => {}
                }
            }
        }
        assert_eq!(seen, count, "{file}");
    }
    assert_eq!(accepted_wrongly, [""; 0]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(EXPECTATIONS);
    if std::env::var_os("MORTISE_BLESS").is_some() {
        std::fs::write(&path, &refused).unwrap();
    }
    assert_eq!(refused, std::fs::read_to_string(&path).unwrap(), "see {EXPECTATIONS}");
}
