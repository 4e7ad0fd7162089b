//! Lists written as bytes are the lists that async-graphql would have written.

use super::world::World;
use serde_json::json;

/// Every field of the objects that lists are made of.
const MEMBER: &str = "id name email role status isMe source createdAt updatedAt version";
const LABEL: &str = "id name color description team { key } createdAt updatedAt deletedAt version";
const STATE: &str = "id key name category color position wipLimit isRetired workflowId";
const TRANSITION: &str = "name from { name } to { name } guards { kind roles actors fields timeInState }
    effects { kind priority estimate dueInDays assignTo member { name } label { name } comment } approvals { count roles }";
const TEAM: &str = "id key name description formerKeys createdAt updatedAt archivedAt version
    workflow { id name mode states { name } initialState { name } transitions { from { name } to { name } } version }";

const FACET: &str = "key title color count filterData";
const GROUP: &str =
    "key title color state { name } category member { name } label { name } priority type team { key }
    parent { number } due filterData totalCount sumEstimate";
const VIEW: &str =
    "id name description owner { name } team { key } shared readyMade filterData sort { key order nulls }
    groupBy subGroupBy showEmptyGroups layout columns query isFavorite createdAt updatedAt deletedAt version
    viewerCan { update delete }";

async fn a_world_of_issues() -> World {
    let world = World::new().await;
    let (crash, ui) = (world.label("cra\"sh\n").await, world.label("ui ✓").await);
    let ada = world.ada.principal.member().unwrap().to_string();
    let bob = world.bob.principal.member().unwrap().to_string();
    world
        .issue("Quote \" and \\ and \u{1F600}", json!({"assigneeIds": [ada, bob], "labelIds": [crash, ui]}))
        .await;
    let long = "x".repeat(5000);
    world.issue("Long", json!({"description": long, "parentId": "ENG-1", "estimate": 5})).await;
    world.issue("Plain", json!({"description": "short", "dueDate": "2026-03-01", "type": "EPIC"})).await;
    for body in ["one", "two \u{2028}", "three"] {
        let document = "mutation($body: String!) { commentCreate(input: {issueId: \"ENG-1\", body: $body}) { success } }";
        world.ask(document, json!({"body": body})).await;
    }
    let related = "mutation { issueRelationCreate(input: {issueId: \"ENG-1\", type: BLOCKS, relatedIssueId: \"ENG-2\"}) { success } }";
    world.ask(related, json!({})).await;
    let view = json!({"name": "Mi\"ne", "filter": {"title": {"contains": "\u{1F600}\""}}, "sort": [{"rank": {}}], "columns": ["a", "b"]});
    world.change("viewCreate(input: $input) { view { id } #", "ViewCreateInput", view).await;
    world
}

#[tokio::test]
async fn every_field_is_written_alike_both_ways() {
    let world = a_world_of_issues().await;
    let issue = format!(
        "id identifier number title type priority team {{ {TEAM} }} state {{ {STATE} }}
         allowedTransitions {{ to {{ {STATE} }} allowed reasons {{ code message }} transition {{ {TRANSITION} }} }}
         approvals {{ to {{ name }} requester {{ name }} requestedAt grants {{ member {{ name }} at }} rule {{ count }} }}
         workflow {{ name }} workflowVersion {{ number status issueCount }} resolution assignee {{ {MEMBER} }} assignees {{ {MEMBER} }}
         creator {{ {MEMBER} }} labels {{ {LABEL} }} parentId estimate startDate dueDate rank createdAt updatedAt
         stateSince triagedAt startedAt completedAt canceledAt archivedAt deletedAt cycleTime leadTime reopenCount commentCount version
         source {{ system id url state }}
         viewerCan {{ update assign transition archive delete restore comment }}"
    );
    let comment = format!(
        "id body author {{ {MEMBER} }} issueId parentId createdAt updatedAt editedAt deletedAt version
         source {{ id }} viewerCan {{ update delete }}"
    );
    for document in [
        format!("{{ issues {{ totalCount nodes {{ {issue} }} pageInfo {{ startCursor hasNextPage }} }} }}"),
        format!("{{ issues {{ edges {{ cursor node {{ {issue} description parent {{ number }} }} }} }} }}"),
        format!("{{ issue(id: \"ENG-1\") {{ {issue} comments {{ totalCount nodes {{ {comment} issue {{ number }} }} }} }} }}"),
        "{ issue(id: \"ENG-1\") { children { nodes { number children { totalCount } } } } }".to_owned(),
        "{ issues { nodes { ...a ... on Node { id } again: title } } } fragment a on Issue { __typename title state { name } }".to_owned(),
        format!("{{ members {{ nodes {{ {MEMBER} }} }} labels {{ nodes {{ {LABEL} }} }} teams {{ nodes {{ {TEAM} }} }} }}"),
        format!("{{ workflowStates {{ edges {{ cursor node {{ {STATE} }} }} }} workflows {{ nodes {{ id }} }} }}"),
        "{ issue(id: \"ENG-1\") { history { nodes { __typename ... on TimelineEvent { seq actor { name } } } pageInfo { endCursor } } } }".to_owned(),
        "{ issue(id: \"ENG-1\") { relations { type issue { number relations { type } } } history { nodes {
            ... on IssueRelationsChangedEvent { addedRelations { type issueId issue { number } } } } } } }".to_owned(),
        format!("{{ issueGroups(groupBy: STATE, subGroupBy: PARENT, emptyGroups: true) {{ totalCount sumEstimate groupCount
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} nodes {{ {GROUP}
            issues {{ nodes {{ {issue} description }} pageInfo {{ hasNextPage endCursor }} }}
            subGroups {{ {GROUP} parent {{ number description }} issues {{ edges {{ cursor node {{ number }} }} }} }} }} }} }}"),
        format!("{{ a: issueGroups(groupBy: LABEL, first: 1) {{ nodes {{ {GROUP} one: issues(first: 1) {{ nodes {{ number }} pageInfo {{ hasNextPage endCursor }} }}
            issues {{ nodes {{ number description }} }} ...more }} }}
            b: issueGroups(groupBy: DUE) {{ nodes {{ {GROUP} }} }} c: issueGroups(groupBy: ASSIGNEE) {{ nodes {{ {GROUP} }} }} }}
            fragment more on IssueGroup {{ none: issues(first: 0) {{ totalCount pageInfo {{ hasNextPage endCursor }} }} issues {{ edges {{ cursor }} }} }}"),
        format!("{{ search(text: \"long\", query: \"sort:number\") {{ hits {{ totalCount nodes {{ issue {{ number }} }} }} }}
            a: search(text: \"one\") {{ indexedThrough facets(by: [STATE, LABEL, TEAM]) {{ by values {{ {FACET} }} }}
            hits {{ edges {{ cursor node {{ score issue {{ {issue} }} snippets {{ field html text commentId comment {{ body }} }} }} }}
            nodes {{ score snippets(chars: 20) {{ html }} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"),
        "{ similarIssues(id: \"ENG-1\") { percent issue { number description } } }".to_owned(),
        "{ parseQuery(text: \"label:\\\"ui ✓\\\" asignee:me\") { query filter sort { key } errors { start end message suggestions } warnings { message } }
            b: parseQuery(text: \"label:x priority>=high sort:-updated\") { query filter sort { key order nulls } errors { start } warnings { start end message suggestions } }
            formatQuery queryCompletions(text: \"label:\", position: 6) { start end insert label detail kind } }".to_owned(),
        format!("{{ views {{ edges {{ cursor node {{ {VIEW} count issues {{ nodes {{ number }} }} }} }} }} favorites {{ id }} }}"),
        "mutation { issueUpdate(id: \"ENG-3\", input: {}) { issue { title labels { name } } success } }".to_owned(),
    ] {
        let (stock, lean) = (world.bytes(&document, json!({}), false).await, world.bytes(&document, json!({}), true).await);
        assert!(stock.starts_with("{\"data\""), "{document}: {stock}");
        assert_eq!(stock, lean, "{document}");
    }
}

#[tokio::test]
async fn an_error_in_a_list_is_the_same_both_ways() {
    let world = a_world_of_issues().await;
    let document = "{ issues { nodes { number comments(first: 0) { totalCount } } } }";
    let (stock, lean) =
        (world.bytes(document, json!({}), false).await, world.bytes(document, json!({}), true).await);
    assert!(stock.contains("INVALID_INPUT"), "{stock}");
    let data = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["data"].clone();
    assert_eq!(data(&stock), data(&lean));
}
