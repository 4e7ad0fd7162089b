//! Lists: which issues, in which order, which page.

use serde_json::{Value, json};

use crate::script::play;
use crate::world::{Client, World};

#[test]
fn a_filter_is_a_tree_of_conditions() {
    play(
        r#"
        as ana   label create bug                                                                → bug
        as ana   label create ui                                                                 → ui
        as ana   issue create ENG "Login fails" type=BUG priority=HIGH labels=bug assignees=uwe  → ENG-1 Open
        as ana   issue create ENG "Logout fails" type=BUG labels=bug,ui due=2026-03-01           → ENG-2 Open
        as uwe   issue create ENG "Dark mode" type=FEATURE priority=LOW labels=ui estimate=3     → ENG-3 Open
        as uwe   issue create ENG "Übersicht" type=EPIC estimate=8 due=2026-02-01 assignees=una  → ENG-4 Open
        as ana   issue transition ENG-4 Closed                                                   → ENG-4 Closed
        as ana   team create OPS "Operations"                                                    → OPS
        as ana   issue create OPS "Disk full"                                                    → OPS-1 Open
        as uwe   issue list                                                                      → OPS-1 ENG-4 ENG-3 ENG-2 ENG-1 of 5
        as uwe   issue list filter={team:{key:{eq:'OPS'}}}                                       → OPS-1 of 1
        as uwe   issue list filter={type:{eq:BUG}}                                               → ENG-2 ENG-1 of 2
        as uwe   issue list filter={type:{nin:[BUG,TASK]}}                                       → ENG-4 ENG-3 of 2
        as uwe   issue list filter={state:{name:{eq:'Closed'}}}                                  → ENG-4 of 1
        as uwe   issue list filter={category:{lt:COMPLETED},team:{key:{eq:'ENG'}}}               → ENG-3 ENG-2 ENG-1 of 3
        as uwe   issue list filter={priority:{gte:LOW}}                                          → ENG-3 ENG-1 of 2
        as uwe   issue list filter={assignee:{isMe:{eq:true}}}                                   → ENG-1 of 1
        as uwe   issue list filter={assignee:{null:true}}                                        → OPS-1 ENG-3 ENG-2 of 3
        as uwe   issue list filter={assignee:{name:{in:['uwe','una']}}}                          → ENG-4 ENG-1 of 2
        as uwe   issue list filter={creator:{name:{eq:'uwe'}}}                                   → ENG-4 ENG-3 of 2
        as uwe   issue list filter={labels:{name:{eq:'bug'}}}                                    → ENG-2 ENG-1 of 2
        as uwe   issue list filter={labels:{length:{eq:2}}}                                      → ENG-2 of 1
        as uwe   issue list filter={labels:{none:{name:{eq:'ui'}}}}                              → OPS-1 ENG-4 ENG-1 of 3
        as uwe   issue list filter={estimate:{between:[3,5]}}                                    → ENG-3 of 1
        as uwe   issue list filter={estimate:{null:true}}                                        → OPS-1 ENG-2 ENG-1 of 3
        as uwe   issue list filter={dueDate:{lte:'2026-02-15'}}                                  → ENG-4 of 1
        as uwe   issue list filter={title:{contains:'fails'}}                                    → ENG-2 ENG-1 of 2
        as uwe   issue list filter={title:{startsWithIgnoreCase:'log'}}                          → ENG-2 ENG-1 of 2
        as uwe   issue list filter={title:{eqIgnoreCase:'ubersicht'}}                            → ENG-4 of 1
        as uwe   issue list filter={completedAt:{null:false}}                                    → ENG-4 of 1
        as uwe   issue list filter={createdAt:{gt:'2999-01-01T00:00:00Z'}}                       → of 0
        as uwe   issue list filter={or:[{type:{eq:EPIC}},{priority:{eq:HIGH}}]}                  → ENG-4 ENG-1 of 2
        as uwe   issue list filter={and:[{type:{eq:BUG}},{labels:{name:{eq:'ui'}}}]}             → ENG-2 of 1
        as uwe   issue list filter={not:{type:{eq:BUG}},team:{key:{eq:'ENG'}}}                   → ENG-4 ENG-3 of 2
        as uwe   issue list filter={or:[]}                                                       → of 0
        "#,
    );
}

#[test]
fn an_order_has_steps_and_a_place_for_what_is_missing() {
    play(
        r#"
        as ana   issue create ENG "b" priority=LOW estimate=2                                   → ENG-1 Open
        as ana   issue create ENG "A" priority=HIGH                                             → ENG-2 Open
        as ana   issue create ENG "c" priority=LOW estimate=1                                   → ENG-3 Open
        as ana   issue list sort={number:{order:ASC}}                                           → ENG-1 ENG-2 ENG-3 of 3
        as ana   issue list sort={title:{order:ASC}}                                            → ENG-2 ENG-1 ENG-3 of 3
        as ana   issue list sort=[{priority:{order:DESC}},{number:{order:ASC}}]                 → ENG-2 ENG-1 ENG-3 of 3
        as ana   issue list sort={estimate:{order:ASC,nulls:FIRST}}                             → ENG-2 ENG-3 ENG-1 of 3
        as ana   issue list sort={estimate:{order:DESC,nulls:LAST}}                             → ENG-1 ENG-3 ENG-2 of 3
        as ana   issue update ENG-1 priority=MEDIUM                                             → ENG-1 Open
        as ana   issue list sort={updatedAt:{order:DESC}} first=1                               → ENG-1 of 3
        "#,
    );
}

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $priority: Priority) {
    issues(first: $first, after: $after, last: $last, before: $before,
           filter: { priority: { eq: $priority } }, sort: [{ number: { order: ASC } }]) {
        nodes { number }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
    }
}";

/// The numbers on a page, and the page itself.
fn page(client: &Client, arguments: Value) -> (Vec<u64>, Value) {
    let mut arguments = arguments;
    arguments["priority"] = "LOW".into();
    let answer = client.ask(PAGE, arguments);
    let page = answer.data()["issues"].clone();
    let numbers = page["nodes"].as_array().unwrap().iter().map(|node| node["number"].as_u64().unwrap());
    (numbers.collect(), page)
}

#[test]
fn pages_lead_through_the_whole_list_forwards_and_backwards() {
    let world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    for n in 1..=7 {
        let input = json!({ "teamId": team, "title": format!("Number {n}"), "priority": "LOW" });
        ana.change("issueCreate", json!({ "input": input })).payload();
    }
    let (mut forwards, mut after) = (Vec::new(), Value::Null);
    loop {
        let (numbers, page) = page(&ana, json!({ "first": 3, "after": after }));
        assert_eq!(page["totalCount"], 7);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !forwards.is_empty());
        forwards.push(numbers);
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forwards, [vec![1, 2, 3], vec![4, 5, 6], vec![7]]);

    let (mut backwards, mut before) = (Vec::new(), Value::Null);
    loop {
        let (numbers, page) = page(&ana, json!({ "last": 3, "before": before }));
        backwards.push(numbers);
        before = page["pageInfo"]["startCursor"].clone();
        if page["pageInfo"]["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(backwards, [vec![5, 6, 7], vec![2, 3, 4], vec![1]]);
}

#[test]
fn a_cursor_holds_its_place_while_the_list_changes() {
    let world = World::new();
    let ana = world.client("ana");
    let team = ana.id_of("teams", "ENG");
    for n in 1..=6 {
        let input = json!({ "teamId": team, "title": format!("Number {n}"), "priority": "LOW" });
        ana.change("issueCreate", json!({ "input": input })).payload();
    }
    let (numbers, first) = page(&ana, json!({ "first": 3 }));
    assert_eq!(numbers, [1, 2, 3]);
    for key in ["ENG-1", "ENG-3", "ENG-4"] {
        ana.change("issueDelete", json!({ "id": key })).payload();
    }
    let (numbers, second) = page(&ana, json!({ "first": 3, "after": first["pageInfo"]["endCursor"] }));
    assert_eq!((numbers, &second["totalCount"]), (vec![5, 6], &json!(3)));
}
