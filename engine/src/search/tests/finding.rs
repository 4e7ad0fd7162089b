//! What a query finds.

use super::*;

#[track_caller]
fn check(texts: &[&str], cases: &[(&str, &str)]) {
    let world = World::of(texts);
    for (query, expected) in cases {
        let mut found: Vec<String> = world.find(query).split_whitespace().map(str::to_owned).collect();
        found.sort();
        assert_eq!(found.join(" "), *expected, "{query}");
    }
}

#[test]
fn all_words_must_be_there_each_in_any_text() {
    check(
        &["Login fails | on the phone | seen again", "Login works", "Phone rings | login"],
        &[("login phone", "T-1 T-3"), ("login seen", "T-1"), ("login", "T-1 T-2 T-3"), ("absent login", "")],
    );
}

#[test]
fn words_are_found_in_any_inflection_and_phrases_as_they_are_written() {
    check(
        &["Running tests", "Run the test", "A tested runner"],
        &[
            ("running", "T-1 T-2"),
            ("run", "T-1 T-2"),
            ("\"running\"", "T-1"),
            ("\"running tests\"", "T-1"),
            ("\"tests running\"", ""),
            ("\"run the test\"", "T-2"),
        ],
    );
}

#[test]
fn case_and_accents_do_not_matter() {
    check(
        &["Größe der Tür", "Café résumé", "ЁЛКА"],
        &[
            ("grosse", "T-1"),
            ("TUR", "T-1"),
            ("cafe resume", "T-2"),
            ("\"cafe résume\"", "T-2"),
            ("елка", "T-3"),
        ],
    );
}

#[test]
fn phrases_do_not_cross_from_one_text_to_another() {
    check(
        &["Alpha | beta | gamma | delta epsilon"],
        &[
            ("\"delta epsilon\"", "T-1"),
            ("\"gamma delta\"", ""),
            ("\"alpha beta\"", ""),
            ("alpha epsilon", "T-1"),
        ],
    );
}

#[test]
fn what_is_excluded_is_not_found() {
    check(
        &["Login on mobile", "Login | dark mode", "Login | mode dark", "Other"],
        &[
            ("login -mobile", "T-2 T-3"),
            ("login -\"dark mode\"", "T-1 T-3"),
            ("-login", "T-4"),
            ("login -mob*", "T-2 T-3"),
            ("login -mobiles", "T-2 T-3"),
            ("login -moblie", "T-1 T-2 T-3"),
        ],
    );
}

#[test]
fn a_field_is_searched_alone_when_it_is_named() {
    check(
        &["Crash | later | never", "Later | crash", "Never | x | crash later"],
        &[
            ("title:crash", "T-1"),
            ("description:crash", "T-2"),
            ("comment:crash", "T-3"),
            ("comment:\"crash later\"", "T-3"),
            ("crash -title:crash", "T-2 T-3"),
            ("title:cra*", "T-1"),
            ("title:crahs", "T-1"),
        ],
    );
}

#[test]
fn beginnings_are_found_where_they_are_asked_for() {
    check(
        &["Authentication", "Authorisation", "Author", "Aut"],
        &[("auth*", "T-1 T-2 T-3"), ("author*", "T-2 T-3"), ("authors*", ""), ("zz*", "")],
    );
    let world = World::of(&["Authentication fails", "Author unknown"]);
    assert_eq!(world.find_typing("authe", Typing::LastWord), "T-1");
    assert_eq!(world.find_typing("authe ", Typing::LastWord), "");
    assert_eq!(world.find_typing("T-1", Typing::LastWord), "T-1");
    assert_eq!(world.find_typing("fails authe", Typing::LastWord), "T-1");
    assert_eq!(world.find_typing("\"authentication fai", Typing::LastWord), "T-1");
    assert_eq!(world.find_typing("\"author fai", Typing::LastWord), "");
}

#[test]
fn names_of_programs_are_found_whole_and_in_part() {
    check(
        &[
            "handshake_timeout is ignored",
            "timeout of the handshake",
            "call foo.bar() twice",
            "TLS1.3 only",
            "TLS 1.3 too",
            "useEffect runs in GitHub",
            "sub-issue lost",
        ],
        &[
            ("handshake_timeout", "T-1"),
            ("handshake", "T-1 T-2"),
            ("foo.bar", "T-3"),
            ("bar()", "T-3"),
            ("TLS1.3", "T-4 T-5"),
            ("tls", "T-4 T-5"),
            ("useeffect", "T-6"),
            ("effect github", "T-6"),
            ("sub-issues", "T-7"),
            ("handshake_tim*", "T-1"),
        ],
    );
}

#[test]
fn scripts_without_spaces_are_found_by_any_part() {
    check(
        &["東京タワーの問題", "京都の問題", "로그인이 실패합니다", "เข้าสู่ระบบล้มเหลว"],
        &[
            ("東京", "T-1"),
            ("問題", "T-1 T-2"),
            ("都東", ""),
            ("로그인", "T-3"),
            ("ระบบ", "T-4"),
            ("東", "T-1"),
        ],
    );
}

#[test]
fn typos_are_forgiven_by_the_length_of_the_word() {
    check(
        &["Handshake broken", "Login form", "API key"],
        &[
            ("handshke", "T-1"),
            ("hadnshaek", "T-1"),
            ("hxndshxkx", ""),
            ("logni", "T-2"),
            ("lgoin frm", ""),
            ("apx", ""),
        ],
    );
}

#[test]
fn typos_are_not_sought_where_the_word_is_common() {
    check(
        &["form a", "form b", "form c", "from d", "farm e"],
        &[("form", "T-1 T-2 T-3"), ("farm", "T-1 T-2 T-3 T-5")],
    );
}

#[test]
fn words_that_say_little_need_not_match() {
    check(
        &["The login of users", "Login users", "The"],
        &[
            ("the login of the users", "T-1 T-2"),
            ("the", "T-1 T-3"),
            ("\"the login\"", "T-1"),
            ("-the login", "T-2"),
        ],
    );
}

#[test]
fn a_key_finds_its_issue_and_those_that_mention_it() {
    let mut world = World::of(&["First", "See T-1 for more", "Third"]);
    world.documents[2].keys.push("OLD-7".to_owned());
    let moved = world.documents[2].clone();
    world.write(vec![moved]);
    assert_eq!(world.find("T-1"), "T-1 T-2");
    assert_eq!(world.find("t-1"), "T-1 T-2");
    assert_eq!(world.find("old-7"), "T-3");
    assert_eq!(world.find("T-1 first"), "T-1");
    assert_eq!(world.find("-T-1 see"), "");
}
