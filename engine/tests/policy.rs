//! The role matrix, printed: read the difference of its snapshot as carefully as code.

use mortise_engine::access::{Action, Grant, MATRIX, Rule};
use mortise_engine::model::{KeyScope, Role};
use std::fmt::Write;

const fn tick(grant: Grant) -> &'static str {
    match grant {
        Grant::Yes => "✓",
        Grant::Own => "own",
        Grant::No => "–",
    }
}

#[test]
fn the_matrix_is_the_reviewed_one() {
    let mut table = format!("{:<18}", "");
    for role in Role::ALL.iter().rev() {
        let _ = write!(table, "{:<13}", role.as_str());
    }
    table.push_str("KEY    VISIT");
    for rule in MATRIX {
        let _ = write!(table, "\n{:<18}", rule.action.name());
        for role in Role::ALL.iter().rev() {
            let _ = write!(table, "{:<13}", tick(rule.grant(*role)));
        }
        let _ = write!(table, "{:<7}", rule.key.map_or("–", KeyScope::as_str));
        table.push_str(rule.key.filter(|_| rule.visit).map_or("–", KeyScope::as_str));
    }
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!("policy", lines.join("\n"));
}

#[test]
fn every_action_has_exactly_one_rule() {
    let ruled: Vec<Action> = MATRIX.iter().map(|rule| rule.action).collect();
    assert_eq!(ruled, Action::ALL, "one rule for each action, in the same order");
}

#[test]
fn a_higher_role_may_do_all_that_a_lower_one_may() {
    let rank = |grant| [Grant::No, Grant::Own, Grant::Yes].iter().position(|g| *g == grant);
    for Rule { action, super_admin, admin, user, .. } in MATRIX {
        let falls = rank(*super_admin) >= rank(*admin) && rank(*admin) >= rank(*user);
        assert!(falls, "{}", action.name());
    }
}

#[test]
fn no_key_changes_how_somebody_signs_in() {
    for action in [
        Action::MakeSuperAdmin,
        Action::ManageKeys,
        Action::ManageSignIn,
        Action::ManageAccess,
        Action::ManageBranding,
    ] {
        let rule = MATRIX.iter().find(|rule| rule.action == action).unwrap();
        assert_eq!(rule.key, None, "{}", action.name());
        assert!(!rule.within(Some(KeyScope::Admin)) && rule.within(None));
    }
}

#[test]
fn a_key_for_reading_changes_nothing() {
    let allowed: Vec<_> = MATRIX.iter().filter(|rule| rule.within(Some(KeyScope::Read))).collect();
    assert!(matches!(allowed[..], [rule] if rule.action == Action::ReadAudit));
}
