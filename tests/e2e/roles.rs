//! Who may do what.

use crate::script::play;

#[test]
fn each_role_may_do_what_the_one_before_may() {
    play(
        r#"
        as nobody  issue show ENG-1                 → UNAUTHENTICATED
        as nobody  issue create ENG "Login fails"   → UNAUTHENTICATED
        as uwe     issue create ENG "Login fails"   → ENG-1 Open
        as uwe     team create OPS "Operations"     → FORBIDDEN
        as uwe     team rename ENG OPS              → FORBIDDEN
        as uwe     label create bug                 → FORBIDDEN
        as uwe     member create ute                → FORBIDDEN
        as uwe     member role una ADMIN            → FORBIDDEN
        as adam    team create OPS "Operations"     → OPS
        as adam    label create bug                 → bug
        as adam    member create ute                → FORBIDDEN
        as adam    member role uwe ADMIN            → FORBIDDEN
        as adam    member role adam SUPER_ADMIN     → FORBIDDEN
        as ana     member create ute                → ute USER
        as ana     member role uwe ADMIN            → uwe ADMIN
        "#,
    );
}

#[test]
fn a_user_deletes_what_is_their_own() {
    play(
        r#"
        as ana     issue create ENG "Of Ana"        → ENG-1 Open
        as uwe     issue create ENG "Of Uwe"        → ENG-2 Open
        as uwe     issue delete ENG-1               → FORBIDDEN
        as una     issue delete ENG-2               → FORBIDDEN
        as uwe     issue delete ENG-2               → ENG-2 Open deleted
        as una     issue restore ENG-2              → FORBIDDEN
        as uwe     issue restore ENG-2              → ENG-2 Open
        as adam    issue delete ENG-2               → ENG-2 Open deleted
        "#,
    );
}

#[test]
fn a_company_always_has_a_super_admin() {
    play(
        r#"
        as ana     member role ana USER             → REJECTED
        as ana     member role adam SUPER_ADMIN     → adam SUPER_ADMIN
        as ana     member role ana USER             → ana USER
        "#,
    );
}
