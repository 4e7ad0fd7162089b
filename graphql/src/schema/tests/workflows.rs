//! Workflows of one's own through the API: drafted, published, listed, followed; moves refused with reasons, approved,
//! and seen in the history.

use super::world::World;
use mortise_engine::model::Tier;
use serde_json::{Value, json};

async fn default_workflow(world: &World) -> String {
    let listed = world.ask("{ workflows { nodes { id } } }", json!({})).await;
    listed["workflows"]["nodes"][0]["id"].as_str().unwrap().to_owned()
}

/// Open → Testing → Closed, with rules on the first move.
fn content(rules: &Value) -> Value {
    let mut first = json!({ "name": "Test", "from": "open", "to": "testing" });
    first.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
    json!({
        "initial": "open",
        "states": [
            { "key": "open", "name": "Open", "category": "UNSTARTED" },
            { "key": "testing", "name": "Testing", "category": "STARTED", "color": "#AABBCC", "wipLimit": 3 },
            { "key": "closed", "name": "Closed", "category": "COMPLETED" },
        ],
        "transitions": [first, { "from": "testing", "to": "closed" }, { "to": "open" }],
    })
}

async fn save(world: &World, workflow: &str, input: Value) -> Value {
    let document = "mutation($id: ID!, $input: WorkflowDraftSaveInput!) {
        workflowDraftSave(id: $id, input: $input) { success userErrors { field code message } events
            workflow { draft { id number status version problems { code message state { key } } } } } }";
    world.ask(document, json!({ "id": workflow, "input": input })).await["workflowDraftSave"].take()
}

async fn publish(world: &World, workflow: &str, rules: Value) -> Value {
    let saved = save(world, workflow, content(&rules)).await;
    assert_eq!(saved["success"], true, "{saved}");
    let document = "mutation($id: ID!) { workflowPublish(id: $id) { success userErrors { message } events
        workflow { publishedVersion { id number status publishedBy { name } } draft { id } states { key name color wipLimit isRetired }
            retiredStates { key isRetired } } } }";
    let done = world.ask(document, json!({ "id": workflow })).await["workflowPublish"].take();
    assert_eq!(done["success"], true, "{done}");
    done["workflow"].clone()
}

#[tokio::test]
async fn a_draft_shows_its_problems_is_published_and_listed_as_a_version() {
    let world = World::of_tier(Tier::Premium).await;
    let workflow = default_workflow(&world).await;
    let strict = "mutation($id: ID!) { workflowUpdate(id: $id, input: {mode: STRICT}) { success } }";
    world.ask(strict, json!({ "id": workflow })).await;
    let mut lost = content(&json!({}));
    lost["transitions"].as_array_mut().unwrap().remove(0);
    let saved = save(&world, &workflow, lost).await;
    assert_eq!(saved["events"], json!(["workflow.drafted"]));
    let draft = &saved["workflow"]["draft"];
    assert_eq!((&draft["number"], &draft["status"]), (&json!(2), &json!("DRAFT")));
    let problems: Vec<_> =
        draft["problems"].as_array().unwrap().iter().map(|p| (&p["code"], &p["state"]["key"])).collect();
    let unreachable = json!("UNREACHABLE");
    assert_eq!(
        problems,
        [
            (&unreachable, &json!("testing")),
            (&unreachable, &json!("closed")),
            (&json!("NO_END"), &json!("open"))
        ]
    );
    let refused = "mutation($id: ID!) { workflowPublish(id: $id) { success userErrors { field code } workflow { id } } }";
    let refused = world.ask(refused, json!({ "id": workflow })).await["workflowPublish"].take();
    assert_eq!(refused["userErrors"], json!([{ "field": "states", "code": "INVALID_INPUT" }]));

    let published = publish(&world, &workflow, json!({})).await;
    assert_eq!(published["draft"], Value::Null);
    assert_eq!(published["publishedVersion"]["publishedBy"]["name"], "Ada");
    assert_eq!(
        published["states"][1],
        json!({ "key": "testing", "name": "Testing", "color": "#aabbcc", "wipLimit": 3, "isRetired": false })
    );
    let retired =
        json!([{ "key": "in_progress", "isRetired": true }, { "key": "in_review", "isRetired": true }]);
    assert_eq!(published["retiredStates"], retired);
    let document = "query($id: ID!) { workflow(id: $id) { versions { totalCount nodes { id number status states { name } initialState { key } problems { code } } } } }";
    let versions = world.ask(document, json!({ "id": workflow })).await["workflow"]["versions"].take();
    let numbers: Vec<_> =
        versions["nodes"].as_array().unwrap().iter().map(|v| (&v["number"], &v["status"])).collect();
    assert_eq!(numbers, [(&json!(1), &json!("RETIRED")), (&json!(2), &json!("PUBLISHED"))]);
    assert_eq!(versions["nodes"][0]["states"].as_array().unwrap().len(), 4);
    let document = "query($id: ID!) { workflowVersion(id: $id) { number workflow { name } } node(id: $id) { __typename } }";
    let found = world.ask(document, json!({ "id": versions["nodes"][0]["id"] })).await;
    assert_eq!(
        (&found["workflowVersion"]["number"], &found["node"]["__typename"]),
        (&json!(1), &json!("WorkflowVersion"))
    );
}

#[tokio::test]
async fn a_rehearsed_draft_is_shown_with_its_problems_and_not_kept() {
    let world = World::of_tier(Tier::Premium).await;
    let workflow = default_workflow(&world).await;
    let mut endless = content(&json!({}));
    endless["states"].as_array_mut().unwrap().pop();
    endless["transitions"] = json!([]);
    let document = "mutation($id: ID!, $input: WorkflowDraftSaveInput!) {
        workflowDraftSave(id: $id, input: $input, dryRun: true) { workflow { draft { problems { code } } } } }";
    let rehearsed = world.ask(document, json!({ "id": workflow, "input": endless })).await;
    let problems = &rehearsed["workflowDraftSave"]["workflow"]["draft"]["problems"];
    assert!(problems.as_array().unwrap().contains(&json!({ "code": "NO_COMPLETED" })), "{rehearsed}");
    let after =
        world.ask("query($id: ID!) { workflow(id: $id) { draft { id } } }", json!({ "id": workflow })).await;
    assert_eq!(after["workflow"]["draft"], Value::Null);
}

#[tokio::test]
async fn rules_come_back_as_they_were_said() {
    let world = World::of_tier(Tier::Premium).await;
    let workflow = default_workflow(&world).await;
    let label = world.label("tested").await;
    let bob = world.bob.principal.member().unwrap().to_string();
    let rules = json!({
        "guards": [
            { "roleIn": ["ADMIN", "USER"] }, { "actorIs": ["CREATOR"] }, { "fieldsSet": ["ESTIMATE", "LABELS"] },
            { "noOpenBlockers": true }, { "noOpenChildren": true }, { "timeInState": "PT1H" },
        ],
        "effects": [
            { "setPriority": "HIGH" }, { "setEstimate": 3 }, { "clearEstimate": true }, { "setDueInDays": 7 },
            { "assignTo": "CREATOR" }, { "assignMemberId": bob }, { "addLabelId": label }, { "comment": "Tested" },
        ],
        "approvals": { "count": 1, "roles": ["ADMIN", "SUPER_ADMIN"] },
    });
    publish(&world, &workflow, rules).await;
    let document = "query($id: ID!) { workflow(id: $id) { transitions { name from { key } to { key }
        guards { kind roles actors fields timeInState } effects { kind priority estimate dueInDays assignTo member { name } label { name } comment }
        approvals { count roles } } } }";
    let listed = world.ask(document, json!({ "id": workflow })).await;
    let first = &listed["workflow"]["transitions"][0];
    assert_eq!(
        (&first["name"], &first["from"]["key"], &first["to"]["key"]),
        (&json!("Test"), &json!("open"), &json!("testing"))
    );
    let kinds = |list: &str| -> Vec<_> {
        first[list].as_array().unwrap().iter().map(|rule| rule["kind"].clone()).collect()
    };
    assert_eq!(
        kinds("guards"),
        ["ROLE_IN", "ACTOR_IS", "FIELDS_SET", "NO_OPEN_BLOCKERS", "NO_OPEN_CHILDREN", "TIME_IN_STATE"]
    );
    assert_eq!(first["guards"][0]["roles"], json!(["USER", "ADMIN"]));
    assert_eq!(first["guards"][5]["timeInState"], "PT1H");
    assert_eq!(
        kinds("effects"),
        [
            "SET_PRIORITY",
            "SET_ESTIMATE",
            "SET_ESTIMATE",
            "SET_DUE_DATE",
            "ASSIGN",
            "ASSIGN",
            "ADD_LABEL",
            "COMMENT"
        ]
    );
    assert_eq!(
        (&first["effects"][4]["assignTo"], &first["effects"][5]["member"]["name"]),
        (&json!("CREATOR"), &json!("Bob"))
    );
    assert_eq!(first["approvals"], json!({ "count": 1, "roles": ["ADMIN", "SUPER_ADMIN"] }));
    assert_eq!(listed["workflow"]["transitions"][2]["from"], Value::Null);

    let mut no = content(&json!({ "guards": [{ "noOpenBlockers": false }] }));
    let document = "mutation($id: ID!, $input: WorkflowDraftSaveInput!) { workflowDraftSave(id: $id, input: $input) { success } }";
    let variables = json!({ "id": workflow, "input": no });
    assert_eq!(world.code(Some(&world.ada), document, variables).await, "INVALID_INPUT");
    no = content(&json!({ "guards": [{ "noOpenBlockers": true, "noOpenChildren": true }] }));
    let response = world.execute(Some(&world.ada), document, json!({ "id": workflow, "input": no })).await;
    assert!(!response.errors.is_empty(), "exactly one of the rules is said");
}

#[tokio::test]
async fn moves_are_told_with_reasons_approved_and_seen_in_the_history() {
    let world = World::of_tier(Tier::Platinum).await;
    let workflow = default_workflow(&world).await;
    let rules = json!({
        "guards": [{ "fieldsSet": ["ESTIMATE"] }],
        "approvals": { "count": 1, "roles": ["SUPER_ADMIN"] },
    });
    publish(&world, &workflow, rules).await;
    world.issue("One", json!({})).await;
    let document = "{ issues { nodes { allowedTransitions { to { key } allowed reasons { code message } transition { name } }
        approvals { to { key } requester { name } grants { member { name } } rule { count } } workflow { name } workflowVersion { number } } } }";
    let told = world.ask(document, json!({})).await["issues"]["nodes"][0].take();
    let testing = &told["allowedTransitions"][0];
    assert_eq!(
        (&testing["to"]["key"], &testing["allowed"], &testing["transition"]["name"]),
        (&json!("testing"), &json!(false), &json!("Test"))
    );
    let codes: Vec<_> = testing["reasons"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert_eq!(codes, ["FIELD_MISSING", "APPROVALS"]);
    assert_eq!(
        told["allowedTransitions"][1],
        json!({ "to": { "key": "closed" }, "allowed": true, "reasons": [], "transition": null })
    );
    assert_eq!(
        (&told["workflow"]["name"], &told["workflowVersion"]["number"]),
        (&json!("Default"), &json!(2))
    );

    let state = world.state("Testing").await;
    let ask = async |viewer, mutation: &str| {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let document = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ success events userErrors {{ code message }} }} }}"
        );
        let input = json!({ "input": { "issueId": "ENG-1", "stateId": state } });
        world.ask_as(viewer, &document, input).await[mutation].take()
    };
    assert_eq!(ask(&world.bob, "approvalRequest").await["events"], json!(["approval.requested"]));
    assert_eq!(ask(&world.bob, "approvalGrant").await["userErrors"][0]["code"], "REJECTED");
    assert_eq!(ask(&world.ada, "approvalGrant").await["events"], json!(["approval.granted"]));
    let told = world.ask(document, json!({})).await["issues"]["nodes"][0].take();
    let approval = json!({ "to": { "key": "testing" }, "requester": { "name": "Bob" }, "grants": [{ "member": { "name": "Ada" } }], "rule": { "count": 1 } });
    assert_eq!(told["approvals"], json!([approval]));
    let go = "mutation($state: ID!) { issueUpdate(id: \"ENG-1\", input: {stateId: $state, estimate: 1}) { success issue { state { key } approvals { to { key } } } userErrors { message } } }";
    let done = world.ask_as(&world.bob, go, json!({ "state": state })).await["issueUpdate"].take();
    assert_eq!(done["issue"], json!({ "state": { "key": "testing" }, "approvals": [] }), "{done}");
    let history = "{ issue(id: \"ENG-1\") { history { nodes { __typename ... on IssueApprovalChangedEvent {
        approvalState { key } fromApproval { grants { member { name } } } toApproval { requester { name } } } } } } }";
    let history = world.ask(history, json!({})).await["issue"]["history"]["nodes"].take();
    let approvals: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["__typename"] == "IssueApprovalChangedEvent")
        .collect();
    assert_eq!(approvals.len(), 3);
    assert_eq!((&approvals[0]["toApproval"], &approvals[2]["fromApproval"]), (&Value::Null, &Value::Null));
    assert_eq!(ask(&world.ada, "approvalWithdraw").await["userErrors"][0]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn issues_are_moved_to_the_newest_version_and_say_so() {
    let world = World::of_tier(Tier::Premium).await;
    let workflow = default_workflow(&world).await;
    let review = world.state("In Review").await;
    world.issue("One", json!({ "stateId": review })).await;
    publish(&world, &workflow, json!({})).await;
    let document = "query($id: ID!) { workflowMigrationPlan(id: $id) { total states { state { key } count isMissing suggested { key } } }
        workflow(id: $id) { migration { total remaining } versions { nodes { number issueCount } } } }";
    let before = world.ask(document, json!({ "id": workflow })).await;
    let step = json!({ "state": { "key": "in_review" }, "count": 1, "isMissing": true, "suggested": { "key": "testing" } });
    assert_eq!(before["workflowMigrationPlan"], json!({ "total": 1, "states": [step] }));
    assert_eq!(
        before["workflow"]["versions"]["nodes"],
        json!([{ "number": 1, "issueCount": 1 }, { "number": 2, "issueCount": 0 }])
    );
    let numbers =
        "query($id: ID!) { workflow(id: $id) { migration { total } versions { nodes { issueCount } } } }";
    let to_a_user = world.ask_as(&world.bob, numbers, json!({ "id": workflow })).await["workflow"].take();
    assert_eq!(to_a_user["versions"]["nodes"], json!([{ "issueCount": null }, { "issueCount": null }]));
    let migrate =
        "mutation($id: ID!, $input: WorkflowMigrateInput!) { workflowMigrate(id: $id, input: $input) {
        success userErrors { field code } workflow { migration { total startedBy { name } } } } }";
    let refused = world.ask(migrate, json!({ "id": workflow, "input": {} })).await["workflowMigrate"].take();
    assert_eq!(refused["userErrors"], json!([{ "field": "stateMap", "code": "INVALID_INPUT" }]));
    let map = json!([{ "from": review, "to": world.state("Testing").await }]);
    let begun =
        world.ask(migrate, json!({ "id": workflow, "input": { "stateMap": map } })).await["workflowMigrate"]
            .take();
    assert_eq!(begun["workflow"]["migration"], json!({ "total": 1, "startedBy": { "name": "Ada" } }));
    world.engine.migrated(world.tenant, workflow.parse().unwrap()).await.unwrap();
    let history = "{ issue(id: \"ENG-1\") { workflowVersion { number } state { name } history { nodes { __typename
        ... on TimelineEvent { actor { name } } ... on IssueWorkflowChangedEvent { fromWorkflowVersion { number } toWorkflowVersion { number } } } } } }";
    let issue = world.ask(history, json!({})).await["issue"].take();
    assert_eq!(
        (&issue["workflowVersion"]["number"], &issue["state"]["name"]),
        (&json!(2), &json!("Testing"))
    );
    let moved = json!({ "__typename": "IssueWorkflowChangedEvent", "actor": { "name": "Ada" },
        "fromWorkflowVersion": { "number": 1 }, "toWorkflowVersion": { "number": 2 } });
    assert_eq!(issue["history"]["nodes"][0], moved);
    assert_eq!(issue["history"]["nodes"][1]["__typename"], "IssueStateChangedEvent");
    let user = "query($id: ID!) { workflowMigrationPlan(id: $id) { total } }";
    assert_eq!(world.code(Some(&world.bob), user, json!({ "id": workflow })).await, "FORBIDDEN");
}

#[tokio::test]
async fn a_team_and_its_types_follow_workflows_of_their_own() {
    let world = World::of_tier(Tier::Premium).await;
    let create = "mutation($input: WorkflowCreateInput!) { workflowCreate(input: $input) { workflow { id states { id key } } userErrors { field } } }";
    let mut input = content(&json!({}));
    input["name"] = "Bugs".into();
    let bugs = world.ask(create, json!({ "input": input })).await["workflowCreate"]["workflow"].take();
    let update = "mutation($team: ID!, $input: TeamUpdateInput!) { teamUpdate(id: $team, input: $input) {
        team { workflow { name } typeWorkflows { type workflow { name } } states { name } } userErrors { field code } } }";
    let types = json!([{ "type": "BUG", "workflowId": bugs["id"] }]);
    let done = world.ask(update, json!({ "team": world.team, "input": { "typeWorkflows": types } })).await;
    let team = &done["teamUpdate"]["team"];
    assert_eq!(team["typeWorkflows"], json!([{ "type": "BUG", "workflow": { "name": "Bugs" } }]));
    assert_eq!(team["states"].as_array().unwrap().len(), 7);
    let bug = world.issue("Crash", json!({ "type": "BUG" })).await;
    let document = "query($id: ID!) { issue(id: $id) { workflow { name } state { id } } }";
    let followed = world.ask(document, json!({ "id": bug["id"] })).await["issue"].take();
    assert_eq!(
        (&followed["workflow"]["name"], &followed["state"]["id"]),
        (&json!("Bugs"), &bugs["states"][0]["id"])
    );
    let board = "{ issueGroups(groupBy: STATE, emptyGroups: true) { nodes { title totalCount } } }";
    let groups = world.ask(board, json!({})).await["issueGroups"]["nodes"].take();
    assert_eq!(groups.as_array().unwrap().len(), 7, "{groups}");
    let half = json!({ "input": { "name": "Half", "initial": "open" } });
    assert_eq!(world.code(Some(&world.ada), create, half).await, "INVALID_INPUT");
}

#[tokio::test]
async fn what_a_large_workflow_says_counts_for_as_much_as_it_is() {
    let world = World::of_tier(Tier::Premium).await;
    let workflow = default_workflow(&world).await;
    let keys: Vec<String> = (0..15).map(|n| format!("s{n}")).collect();
    let category = |n: usize| if n == 14 { "COMPLETED" } else { "STARTED" };
    let states = keys.iter().enumerate();
    let states: Vec<_> =
        states.map(|(n, key)| json!({ "key": key, "name": key, "category": category(n) })).collect();
    let ends = keys.iter().flat_map(|from| keys.iter().map(move |to| (from, to)));
    let moves: Vec<_> = ends
        .filter(|(from, to)| from != to)
        .take(200)
        .enumerate()
        .map(|(n, (from, to))| {
            let comment = if n < 10 { "x".repeat(4 * 1024) } else { "Moved".to_owned() };
            json!({ "from": from, "to": to, "effects": [{ "comment": comment }] })
        })
        .collect();
    let saved =
        save(&world, &workflow, json!({ "initial": "s0", "states": states, "transitions": moves })).await;
    assert_eq!(saved["success"], true, "{saved}");
    let publish = "mutation($id: ID!) { workflowPublish(id: $id) { success userErrors { message } } }";
    let done = world.ask(publish, json!({ "id": workflow })).await;
    assert_eq!(done["workflowPublish"]["success"], true, "{done}");
    world.issue("One", json!({})).await;
    let times = |times: usize, field: &str| {
        let fields: String = (0..times).map(|n| format!("a{n}: {field} ")).collect();
        format!("{{ issues {{ nodes {{ workflow {{ {fields} }} }} }} }}")
    };
    // A move, its effect and the ten long comments: 440 units.
    let whole = "transitions { effects { comment } }";
    let few = world.ask(&times(40, whole), json!({})).await["issues"]["nodes"].take();
    let last = &few[0]["workflow"]["a39"];
    assert_eq!(last.as_array().unwrap().len(), 200);
    assert_eq!(last[0]["effects"][0]["comment"].as_str().unwrap().len(), 4 * 1024);
    assert_eq!(last[199]["effects"], json!([{ "comment": "Moved" }]));
    assert_eq!(world.code(Some(&world.ada), &times(48, whole), json!({})).await, "TOO_COSTLY");
    let often = "publishedVersion { transitions { to { name } } }";
    assert_eq!(world.code(Some(&world.ada), &times(100, often), json!({})).await, "TOO_COSTLY");
    // One text under sixty names counts sixty times.
    let comments: String = (0..60).map(|n| format!("c{n}: comment ")).collect();
    let comments = times(10, &format!("transitions {{ effects {{ {comments} }} }}"));
    assert_eq!(world.code(Some(&world.ada), &comments, json!({})).await, "TOO_COSTLY");
}

#[tokio::test]
async fn versions_come_in_the_order_in_which_they_were_published() {
    let world = World::of_tier(Tier::Premium).await;
    let create = "mutation($input: WorkflowCreateInput!) { workflowCreate(input: $input) { workflow { id mode } userErrors { message } } }";
    let id = mortise_engine::id::WorkflowId::from_uuid(uuid::Uuid::max()).to_string();
    let mut input = content(&json!({}));
    input["name"] = "Last of all".into();
    input["id"] = json!(id);
    let made = world.ask(create, json!({ "input": input })).await["workflowCreate"].take();
    assert_eq!(made["workflow"], json!({ "id": id, "mode": "STRICT" }), "{made}");
    publish(&world, &id, json!({})).await;
    publish(&world, &id, json!({ "guards": [{ "noOpenBlockers": true }] })).await;
    let page = "query($id: ID!, $after: String) { workflow(id: $id) { versions(first: 2, after: $after) {
        nodes { number } pageInfo { endCursor } } } }";
    let first = world.ask(page, json!({ "id": id })).await["workflow"]["versions"].take();
    assert_eq!(first["nodes"], json!([{ "number": 1 }, { "number": 2 }]));
    let rest = json!({ "id": id, "after": first["pageInfo"]["endCursor"] });
    let rest = world.ask(page, rest).await["workflow"]["versions"].take();
    assert_eq!(rest["nodes"], json!([{ "number": 3 }]));
}

#[tokio::test]
async fn a_draft_is_planned_with_the_states_that_only_it_has() {
    let world = World::of_tier(Tier::Premium).await;
    let workflow = default_workflow(&world).await;
    let review = world.state("In Review").await;
    world.issue("One", json!({ "stateId": review })).await;
    let rules = json!({ "approvals": { "count": 1, "roles": ["ADMIN"] } });
    let saved = save(&world, &workflow, content(&rules)).await;
    let warnings =
        "query($id: ID!) { workflow(id: $id) { draft { problems { code blocks state { name } } } } }";
    let told = world.ask(warnings, json!({ "id": workflow })).await["workflow"]["draft"]["problems"].take();
    let warned = json!([{ "code": "RULES_AVOIDED", "blocks": false, "state": { "name": "Testing" } }]);
    assert_eq!(told, warned, "{saved}");
    let plan = "query($id: ID!) { workflowMigrationPlan(id: $id, draft: true) { total states { count isMissing suggested { name } } } }";
    let plan = world.ask(plan, json!({ "id": workflow })).await["workflowMigrationPlan"].take();
    let step = json!({ "count": 1, "isMissing": true, "suggested": { "name": "Testing" } });
    assert_eq!(plan, json!({ "total": 1, "states": [step] }));
}

#[tokio::test]
async fn a_basic_company_is_told_what_would_lift_the_refusal() {
    let world = World::new().await;
    let create = "mutation { workflowCreate(input: {name: \"Ours\"}) { success workflow { id } userErrors { code message } } }";
    let refused = world.ask(create, json!({})).await["workflowCreate"].take();
    assert_eq!(refused["userErrors"][0]["code"], "ENTITLEMENT_EXCEEDED");
    assert!(refused["userErrors"][0]["message"].as_str().unwrap().contains("PREMIUM"), "{refused}");
}
