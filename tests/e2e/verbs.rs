//! What the verbs of scripts ask of the API, and what comes of it in a few words.
//!
//! Things are named as people name them; an id stands where a name is not known. `name=value` says a field of the input,
//! `name+=a,b` and `name-=a` what joins and leaves; `ifVersion=`, `idempotencyKey=` and `dryRun=` are arguments.

use serde_json::{Map, Value, json};

use crate::world::{Answer, Client};

/// Performs a verb, and says what came of it.
pub(crate) fn perform(client: &Client, verb: &[String]) -> String {
    let words: Vec<&str> = verb.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["issue", "show", key, fields @ ..] => show(client, key, fields),
        ["issue", "history", key] => history(client, key),
        ["issue", "comments", key] => comments(client, key),
        ["issue", "list", rest @ ..] => list(client, rest),
        ["issue", "create", team, title, rest @ ..] => change(
            client,
            "issueCreate",
            rest,
            json!({ "teamId": id(client, "teams", team), "title": title }),
        ),
        ["issue", "transition", key, state, rest @ ..] => {
            let input = json!({ "stateId": id(client, "workflowStates", state) });
            change_thing(client, "issueTransition", key, rest, input)
        }
        ["issue", "batch", keys, rest @ ..] => batch(client, keys, rest),
        ["issue", verb @ ("archive" | "delete" | "restore"), key, rest @ ..] => {
            change_thing(client, &format!("issue{}", capital(verb)), key, rest, Value::Null)
        }
        ["issue", verb @ ("update" | "assign"), key, rest @ ..] => {
            change_thing(client, &format!("issue{}", capital(verb)), key, rest, json!({}))
        }
        ["comment", "create", key, body, rest @ ..] => {
            let issue = client.ask("query($id: ID!) { issue(id: $id) { id } }", json!({ "id": key }));
            let issue = issue.body["data"]["issue"]["id"].as_str().unwrap_or(key).to_owned();
            change(client, "commentCreate", rest, json!({ "issueId": issue, "body": body }))
        }
        ["comment", "update", place, body] => {
            change_thing(client, "commentUpdate", &comment(client, place), &[], json!({ "body": body }))
        }
        ["comment", "delete", place] => {
            change_thing(client, "commentDelete", &comment(client, place), &[], Value::Null)
        }
        ["team", "create", key, name] => {
            change(client, "teamCreate", &[], json!({ "key": key, "name": name }))
        }
        ["team", "rename", key, to] => {
            change_thing(client, "teamUpdate", &id(client, "teams", key), &[], json!({ "key": to }))
        }
        ["label", "create", name] => {
            change(client, "labelCreate", &[], json!({ "name": name, "color": "#d73a4a" }))
        }
        ["label", "delete", name] => {
            change_thing(client, "labelDelete", &id(client, "labels", name), &[], Value::Null)
        }
        ["member", "role", name, role] => {
            change_thing(client, "memberUpdate", &id(client, "members", name), &[], json!({ "role": role }))
        }
        ["member", "create", name] => {
            let email = crate::world::email(name);
            change(client, "memberCreate", &[], json!({ "email": email, "name": name, "role": "USER" }))
        }
        ["viewer"] => {
            in_words(&client.ask("{ viewer { name } }", json!({})), |data| text(&data["viewer"]["name"]))
        }
        _ => panic!("nobody knows how to {}", words.join(" ")),
    }
}

/// The id of a thing in a list, or the name itself where there is none of that name.
fn id(client: &Client, list: &str, name: &str) -> String {
    let field = if list == "teams" { "key" } else { "name" };
    let answer = client.ask(&format!("{{ {list}(first: 250) {{ nodes {{ id {field} }} }} }}"), json!({}));
    let nodes = answer.body["data"][list]["nodes"].as_array().cloned().unwrap_or_default();
    let found = nodes.into_iter().find(|node| node[field] == name);
    found.map_or_else(|| name.to_owned(), |node| text(&node["id"]))
}

fn ids(client: &Client, list: &str, names: &str) -> Value {
    names.split(',').filter(|name| !name.is_empty()).map(|name| id(client, list, name)).collect()
}

/// A mutation that makes something.
fn change(client: &Client, field: &str, words: &[&str], input: Value) -> String {
    let arguments = arguments(client, words, input, Map::new());
    in_words(&client.change(field, arguments), outcome)
}

/// A mutation of something there is.
fn change_thing(client: &Client, field: &str, id: &str, words: &[&str], input: Value) -> String {
    let arguments = arguments(client, words, input, Map::from_iter([("id".to_owned(), id.into())]));
    in_words(&client.change(field, arguments), outcome)
}

fn batch(client: &Client, keys: &str, words: &[&str]) -> String {
    let (mode, words) = words.split_first().unwrap();
    let ids: Vec<&str> = keys.split(',').collect();
    let base = json!({ "ids": ids, "mode": mode }).as_object().unwrap().clone();
    let answer = client.change("issueBatchUpdate", arguments(client, words, json!({}), base));
    let results = |data: &Value| {
        let errors = data["issueBatchUpdate"]["userErrors"].as_array().unwrap();
        let refused = errors.iter().map(|error| format!("{}: {}", error["index"], text(&error["code"])));
        let changed = data["issueBatchUpdate"]["issues"].as_array().unwrap().iter();
        changed.map(|issue| text(&issue["identifier"])).chain(refused).collect::<Vec<_>>().join(", ")
    };
    if answer.body.get("errors").is_some() {
        in_words(&answer, results)
    } else {
        results(&answer.body["data"])
    }
}

/// The arguments: what is said in words, beside what is known already.
fn arguments(client: &Client, words: &[&str], input: Value, base: Map<String, Value>) -> Value {
    let (mut arguments, mut input) = (base, input);
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("what is `{word}`?"));
        let value = |list: &str| ids(client, list, value);
        let plain = word.split_once('=').map_or("", |(_, value)| value);
        let parsed = serde_json::from_str(plain).ok().filter(|value: &Value| !value.is_object());
        let parsed = parsed.unwrap_or_else(|| plain.into());
        let (field, value) = match name {
            "ifVersion" | "idempotencyKey" | "dryRun" | "archived" => {
                arguments.insert(name.to_owned(), parsed);
                continue;
            }
            "state" => ("stateId", id(client, "workflowStates", plain).into()),
            "assignees" => ("assigneeIds", value("members")),
            "assignees+" => ("addedAssigneeIds", value("members")),
            "assignees-" => ("removedAssigneeIds", value("members")),
            "labels" => ("labelIds", value("labels")),
            "labels+" => ("addedLabelIds", value("labels")),
            "labels-" => ("removedLabelIds", value("labels")),
            "parent" => ("parentId", parsed),
            "due" => ("dueDate", parsed),
            "start" => ("startDate", parsed),
            "answers" => ("parentId", comment(client, plain).into()),
            name => (name, parsed),
        };
        input[field] = value;
    }
    if !input.is_null() {
        arguments.insert("input".to_owned(), input);
    }
    arguments.into()
}

/// What came of it: what `say` finds in the data, or the first refusal.
fn in_words(answer: &Answer, say: impl Fn(&Value) -> String) -> String {
    match answer.refusal() {
        Some((code, Value::String(field))) => format!("{} {field}", text(code)),
        Some((code, _)) => text(code),
        None => say(&answer.body["data"]),
    }
}

/// The thing that a mutation answers with, in a few words.
fn outcome(data: &Value) -> String {
    let payload = data.as_object().and_then(|fields| fields.values().next()).unwrap();
    let thing = |name: &str| payload.get(name).filter(|thing| !thing.is_null());
    if let Some(issue) = thing("issue") {
        let gone = if issue["deletedAt"].is_null() { "" } else { " deleted" };
        let put_away = if issue["archivedAt"].is_null() { "" } else { " archived" };
        return format!("{} {}{put_away}{gone}", text(&issue["identifier"]), text(&issue["state"]["name"]));
    }
    if let Some(comment) = thing("comment") {
        return said(comment);
    }
    let named = |name: &str, field: &str| thing(name).map(|thing| text(&thing[field]));
    let member = thing("member").map(|m| format!("{} {}", text(&m["name"]), text(&m["role"])));
    named("team", "key").or(named("label", "name")).or(member).unwrap_or_else(|| "nothing".to_owned())
}

fn show(client: &Client, key: &str, fields: &[&str]) -> String {
    let selected: String = fields
        .iter()
        .map(|field| match *field {
            "state" | "parent" | "creator" => {
                format!("{field} {{ {} }} ", if *field == "parent" { "identifier" } else { "name" })
            }
            "assignees" | "labels" => format!("{field} {{ name }} "),
            "children" => "children { nodes { identifier } } ".to_owned(),
            field => format!("{field} "),
        })
        .collect();
    let document = format!("query($id: ID!) {{ issue(id: $id) {{ identifier {selected} }} }}");
    in_words(&client.ask(&document, json!({ "id": key })), |data| match &data["issue"] {
        Value::Null => "nothing".to_owned(),
        issue if fields.is_empty() => text(&issue["identifier"]),
        issue => fields.iter().map(|field| text(&issue[*field])).collect::<Vec<_>>().join(" | "),
    })
}

/// A list: `filter` and `sort` as GraphQL writes them, or any other argument.
fn list(client: &Client, words: &[&str]) -> String {
    let arguments =
        words.iter().map(|word| word.replacen('=', ": ", 1).replace('\'', "\"")).collect::<Vec<_>>();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    let document = format!("{{ issues{arguments} {{ nodes {{ identifier }} totalCount }} }}");
    in_words(&client.ask(&document, json!({})), |data| {
        let nodes = data["issues"]["nodes"].as_array().unwrap();
        let keys: String = nodes.iter().map(|node| format!("{} ", text(&node["identifier"]))).collect();
        format!("{keys}of {}", data["issues"]["totalCount"])
    })
}

fn comments(client: &Client, key: &str) -> String {
    let document = "query($id: ID!) { issue(id: $id) { comments(first: 250) {
        nodes { id body author { name } parentId editedAt deletedAt } } } }";
    in_words(&client.ask(document, json!({ "id": key })), |data| {
        let nodes = data["issue"]["comments"]["nodes"].as_array().unwrap();
        if nodes.is_empty() {
            "nothing".to_owned()
        } else {
            nodes.iter().map(said).collect::<Vec<_>>().join("; ")
        }
    })
}

/// The id of the comment at a place: `ENG-1#2` is the second on that issue.
fn comment(client: &Client, place: &str) -> String {
    let Some((key, nth)) = place.split_once('#') else { return place.to_owned() };
    let document = "query($id: ID!) { issue(id: $id) { comments(first: 250) { nodes { id } } } }";
    let answer = client.ask(document, json!({ "id": key }));
    let nth: usize = nth.parse().unwrap();
    text(&answer.body["data"]["issue"]["comments"]["nodes"][nth - 1]["id"])
}

fn said(comment: &Value) -> String {
    let mark = |field: &str, mark: &'static str| if comment[field].is_null() { "" } else { mark };
    let (edited, deleted, answer) =
        (mark("editedAt", " (edited)"), mark("deletedAt", " (deleted)"), mark("parentId", "↳ "));
    format!("{answer}{}: {}{edited}{deleted}", text(&comment["author"]["name"]), text(&comment["body"]))
}

/// Everything that happened, the oldest first: who, and the item's type without what all have in common.
fn history(client: &Client, key: &str) -> String {
    let document = "query($id: ID!) { issue(id: $id) { history(first: 250) { nodes {
        __typename ... on TimelineEvent { actor { name } }
        ... on IssueStateChangedEvent { toState { name } }
    } } } }";
    let item = |node: &Value| {
        let kind = text(&node["__typename"]);
        let kind = kind.trim_start_matches("Issue").trim_end_matches("Event");
        let to =
            if node["toState"].is_null() { String::new() } else { format!(" to {}", text(&node["toState"])) };
        format!("{} {kind}{to}", text(&node["actor"]))
    };
    in_words(&client.ask(document, json!({ "id": key })), |data| {
        let nodes = data["issue"]["history"]["nodes"].as_array().unwrap();
        nodes.iter().rev().map(item).collect::<Vec<_>>().join(", ")
    })
}

/// A value for people: names of things, `-` for nothing, `set` for an instant.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.len() == 24 && text.ends_with('Z') => "set".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) if list.is_empty() => "-".to_owned(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(","),
        Value::Object(thing) => {
            let named = ["name", "identifier", "nodes"].into_iter().find_map(|field| thing.get(field));
            named.map_or_else(|| "-".to_owned(), text)
        }
        value => value.to_string(),
    }
}

fn capital(word: &str) -> String {
    format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..])
}
