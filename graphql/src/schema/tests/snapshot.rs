//! `schema.graphql` is the contract: programs outside are written against it.

use super::super::sdl;
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema.graphql")
}

#[test]
fn the_checked_in_schema_is_the_schema() {
    let is = sdl();
    if std::env::var_os("MORTISE_BLESS").is_some() {
        std::fs::write(path(), &is).unwrap();
    }
    let checked_in = std::fs::read_to_string(path()).unwrap_or_default();
    assert!(
        checked_in == is,
        "schema.graphql is not the schema any more: read the change with care, then set MORTISE_BLESS=1 and run this test"
    );
}

/// All types with their fields, arguments and values.
const INTROSPECTION: &str = "{ __schema { types { name description
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description }
    enumValues(includeDeprecated: true) { name description } } } }";

#[tokio::test]
async fn everything_in_the_schema_is_described() {
    let answer = super::super::bare().finish().execute(INTROSPECTION).await.into_result().unwrap();
    let mut bare = Vec::new();
    note_bare(&answer.data.into_json().unwrap(), String::new(), &mut bare);
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

/// Notes what has a name and no description, with the way to it.
fn note_bare(value: &serde_json::Value, path: String, bare: &mut Vec<String>) {
    let name = value.get("name").and_then(serde_json::Value::as_str).unwrap_or_default();
    // What GraphQL itself brings is described by its specification.
    if name.starts_with("__") || name == "ID" {
        return;
    }
    let path = if name.is_empty() { path } else { format!("{path}/{name}") };
    if !name.is_empty() && value.get("description").is_some_and(serde_json::Value::is_null) {
        bare.push(path.clone());
    }
    let parts: Vec<&serde_json::Value> = match value {
        serde_json::Value::Object(members) => members.values().collect(),
        serde_json::Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for part in parts {
        note_bare(part, path.clone(), bare);
    }
}
