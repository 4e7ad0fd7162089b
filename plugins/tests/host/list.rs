//! The 24 ways in which a plugin is expected to do harm, and where each is tried. The list is held against the tests themselves.

use std::path::Path;

/// Where the host alone is tried.
const HOSTILE: &str = "host/hostile.rs";
const HARMFUL: &str = "host/harmful.rs";
const UPLOADS: &str = "host/uploads.rs";

/// A way, and its tests: the file below `plugins/tests`, and words that stand there, the name of a test or of a case in one.
type Way = (&'static str, &'static [(&'static str, &'static str)]);

const WAYS: [Way; 24] = [
    (
        "loops for ever",
        &[(HARMFUL, "\"loops\""), ("service/guards.rs", "one_that_computes_for_ever_is_stopped")],
    ),
    ("calls itself for ever", &[(HARMFUL, "\"calls itself\"")]),
    ("grows its memory", &[(HARMFUL, "\"grows its memory\""), (HARMFUL, "\"begins with too much memory\"")]),
    ("grows its table", &[(HARMFUL, "\"grows its table\"")]),
    (
        "has many memories, tables, instances",
        &[(HOSTILE, "fn too_many_parts_are_unfit"), (HARMFUL, "two large tables")],
    ),
    (
        "has a huge segment of data",
        &[(UPLOADS, "fn it_refuses_what_is_too_much_of_anything"), (UPLOADS, "3 << 20")],
    ),
    ("is a bomb for the compiler", &[("host/bombs.rs", "fn the_worker_is_killed_when_it_takes_too_much")]),
    ("has 50 MB", &[(UPLOADS, "50 << 20")]),
    (
        "is malformed",
        &[(UPLOADS, "fn it_refuses_what_is_no_plugin"), ("host/mutated.rs", "fn mutations_do_no_harm")],
    ),
    ("loops when it starts", &[(HARMFUL, "\"loops when it starts\"")]),
    (
        "traps at every call",
        &[(HARMFUL, "\"traps\""), ("runner/backtests.rs", "fn one_that_fails_at_everything")],
    ),
    ("floods the host with questions", &[(HARMFUL, "\"floods the host with questions\"")]),
    ("floods the log", &[(HARMFUL, "\"floods the log\""), (HOSTILE, "fn a_log_is_cut_at_its_budget")]),
    ("answers with a gigabyte", &[(HARMFUL, "\"answers with a gigabyte that it does not have\"")]),
    ("points beyond its memory", &[(HARMFUL, "\"asks with an address beyond its memory\"")]),
    (
        "lays questions and answers on each other",
        &[(HOSTILE, "fn questions_and_answers_may_lie_on_each_other")],
    ),
    ("says what is no text", &[(HARMFUL, "\"asks in bytes that are no text\"")]),
    ("reads deep JSON", &[(HOSTILE, "fn chance_and_settings_are_bounded")]),
    ("asks while it is being answered", &[(HARMFUL, "\"asks while it is being answered\"")]),
    (
        "sets itself off, or another that sets it off",
        &[
            ("runner/events.rs", "fn a_comment_is_written_once_by_the_plugins_own_member"),
            ("runner/events.rs", "fn two_plugins_that_answer_each_other_are_stopped"),
        ],
    ),
    (
        "names what belongs to others",
        &[
            ("service/isolation.rs", "fn no_argument_leads_into_another_company"),
            ("runner/strangers.rs", "fn no_name_of_theirs_leads_anywhere"),
            ("runner/inbound.rs", "fn an_address_leads_to_its_plugin_and_no_other_does"),
        ],
    ),
    (
        "sends requests inward",
        &[
            ("runner/walls.rs", "fn no_address_leads_inward_not_even_by_a_name_that_is_granted"),
            ("runner/walls.rs", "fn a_redirect_is_an_answer_and_no_way_in"),
            ("runner/walls.rs", "fn no_manifest_asks_for_an_address"),
            ("../../outbound/src/tests.rs", "fn one_private_address_among_others_is_enough_to_refuse_a_name"),
            ("../../outbound/src/tests/trust.rs", "fn a_certificate_for_another_name_is_refused"),
        ],
    ),
    (
        "carries secrets away",
        &[
            ("runner/secrets.rs", "fn it_leaves_towards_granted_hosts_alone"),
            ("runner/secrets.rs", "fn a_host_that_repeats_it_tells_it_to_nobody"),
            ("service/settings.rs", "fn secrets_are_set_by_name_and_shown_to_nobody"),
            ("../src/outgoing/tests.rs", "fn a_secret_goes_only_where_it_is_bound"),
        ],
    ),
    (
        "waits and holds its place",
        &[
            (HOSTILE, "fn a_guest_that_only_waits_uses_no_cpu_and_is_stopped_by_the_clock"),
            ("host/places.rs", "fn companies_have_places_of_their_own"),
        ],
    ),
];

#[test]
fn each_way_is_tried_where_the_list_says() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (number, (way, places)) in (1..).zip(WAYS) {
        assert!(!places.is_empty(), "{number}, a plugin that {way}, is tried nowhere");
        for (file, words) in places {
            let text = std::fs::read_to_string(tests.join(file)).unwrap();
            assert!(text.contains(words), "{number}, a plugin that {way}: {file} has no `{words}`");
        }
    }
}
