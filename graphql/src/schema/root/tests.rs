//! `root.graphql` is the contract of those who run the platform.

use super::{bare, sdl};
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("root.graphql")
}

#[test]
fn the_checked_in_root_schema_is_the_schema() {
    let is = sdl();
    if std::env::var_os("MORTISE_BLESS").is_some() {
        std::fs::write(path(), &is).unwrap();
    }
    let checked_in = std::fs::read_to_string(path()).unwrap_or_default();
    assert!(
        checked_in == is,
        "root.graphql is not the schema any more: read the change with care, then set MORTISE_BLESS=1 and run this test"
    );
}

#[test]
fn nothing_of_a_companys_content_has_a_name_here() {
    let sdl = sdl();
    for word in ["type Issue", "type Comment", "accessToken", "refreshToken", "ApiKeyCreate", "signIn"] {
        assert!(!sdl.contains(word), "{word}");
    }
}

#[tokio::test]
async fn a_request_without_an_operator_is_refused() {
    let answer = bare().finish().execute("{ tenants { totalCount } }").await;
    let code = answer.errors.first().and_then(|error| error.extensions.as_ref()?.get("code").cloned());
    assert_eq!(code, Some("UNAUTHENTICATED".into()), "{answer:?}");
}
