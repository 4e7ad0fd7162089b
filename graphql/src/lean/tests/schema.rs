//! What a client sees of a table in the schema, and what happens at the edges of a request.

use async_graphql::Value;

use super::toy::{request, schema};
use crate::lean::Enabled;

#[test]
fn a_table_is_an_ordinary_object_in_the_sdl() {
    let sdl = schema().sdl();
    for expected in [
        "An issue.\nWith two lines of description.",
        "assignee: Member\n",
        "watchers: [Member!]!\n",
        "children: [Issue!]\n",
        "labels: [String!]!\n",
        "id: ID!\n",
        "address: Address!\n",
        "team(first: Int!): [Member!]!\n",
        "type Issue implements Node {",
        "type IssueConnection {",
        "edges: [IssueEdge!]!\n",
        "nodes: [Issue!]!\n",
        "pageInfo: PageInfo!\n",
        "totalCount: Int!\n",
        "A title that may be missing.",
    ] {
        assert!(sdl.contains(expected), "{expected:?} is missing in\n{sdl}");
    }
}

#[tokio::test]
async fn the_path_of_an_error_names_the_field_below_the_index() {
    for data in [true, false] {
        let request = request("{ issues { title hard } }");
        let request = if data { request.data(Enabled) } else { request };
        let response = schema().execute(request).await;
        let path = serde_json::to_string(&response.errors[0].path).unwrap();
        assert_eq!(path, r#"["issues",3,"hard"]"#);
    }
}

#[tokio::test]
async fn a_request_without_its_context_is_told_so() {
    let mut bare = request("{ nodes { id } }").data(Enabled);
    bare.data = async_graphql::Data::default();
    let response = schema().execute(bare).await;
    assert_eq!(response.data, Value::Null);
    assert!(response.errors[0].message.contains("does not exist"), "{:?}", response.errors);
}

#[tokio::test]
async fn a_selection_too_large_to_plan_is_left_to_stock() {
    let wide: String = (0..1_100).map(|n| format!("a{n}: title ")).collect();
    let response = schema().execute(request(&format!("{{ issues {{ {wide} }} }}")).data(Enabled)).await;
    let Value::Object(data) = response.data else { panic!("no data") };
    assert!(matches!(data.get("issues"), Some(Value::List(_))));
}
