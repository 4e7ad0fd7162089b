//! The same document through both paths: the same data, byte for byte, and the same errors.

use async_graphql::{Response, ServerError, Value};

use super::{
    documents::Documents,
    toy::{Toy, request, schema},
};
use crate::lean::{Enabled, json::write_value, write_response};

/// How many random documents; enough for every pair of features to meet hundreds of times.
const RANDOM_DOCUMENTS: usize = 5_000;

/// Documents that once were, or easily could be, answered wrongly.
const DOCUMENTS: &[&str] = &[
    "{ issues { id title subtitle number score isOdd priority address labels patron } }",
    "{ issues { __typename a: __typename creator { __typename name } } }",
    "{ issues { t: title u: title title } }",
    "{ issues { creator { id } title creator { name } } }",
    "{ issues { watchers { id } watchers { name issues { title } } } }",
    "{ issues { id } issues { title } }",
    "{ issues { creator { id } } issues { creator { name } } }",
    "{ issues { id } ...More } fragment More on Query { issues { title } }",
    "{ page(first: 2) { nodes { id } } page(first: 2) { nodes { title } } }",
    "{ ...More } fragment More on Query { issues { ...I } } fragment I on Issue { title ... on Node { id } ... { number } }",
    "{ nodes { id ... on Issue { creator { name } } ... on Member { deputy { name } } } }",
    "{ nodes { ... on Issue { x: creator { name } } ... on Member { x: deputy { name } } } }",
    "{ issues { ... on Member { name } title } }",
    "query($yes: Boolean!, $no: Boolean!) { issues { title @skip(if: $yes) id @include(if: $yes) ... @include(if: $no) { number } } }",
    "query($yes: Boolean!) { issues { title @skip(if: $yes) } }",
    "query($yes: Boolean!) { issues { parent { title @skip(if: $yes) } } }",
    "query($two: Int!) { issues { times(factor: $two) title } maybe(first: $two) { title } }",
    "query($two: Int) { issues { told(first: $two) { name } a: told(first: 3) { boss { name } } told(first: $two) { id } } }",
    "query($none: Int, $three: Int = 3) { issues { told(first: $none) { name } a: told(first: $three) { id } } }",
    "{ issues { told(first: null) { name } a: told(first: -1) { id } b: told { id } } }",
    "{ issues { told(first: 1) { name } ... on Issue { told(first: 2) { id } } } }",
    "{ issues { slow title times(factor: 3) } }",
    "{ issues { slow slow times(factor: 1) times(factor: 1) } }",
    "{ issues { extra { text } extra { creator { name } } } }",
    "{ issues { extra { text creator { name boss { name } } } } }",
    "{ issues { team(first: 2) { name boss { name } } } }",
    "{ issues { team(first: 2) { name } team(first: 2) { id } } }",
    "{ issues { parent { team(first: 1) { name } } parent { title } } }",
    "{ issues { soft title } }",
    "{ issues { parent { soft } children { soft slow } } }",
    "{ issues { title parent { title hard } } }",
    "{ issues { parent { parent { hard } slow } } }",
    "{ issues { children { hard } } }",
    "{ issues { assignee { hard name } } }",
    "{ issues { hard } }",
    "{ maybe(first: 4) { hard } page(first: 2) { totalCount } }",
    "{ maybe(first: 0) { hard } a: maybe(first: 3) { hard } }",
    "{ issue(number: 1) { title watchers { name } } b: issue(number: 99) { title } }",
    "{ issue(number: 3) { hard } issue(number: 3) { title } }",
    "{ page(first: 3) { edges { cursor node { title slow } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount __typename } }",
    "{ page(first: 0) { edges { cursor } nodes { id } pageInfo { hasNextPage startCursor endCursor } totalCount } }",
    "{ page(first: 9) { nodes { parent { hard } } pageInfo { __typename hasNextPage } } }",
    "{ page(first: 9) { nodes { hard } } }",
    "{ issues { title @shout } a: issues { title } }",
    "{ issues @shout { title creator { name } } }",
    "{ issues { creator { name @shout } } page(first: 1) @shout { nodes { title } } }",
    "{ issues { extra @shout { creator { name } } } }",
];

/// What became of one document.
#[derive(Default)]
struct Seen {
    data: usize,
    bytes: usize,
    errors: usize,
}

#[tokio::test]
async fn hand_written_documents_answer_the_same_on_both_paths() {
    let schema = schema();
    let mut seen = Seen::default();
    for document in DOCUMENTS {
        compare(&schema, document, &mut seen).await;
    }
    assert!(seen.bytes > DOCUMENTS.len() / 2, "only {} of them were lean", seen.bytes);
}

#[tokio::test]
async fn random_documents_answer_the_same_on_both_paths() {
    let schema = schema();
    let mut seen = Seen::default();
    let mut documents = Documents::seeded(0x5eed);
    for _ in 0..RANDOM_DOCUMENTS {
        compare(&schema, &documents.generate(), &mut seen).await;
    }
    // Guards the generator: a test in which nothing is lean proves nothing.
    assert!(seen.data > RANDOM_DOCUMENTS / 2, "only {} gave data", seen.data);
    assert!(seen.bytes > RANDOM_DOCUMENTS / 4, "only {} were lean", seen.bytes);
    assert!(seen.errors > RANDOM_DOCUMENTS / 20, "only {} had errors", seen.errors);
}

async fn compare(schema: &Toy, document: &str, seen: &mut Seen) {
    let stock = schema.execute(request(document)).await;
    let lean = schema.execute(request(document).data(Enabled)).await;
    assert_eq!(data(&lean), data(&stock), "data of {document}");
    assert!(!has_bytes(&stock.data), "without the flag all is stock: {document}");
    // Once a failure has passed a non-null place its siblings may or may not have been heard.
    if stock.errors.iter().any(|error| !error.message.starts_with("soft")) {
        assert!(!lean.errors.is_empty(), "an error got lost: {document}");
    } else {
        assert_eq!(errors(&lean), errors(&stock), "errors of {document}");
    }
    let mut written = Vec::new();
    write_response(&stock, &mut written);
    assert_eq!(text(&written), serde_json::to_string(&stock).unwrap(), "serialised {document}");
    seen.data += usize::from(stock.data != Value::Null);
    seen.bytes += usize::from(has_bytes(&lean.data));
    seen.errors += usize::from(!lean.errors.is_empty());
}

fn data(response: &Response) -> String {
    let mut written = Vec::new();
    write_value(&response.data, &mut written);
    text(&written).to_owned()
}

fn text(written: &[u8]) -> &str {
    std::str::from_utf8(written).unwrap()
}

fn errors(response: &Response) -> Vec<String> {
    let shown = |error: &ServerError| serde_json::to_string(error).unwrap();
    let mut errors: Vec<String> = response.errors.iter().map(shown).collect();
    errors.sort();
    errors
}

fn has_bytes(value: &Value) -> bool {
    match value {
        Value::Binary(_) => true,
        Value::List(items) => items.iter().any(has_bytes),
        Value::Object(members) => members.values().any(has_bytes),
        _ => false,
    }
}
