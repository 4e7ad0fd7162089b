//! Private teams and confidential issues through the API: the answers of outsiders are searched for what they must not tell.

use super::world::World;
use serde_json::{Value, json};

const CANARY: &str = "kanarienvogel";

/// What Bob must not learn: ids, and words.
struct Secrets {
    team: String,
    private: String,
    confidential: String,
    comment: String,
    label: String,
    view: String,
}

async fn a_company_with_secrets() -> (World, Secrets) {
    let world = World::new().await;
    let text = |what: &str| format!("{CANARY} {what}");
    let input = json!({"key": "SEC", "name": text("team"), "private": true});
    let team =
        world.change("teamCreate(input: $input) { team { id private } #", "TeamCreateInput", input).await;
    assert_eq!(team["team"]["private"], true, "{team}");
    let team = team["team"]["id"].as_str().unwrap().to_owned();
    let input = json!({"name": text("label"), "teamId": team});
    let label = world.change("labelCreate(input: $input) { label { id } #", "LabelCreateInput", input).await;
    let input = json!({"name": text("view"), "teamId": team, "shared": true, "query": "team:SEC"});
    let view = world.change("viewCreate(input: $input) { view { id } #", "ViewCreateInput", input).await;
    let private = world.issue(&text("private"), json!({"teamId": team})).await;
    let more = json!({"confidential": true, "description": text("description")});
    let confidential = world.issue(&text("confidential"), more).await;
    let part = json!({"parentId": confidential["id"]});
    let open = world.issue("open to all", part).await;
    let relate = "mutation($open: ID!, $other: ID!) {
        issueRelationCreate(input: {issueId: $open, relatedIssueId: $other, type: BLOCKS}) { success } }";
    world.ask(relate, json!({"open": open["id"], "other": private["id"]})).await;
    let say = "mutation($id: ID!, $body: String!) {
        commentCreate(input: {issueId: $id, body: $body}) { comment { id } } }";
    let said = world.ask(say, json!({"id": confidential["id"], "body": text("comment")})).await;
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let secrets = Secrets {
        team,
        private: id(&private),
        confidential: id(&confidential),
        comment: id(&said["commentCreate"]["comment"]),
        label: id(&label["label"]),
        view: id(&view["view"]),
    };
    (world, secrets)
}

const ISSUE: &str = "fragment issue on Issue {
    id identifier title description parentId confidential
    participants { name } parent { id title } children { totalCount nodes { id title } }
    relations { type issue { id title } } comments { nodes { id body } } labels { id name } team { key name }
    history { totalCount nodes { __typename
        ... on IssueParentChangedEvent { fromParentId toParentId }
        ... on IssueRelationsChangedEvent { addedRelations { issueId issue { title } } }
        ... on IssueConfidentialityChangedEvent { toConfidential toParticipants { name } }
    } } }";

/// Queries that would tell, with the variables below.
const DOCUMENTS: &[&str] = &[
    "query Q($private: ID!, $confidential: ID!) {
        a: issue(id: $private) { ...issue } b: issue(id: $confidential) { ...issue } }",
    "query Q { a: issue(id: \"SEC-1\") { ...issue } b: issue(id: \"ENG-1\") { ...issue } c: issue(id: \"ENG-2\") { ...issue } }",
    "query Q($all: [ID!]!) { nodes(ids: $all) { __typename id ... on Issue { ...issue } ... on Team { name }
        ... on Label { name } ... on Comment { body } ... on SavedView { name } } }",
    "query Q($comment: ID!, $label: ID!, $view: ID!, $team: ID!) {
        comment(id: $comment) { body } label(id: $label) { name } view(id: $view) { name count }
        team(id: $team) { key name issues { totalCount nodes { ...issue } } } byKey: team(id: \"SEC\") { name } }",
    "query Q { teams { totalCount nodes { key name members { member { name } role } } } labels { totalCount nodes { name } }
        views { nodes { name } } issues { totalCount nodes { ...issue } } }",
    "query Q { issueGroups(groupBy: PARENT, subGroupBy: TEAM, emptyGroups: true) { totalCount nodes { key title filterData parent { title }
        issues(first: 9) { totalCount nodes { ...issue } } } } }",
    "query Q { issueGroups(groupBy: TEAM, emptyGroups: true) { totalCount nodes { key title filterData
        issues(first: 9) { totalCount nodes { ...issue } } } } }",
    "query Q { search(text: \"kanarienvogel\") { hits { totalCount nodes { issue { ...issue } snippets { text } } } }
        b: search(text: \"kanarien\", typing: true) { hits { totalCount nodes { issue { ...issue } } } }
        c: search(text: \"SEC-1\") { hits { totalCount nodes { issue { ...issue } } } } }",
    "query Q { similarIssues(title: \"kanarienvogel confidential\") { issue { ...issue } } }",
    "query Q($private: ID!) { issues(filter: {id: {eq: $private}}) { totalCount nodes { ...issue } }
        b: issues(query: \"team:SEC\") { totalCount nodes { ...issue } }
        c: issues(query: \"kanarienvogel\") { totalCount nodes { ...issue } }
        d: issues(query: \"parent:any\") { totalCount nodes { ...issue } } }",
    "query Q { queryCompletions(text: \"team:\") { insert label detail } b: queryCompletions(text: \"label:k\") { insert label }
        parseQuery(text: \"team:SEC label:x\") { query warnings { message suggestions } } }",
];

async fn answers(world: &World, secrets: &Secrets, viewer: &crate::Viewer) -> Vec<(String, String)> {
    let Secrets { team, private, confidential, comment, label, view } = secrets;
    let variables = json!({
        "team": team, "private": private, "confidential": confidential, "comment": comment, "label": label,
        "view": view, "all": [private, confidential, comment, label, team, view],
    });
    let mut answers = Vec::new();
    for document in DOCUMENTS {
        let fragment = if document.contains("...issue") { ISSUE } else { "" };
        let response =
            world.execute(Some(viewer), &format!("{document} {fragment}"), variables.clone()).await;
        let told = serde_json::to_string(&response).unwrap();
        let wrong = ["Unknown", "Validation", "INTERNAL"].iter().any(|word| told.contains(word));
        assert!(!wrong || told.contains("NOT_FOUND"), "{document}: {told}");
        answers.push(((*document).to_owned(), told));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_tells_an_outsider_of_what_is_hidden() {
    let (world, secrets) = a_company_with_secrets().await;
    let Secrets { team, private, confidential, comment, label, view } = &secrets;
    let all = [CANARY, "SEC-", team, private, confidential, comment, label, view];
    let told = answers(&world, &secrets, &world.ada).await;
    for secret in all {
        let tells = told.iter().any(|(_, told)| told.contains(secret));
        assert!(tells, "{secret} is told to nobody: {told:#?}");
    }
    for (document, told) in answers(&world, &secrets, &world.bob).await {
        // A question that is given back is told by who asks.
        let told = told.replace("team:SEC", "");
        for secret in all {
            assert!(!told.contains(secret), "{document} tells {secret}: {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_let_in_sees_and_who_is_not_gets_the_answer_for_nothing() {
    let (world, secrets) = a_company_with_secrets().await;
    let change = "mutation($id: ID!) { issueUpdate(id: $id, input: {title: \"x\"}) {
        success issue { id } userErrors { code message } } }";
    let asked = json!({"id": secrets.private});
    let hidden = world.ask_as(&world.bob, change, asked.clone()).await["issueUpdate"].take();
    let nowhere = mortise_engine::id::IssueId::generate().to_string();
    let missing = world.ask_as(&world.bob, change, json!({"id": nowhere})).await["issueUpdate"].take();
    assert_eq!(
        hidden.to_string().replace(&secrets.private, "ID"),
        missing.to_string().replace(&nowhere, "ID")
    );
    let bob = world.bob.principal.member().unwrap().to_string();
    let join = "mutation($team: ID!, $bob: ID!) { teamMemberSet(id: $team, memberId: $bob, role: LEAD) {
        success team { members { role member { id } } } userErrors { message } } }";
    let joined = world.ask(join, json!({"team": secrets.team, "bob": bob})).await;
    assert_eq!(joined["teamMemberSet"]["team"]["members"][0], json!({"role": "LEAD", "member": {"id": bob}}));
    let changed = world.ask_as(&world.bob, change, asked).await["issueUpdate"].take();
    assert_eq!(changed["issue"]["id"], json!(secrets.private), "{changed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_issue_out_of_their_own_sight_is_answered_without_it() {
    let (world, secrets) = a_company_with_secrets().await;
    let bob = world.bob.principal.member().unwrap().to_string();
    let assign = "mutation($id: ID!, $bob: ID!) { issueAssign(id: $id, input: {addedAssigneeIds: [$bob]}) { success } }";
    let variables = json!({"id": secrets.confidential, "bob": bob});
    world.ask(assign, variables.clone()).await;
    let leave = "mutation($id: ID!, $bob: ID!) { issueAssign(id: $id, input: {removedAssigneeIds: [$bob]}) {
        success issue { title } userErrors { message } } }";
    let left = world.ask_as(&world.bob, leave, variables).await["issueAssign"].take();
    assert_eq!(left, json!({"success": true, "issue": null, "userErrors": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_joins_by_the_link_of_a_letter() {
    let world = World::new().await;
    let input = json!({"email": "ida@example.com", "name": "Ida", "role": "ADMIN"});
    let fields = "memberInvite(input: $input) { invitation { id status role email } #";
    let invited = world.change(fields, "MemberInviteInput", input).await;
    assert_eq!(invited["invitation"]["status"], "OPEN", "{invited}");
    let listed = world.ask("{ invitations { email inviterId } }", json!({})).await;
    assert_eq!(listed["invitations"][0]["email"], "ida@example.com");
    assert_eq!(world.code(Some(&world.bob), "{ invitations { email } }", json!({})).await, "FORBIDDEN");
    let accept = "mutation { invitationAccept(input: {token: \"mot_1\", name: \"Ida\", password: \"a rather long sentence\"}) {
        success } }";
    assert_eq!(world.code(None, accept, json!({})).await, "UNAUTHENTICATED");
    let withdraw = "mutation($id: ID!) { invitationWithdraw(id: $id) { success } }";
    let withdrawn = world.ask(withdraw, json!({"id": invited["invitation"]["id"]})).await;
    assert_eq!(withdrawn["invitationWithdraw"]["success"], true);
}
