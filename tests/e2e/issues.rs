//! The life of issues and of what is said about them.

use serde_json::json;

use crate::script::{play, play_in};
use crate::world::World;

#[test]
fn an_issue_lives_from_open_to_closed_and_its_dates_follow_its_state() {
    play(
        r#"
        as ana   issue create ENG "Login fails" type=BUG priority=HIGH estimate=3 due=2026-01-31  → ENG-1 Open
        as uwe   issue show ENG-1 title type priority estimate dueDate creator version            → Login fails | BUG | HIGH | 3 | 2026-01-31 | ana | 1
        as uwe   issue show ENG-1 startedAt completedAt resolution                                → - | - | -
        as uwe   issue transition ENG-1 "In Progress"                                             → ENG-1 In Progress
        as uwe   issue show ENG-1 startedAt completedAt resolution                                → set | - | -
        as uwe   issue transition ENG-1 "In Review"                                               → ENG-1 In Review
        as uwe   issue transition ENG-1 Closed resolution=DUPLICATE                               → ENG-1 Closed
        as uwe   issue show ENG-1 startedAt completedAt resolution reopenCount version            → set | set | DUPLICATE | 0 | 4
        as ana   issue transition ENG-1 Open                                                      → ENG-1 Open
        as ana   issue show ENG-1 startedAt completedAt resolution reopenCount                    → - | - | - | 1
        "#,
    );
}

#[test]
fn a_resolution_is_for_closed_issues_only() {
    play(
        r#"
        as ana   issue create ENG "Login fails"                               → ENG-1 Open
        as ana   issue update ENG-1 resolution=DONE                           → INVALID_INPUT resolution
        as ana   issue transition ENG-1 "In Progress" resolution=WONT_DO      → INVALID_INPUT resolution
        as ana   issue transition ENG-1 Closed                                → ENG-1 Closed
        as ana   issue show ENG-1 resolution                                  → DONE
        as ana   issue update ENG-1 resolution=CANNOT_REPRODUCE               → ENG-1 Closed
        as ana   issue show ENG-1 resolution                                  → CANNOT_REPRODUCE
        "#,
    );
}

#[test]
fn a_change_of_nothing_writes_nothing_and_null_takes_a_value_away() {
    play(
        r#"
        as ana   issue create ENG "Login fails" estimate=3 description="Since Monday"   → ENG-1 Open
        as ana   issue update ENG-1 estimate=3 title="Login fails"                      → ENG-1 Open
        as ana   issue show ENG-1 version description                                   → 1 | Since Monday
        as ana   issue update ENG-1 estimate=null description=null                      → ENG-1 Open
        as ana   issue show ENG-1 version estimate description                          → 2 | - | -
        "#,
    );
}

#[test]
fn people_and_labels_join_and_leave_whoever_else_is_there() {
    play(
        r#"
        as ana   label create bug                                         → bug
        as ana   label create ui                                          → ui
        as ana   issue create ENG "Login fails" assignees=uwe labels=bug  → ENG-1 Open
        as uwe   issue update ENG-1 labels+=ui assignees+=una             → ENG-1 Open
        as una   issue show ENG-1 assignees labels                        → uwe,una | bug,ui
        as una   issue update ENG-1 labels-=bug labels+=ui                → ENG-1 Open
        as una   issue assign ENG-1 assignees-=uwe assignees+=adam        → ENG-1 Open
        as ana   issue show ENG-1 assignees labels version                → una,adam | ui | 4
        as ana   issue assign ENG-1 assignees=                            → ENG-1 Open
        as ana   issue show ENG-1 assignees                               → -
        as ana   issue assign ENG-1 assignees=usr_00000000000000000000000000  → NOT_FOUND assigneeIds
        as ana   label delete ui                                          → ui
        as ana   issue create ENG "Another"                               → ENG-2 Open
        as ana   issue show ENG-1 labels                                  → ui
        "#,
    );
}

#[test]
fn what_was_read_at_another_version_is_a_conflict() {
    play(
        r#"
        as ana   issue create ENG "Login fails"                       → ENG-1 Open
        as ana   issue update ENG-1 title="Login fails often" ifVersion=1   → ENG-1 Open
        as uwe   issue update ENG-1 title="No login" ifVersion=1      → CONFLICT ifVersion
        as uwe   issue transition ENG-1 Closed ifVersion=1            → CONFLICT ifVersion
        as uwe   issue delete ENG-1 ifVersion=1                       → CONFLICT ifVersion
        as uwe   issue show ENG-1 title version                       → Login fails often | 2
        "#,
    );
}

#[test]
fn a_rehearsal_answers_as_the_real_thing_and_writes_nothing() {
    let world = World::new();
    let ana = world.client("ana");
    let head = ana.log_head();
    let team = ana.id_of("teams", "ENG");
    let create = |dry_run: bool| {
        let input = json!({ "teamId": team, "title": "Login fails" });
        ana.change("issueCreate", json!({ "input": input, "dryRun": dry_run }))
    };
    let rehearsed = create(true);
    assert_eq!(rehearsed.payload()["issue"]["identifier"], "ENG-1");
    assert_eq!(rehearsed.payload()["events"], json!(["issue.created"]));
    assert_eq!(ana.log_head(), head);
    assert_eq!(create(false).payload()["issue"]["identifier"], "ENG-1");
    assert_eq!(ana.log_head(), head + 1);
    play_in(
        &world,
        r#"
        as ana   issue transition ENG-1 Closed dryRun=true     → ENG-1 Closed
        as ana   issue delete ENG-1 dryRun=true                → ENG-1 Open deleted
        as ana   issue update ENG-1 title="" dryRun=true       → INVALID_INPUT title
        as ana   issue show ENG-1 state version                → Open | 1
        "#,
    );
    assert_eq!(ana.log_head(), head + 1);
}

#[test]
fn an_archived_issue_can_be_found_and_a_deleted_one_only_restored() {
    play(
        r#"
        as ana   issue create ENG "Login fails"          → ENG-1 Open
        as ana   issue create ENG "Logout fails"         → ENG-2 Open
        as uwe   issue archive ENG-1                     → ENG-1 Open archived
        as uwe   issue list                              → ENG-2 of 1
        as uwe   issue list filter={archived:{eq:true}}  → ENG-1 of 1
        as uwe   issue show ENG-1 title                  → Login fails
        as uwe   issue archive ENG-1 archived=false      → ENG-1 Open
        as ana   issue delete ENG-1                      → ENG-1 Open deleted
        as uwe   issue show ENG-1                        → nothing
        as uwe   issue update ENG-1 title="x"            → NOT_FOUND
        as uwe   comment create ENG-1 "anybody?"         → NOT_FOUND issueId
        as uwe   issue list                              → ENG-2 of 1
        as ana   issue create ENG "Reset fails"          → ENG-3 Open
        as ana   issue restore ENG-1                     → ENG-1 Open
        as ana   issue restore ENG-1                     → ENG-1 Open
        as uwe   issue show ENG-1 title                  → Login fails
        "#,
    );
}

#[test]
fn issues_are_parts_of_others_without_circles() {
    play(
        r#"
        as ana   issue create ENG "Sign-in" type=EPIC           → ENG-1 Open
        as ana   issue create ENG "Login fails" parent=ENG-1    → ENG-2 Open
        as ana   issue create ENG "On Mondays" parent=ENG-2     → ENG-3 Open
        as uwe   issue show ENG-2 parent children               → ENG-1 | ENG-3
        as uwe   issue update ENG-1 parent=ENG-3                → INVALID_INPUT parentId
        as uwe   issue update ENG-1 parent=ENG-1                → INVALID_INPUT parentId
        as uwe   issue update ENG-1 parent=ENG-99               → NOT_FOUND parentId
        as uwe   issue update ENG-3 parent=null                 → ENG-3 Open
        as uwe   issue show ENG-2 children                      → -
        "#,
    );
}

#[test]
fn comments_answer_one_another_one_level_deep() {
    play(
        r#"
        as ana   issue create ENG "Login fails"              → ENG-1 Open
        as uwe   comment create ENG-1 "Here too"             → uwe: Here too
        as una   comment create ENG-1 "Since when?" answers=ENG-1#1   → ↳ una: Since when?
        as uwe   comment create ENG-1 "Monday" answers=ENG-1#2        → INVALID_INPUT parentId
        as uwe   comment update ENG-1#1 "Here too, often"    → uwe: Here too, often (edited)
        as una   comment update ENG-1#1 "Nonsense"           → FORBIDDEN
        as ana   comment update ENG-1#1 "Nonsense"           → FORBIDDEN
        as una   comment delete ENG-1#1                      → FORBIDDEN
        as uwe   comment create ENG-1 ""                     → INVALID_INPUT body
        as ana   issue show ENG-1 commentCount               → 2
        as ana   issue comments ENG-1                        → uwe: Here too, often (edited); ↳ una: Since when?
        as adam  comment delete ENG-1#2                      → ↳ una:  (deleted)
        as ana   issue show ENG-1 commentCount               → 1
        as ana   issue comments ENG-1                        → uwe: Here too, often (edited)
        "#,
    );
}

#[test]
fn the_history_tells_everything_that_happened() {
    play(
        r#"
        as ana   label create bug                                       → bug
        as ana   issue create ENG "Login fails"                         → ENG-1 Open
        as uwe   issue update ENG-1 title="No login" labels+=bug        → ENG-1 Open
        as uwe   issue transition ENG-1 "In Progress"                   → ENG-1 In Progress
        as una   comment create ENG-1 "Here too"                        → una: Here too
        as una   comment update ENG-1#1 "Here too, often"               → una: Here too, often (edited)
        as ana   issue assign ENG-1 assignees=uwe                       → ENG-1 In Progress
        as ana   issue delete ENG-1                                     → ENG-1 In Progress deleted
        as ana   issue restore ENG-1                                    → ENG-1 In Progress
        as uwe   issue history ENG-1                                    → ana Created, uwe TitleChanged, uwe LabelsChanged, uwe StateChanged to In Progress, una CommentCreated, una CommentEdited, ana AssigneesChanged, ana Deleted, ana Restored
        "#,
    );
}

#[test]
fn several_issues_change_together_or_each_that_can() {
    play(
        r#"
        as ana   issue create ENG "One"                                          → ENG-1 Open
        as ana   issue create ENG "Two"                                          → ENG-2 Open
        as ana   issue create ENG "Three"                                        → ENG-3 Open
        as uwe   issue batch ENG-1,ENG-9,ENG-3 ATOMIC priority=HIGH              → 1: NOT_FOUND
        as uwe   issue list filter={priority:{eq:HIGH}}                          → of 0
        as uwe   issue batch ENG-1,ENG-9,ENG-3 BEST_EFFORT priority=HIGH         → ENG-1, ENG-3, 1: NOT_FOUND
        as uwe   issue list filter={priority:{eq:HIGH}} sort={number:{order:ASC}}  → ENG-1 ENG-3 of 2
        as uwe   issue batch ENG-1,ENG-2,ENG-3 ATOMIC state=Closed               → ENG-1, ENG-2, ENG-3
        as uwe   issue batch ENG-1,ENG-2,ENG-1 BEST_EFFORT estimate=5            → ENG-1, ENG-2, 2: INVALID_INPUT
        as uwe   issue batch ENG-1,ENG-2 ATOMIC estimate=8 dryRun=true           → ENG-1, ENG-2
        as uwe   issue show ENG-1 state estimate version                         → Closed | 5 | 4
        "#,
    );
}

#[test]
fn a_batch_has_its_limits() {
    let world = World::new();
    let (ana, uwe) = (world.client("ana"), world.client("uwe"));
    let keys = |count: usize| (1..=count).map(|n| format!("ENG-{n}")).collect::<Vec<_>>();
    for n in 1..=51 {
        ana.issue(&format!("Number {n}"));
    }
    let batch = |client: &crate::world::Client, count: usize, mode: &str| {
        let input = json!({ "priority": "LOW" });
        client.change("issueBatchUpdate", json!({ "ids": keys(count), "input": input, "mode": mode }))
    };
    assert_eq!(batch(&ana, 40, "ATOMIC").payload()["issues"].as_array().unwrap().len(), 40);
    assert_eq!(batch(&ana, 41, "ATOMIC").code(), Some("INVALID_INPUT"));
    assert_eq!(batch(&uwe, 51, "BEST_EFFORT").code(), Some("FORBIDDEN"));
    assert_eq!(batch(&ana, 51, "BEST_EFFORT").payload()["issues"].as_array().unwrap().len(), 51);
    assert_eq!(batch(&ana, 501, "BEST_EFFORT").code(), Some("INVALID_INPUT"));
}

#[test]
fn an_issue_is_found_by_every_key_its_team_ever_had() {
    play(
        r#"
        as ana   issue create ENG "Login fails"     → ENG-1 Open
        as ana   team rename ENG CORE               → CORE
        as uwe   issue show ENG-1 title             → Login fails
        as uwe   issue show core-1                  → CORE-1
        as uwe   issue create CORE "Logout fails"   → CORE-2 Open
        as uwe   issue show ENG-2                   → CORE-2
        as ana   team create ENG "Engineers"        → CONFLICT key
        as ana   team create OPS "Operations"       → OPS
        as ana   issue create OPS "Disk full"       → OPS-1 Open
        as ana   issue show OPS-2                   → nothing
        "#,
    );
}
