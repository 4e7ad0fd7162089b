//! `schema.graphql` is the contract: programs outside are written against it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::super::sdl;
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema.graphql")
}

#[test]
fn the_checked_in_schema_is_the_schema() {
    let is = sdl();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path(), &is).unwrap();
    }
    let checked_in = std::fs::read_to_string(path()).unwrap_or_default();
    assert!(
        checked_in == is,
        "schema.graphql is not the schema any more: read the change with care, then set UPDATE_SCHEMA=1 and run this test"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    let text = sdl();
    let mut described = false;
    let mut bare = Vec::new();
    let mut in_description = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with("\"\"\"") {
            // A description on one line opens and closes at once.
            let one_line = trimmed.len() > 3 && trimmed.ends_with("\"\"\"");
            in_description = !one_line && !in_description;
            described = true;
        } else if !in_description && !trimmed.is_empty() {
            let closes = trimmed.starts_with('}') || trimmed.starts_with("schema");
            let inside_schema = trimmed == "query: Query" || trimmed == "mutation: Mutation";
            if !described && !closes && !inside_schema && !trimmed.starts_with("directive") {
                bare.push(trimmed.to_owned());
            }
            described = false;
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}
