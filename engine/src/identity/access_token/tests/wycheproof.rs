//! The JSON Web Signature, Crypto and Key vectors of Project Wycheproof, shown to our own verification.
//!
//! None of them is signed with Ed25519, the one algorithm we accept: so whatever they hold, valid or not, nothing may
//! be accepted, and nothing may panic.

use super::*;
use crate::identity::wycheproof::{FILES, groups};

/// The compact tokens among a file's vectors, each with its number.
fn vectors(file: &str) -> Option<Vec<(u64, String)>> {
    let groups = groups(file)?;
    let tests = groups.iter().flat_map(|group| group["tests"].as_array().unwrap());
    Some(tests.filter_map(|test| Some((test["tcId"].as_u64()?, test["jws"].as_str()?.to_owned()))).collect())
}

#[test]
fn no_vector_is_accepted_whatever_its_algorithm() {
    let here = Installation::new();
    for (file, count) in FILES {
        let Some(vectors) = vectors(file) else { continue };
        assert_eq!(vectors.len(), count, "{file}");
        for (id, token) in vectors {
            for audience in [Audience::Tenant, Audience::Platform] {
                let outcome = here.tokens.verify(&token, audience, NOW);
                let refused = matches!(
                    outcome,
                    Err(AccessTokenError::WrongAlgorithm
                        | AccessTokenError::Malformed
                        | AccessTokenError::TooLong)
                );
                assert!(refused, "{file} {id}: {outcome:?}");
            }
        }
    }
}

#[test]
fn no_part_of_a_vector_passes_among_our_own_parts() {
    let here = Installation::new();
    let good = here.issue(member());
    for (file, _) in FILES {
        for (id, token) in vectors(file).unwrap_or_default() {
            for (at, theirs) in token.split('.').enumerate().take(3) {
                let mut parts: Vec<_> = good.split('.').collect();
                parts[at] = theirs;
                assert!(here.verify(&parts.join("."), NOW).is_err(), "{file} {id}, part {at}");
            }
        }
    }
}
