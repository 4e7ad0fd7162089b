//! Documents of mutations: the name and the arguments at hand say the rest.

use serde_json::{Map, Value};

/// What is asked of an issue wherever one comes back.
pub(crate) const ISSUE: &str = "id identifier number title type priority state { name category } resolution
    assignees { name } labels { name } parentId estimate startDate dueDate rank createdAt updatedAt startedAt
    completedAt canceledAt archivedAt deletedAt reopenCount commentCount version";

/// The document of this mutation with just these arguments, given as variables of the same names.
pub(crate) fn document(field: &str, arguments: &Map<String, Value>) -> String {
    let declared: String =
        arguments.keys().map(|name| format!("${name}: {} ", type_of(field, name))).collect();
    let passed: String = arguments.keys().map(|name| format!("{name}: ${name} ")).collect();
    let thing = field.split(|c: char| c.is_ascii_uppercase()).next().unwrap_or_default();
    let thing = match (field, thing) {
        ("issueBatchUpdate", _) => format!("issues {{ {ISSUE} }}"),
        ("memberInvite", _) => "invitation { id email status }".to_owned(),
        (_, "issue" | "approval") => format!("issue {{ {ISSUE} }}"),
        (_, "comment") => {
            "comment { id body parentId editedAt deletedAt version author { name } }".to_owned()
        }
        (_, "team") => "team { id key name archivedAt version }".to_owned(),
        (_, "label") => "label { id name color deletedAt version }".to_owned(),
        (_, "view") => "view { id name shared version }".to_owned(),
        (_, "favorite" | "favorites") => "favorites { id name }".to_owned(),
        (_, "workflow") => "workflow { id name version }".to_owned(),
        (_, "api") => "apiKey { id }".to_owned(),
        (_, "identity") => "identityProvider { id }".to_owned(),
        (_, "member") => "member { id name email role status version }".to_owned(),
        (_, thing) => panic!("nothing is known of the answers about a {thing}"),
    };
    format!(
        "mutation({declared}) {{
            {field}({passed}) {{ {thing} userErrors {{ field code message index }} syncCursor events }}
        }}"
    )
}

fn type_of(field: &str, argument: &str) -> String {
    match argument {
        "input" if field == "issueBatchUpdate" => "IssueUpdateInput!".to_owned(),
        "input" => format!("{}{}Input!", field[..1].to_ascii_uppercase(), &field[1..]),
        "id" | "viewId" => "ID!".to_owned(),
        "ids" | "viewIds" => "[ID!]!".to_owned(),
        "mode" => "BatchMode!".to_owned(),
        "ifVersion" => "Int".to_owned(),
        "idempotencyKey" => "String".to_owned(),
        "password" => "String!".to_owned(),
        "dryRun" | "archived" | "favorite" => "Boolean".to_owned(),
        _ => panic!("{field} takes no {argument}"),
    }
}
