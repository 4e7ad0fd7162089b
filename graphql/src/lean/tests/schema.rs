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
async fn an_error_below_a_list_keeps_its_path_on_both_paths() {
    for (document, path) in [
        ("{ issues { title hard } }", r#"["issues",3,"hard"]"#),
        ("{ issues { assignee { deputy { hard } } } }", r#"["issues",2,"assignee","deputy","hard"]"#),
        ("{ issues { assignee { issues { hard } } } }", r#"["issues",2,"assignee","issues",1,"hard"]"#),
        ("{ issues { team(first: -1) { name } } }", r#"["issues",0,"team"]"#),
    ] {
        for request in [request(document), request(document).data(Enabled)] {
            let response = schema().execute(request).await;
            let shown = response.errors.first().map(|error| serde_json::to_string(&error.path).unwrap());
            assert_eq!(shown.as_deref(), Some(path), "{document}");
        }
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
