//! Whether an events file means something: its times, its zone, its secrets, and what it expects. It runs nothing.

use anyhow::{Context as _, anyhow, bail, ensure};
use mortise::plugins::manifest::Manifest;
use mortise::plugins::schedule;
use mortise::time::CalendarDate;

use super::super::at::moment;
use super::script::Script;

/// What any call may be stopped for, as the host names it. Some of its names cannot be expected: here nothing is spent by others,
/// and nothing is replayed.
const STOPPED: [&str; 11] = [
    "cpu",
    "wall",
    "memory",
    "stack",
    "table",
    "host_calls",
    "bytes",
    "trap",
    "busy",
    "not_exported",
    "host",
];

/// What a handler may come to that does not end well.
const FAILED: [&str; 2] = ["retry", "permanent"];

/// Looks at what only the whole file or the manifest can tell.
///
/// # Errors
/// Something in it is nothing that can be, by name and with what would be.
pub(super) fn check(script: &Script, manifest: &Manifest) -> anyhow::Result<()> {
    if let Some(zone) = &script.time_zone {
        let known = schedule::zone(zone).is_some();
        ensure!(known, "time-zone: `{zone}` is no time zone: write a name such as `Europe/Vienna`");
    }
    for name in script.secrets.keys() {
        expect_asked_for(name, &manifest.permissions.secrets)?;
    }
    for (at, event) in script.events.iter().enumerate() {
        if let Some(expected) = &event.expect {
            expect_possible(expected, &event.on).with_context(|| format!("event {}", at + 1))?;
        }
    }
    Ok(())
}

/// A moment as a server tells it.
///
/// # Errors
/// The text is none.
pub(super) fn time(name: &str, text: &str) -> anyhow::Result<String> {
    let moment = moment(text).map_err(|why| anyhow!("{name}: {why}"))?;
    Ok(moment.to_string())
}

/// A date as a server tells it.
///
/// # Errors
/// The text is none.
pub(super) fn day(name: &str, text: &str) -> anyhow::Result<String> {
    let day = text.parse::<CalendarDate>().map_err(|why| anyhow!("{name}: {why}"))?;
    Ok(day.to_string())
}

/// A server keeps the secrets of the manifest alone.
fn expect_asked_for(name: &str, asked_for: &[String]) -> anyhow::Result<()> {
    ensure!(!asked_for.is_empty(), "secrets: the manifest asks for none, and so for none called `{name}`");
    let is_one = asked_for.iter().any(|one| one == name);
    ensure!(is_one, "secrets: the manifest asks for no `{name}`, but for {}", asked_for.join(", "));
    Ok(())
}

/// What is expected of a call must be something that it can come to.
fn expect_possible(expected: &str, on: &str) -> anyhow::Result<()> {
    // What is no `on` is told where the event is read.
    let Some(ends) = ends(on) else { return Ok(()) };
    let is_word = ends.iter().chain(&STOPPED).any(|word| *word == expected);
    let takes_status = on == "request";
    if is_word || (takes_status && is_status(expected)) {
        return Ok(());
    }
    let status = if takes_status { "a status such as 200, " } else { "" };
    bail!(
        "`expect`: `{expected}` is nothing that `{on}` comes to: {status}{}; or what stops it: {}",
        ends.join(", "),
        STOPPED.join(", ")
    )
}

/// What a call for this can come to by itself, beside the status of a response; none for what no plugin is called for.
fn ends(on: &str) -> Option<Vec<&'static str>> {
    Some(match on {
        "validate" => vec!["allow", "deny"],
        "amend" => vec!["edits"],
        "next-states" => vec!["next-states"],
        "event" | "schedule" | "lifecycle" => [&["done"][..], &FAILED].concat(),
        "request" => FAILED.to_vec(),
        _ => return None,
    })
}

fn is_status(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|status| (100..=599).contains(&status))
}

#[cfg(test)]
mod tests {
    use super::super::MANIFEST;
    use super::super::script::EventGiven;
    use super::*;

    const SECRETS: &str = "[permissions]\nsecrets = [\"token\", \"signing\"]\n";

    fn refused(script: &Script, manifest: &str) -> Option<String> {
        let manifest = Manifest::parse(manifest.as_bytes()).unwrap();
        check(script, &manifest).err().map(|error| format!("{error:#}"))
    }

    #[test]
    fn a_time_or_a_day_that_there_is_not_is_refused_by_name() {
        assert_eq!(time("now", "2026-01-31T10:00:00+01:00").unwrap(), "2026-01-31T09:00:00.000Z");
        for wrong in ["yesterday", "2026-02-30T09:00:00Z"] {
            let why = time("now", wrong).unwrap_err().to_string();
            assert!(why.starts_with("now: ") && why.contains(wrong) && why.contains("2026-01-31T"), "{why}");
        }
        assert_eq!(day("due-date", "2026-01-31").unwrap(), "2026-01-31");
        assert!(day("due-date", "2026-02-30").unwrap_err().to_string().starts_with("due-date: `2026-02-30`"));
    }

    #[test]
    fn a_zone_that_there_is_not_is_refused() {
        let zone = |zone: &str| {
            let script = Script { time_zone: Some(zone.to_owned()), ..Script::default() };
            refused(&script, MANIFEST)
        };
        assert_eq!(zone("Europe/Vienna"), None);
        let why = zone("Mars/X").unwrap();
        assert!(
            why.contains("time-zone") && why.contains("Mars/X") && why.contains("Europe/Vienna"),
            "{why}"
        );
    }

    #[test]
    fn a_secret_that_the_manifest_does_not_ask_for_is_refused_with_those_that_it_does() {
        let secret = |name: &str, manifest: &str| {
            let secrets = [(name.to_owned(), "x".to_owned())].into();
            refused(&Script { secrets, ..Script::default() }, manifest)
        };
        let asks = [MANIFEST, SECRETS].concat();
        assert_eq!(secret("token", &asks), None);
        assert!(secret("tokn", &asks).unwrap().contains("no `tokn`, but for token, signing"));
        assert!(secret("token", MANIFEST).unwrap().contains("asks for none"));
    }

    #[test]
    fn what_no_call_of_its_kind_comes_to_is_refused_with_what_it_may_come_to() {
        let expected = |on: &str, expected: &str| {
            let expect = Some(expected.to_owned());
            let event = EventGiven { on: on.to_owned(), expect, ..EventGiven::default() };
            refused(&Script { events: vec![event], ..Script::default() }, MANIFEST)
        };
        for (on, possible) in [
            ("validate", "deny"),
            ("amend", "edits"),
            ("next-states", "next-states"),
            ("event", "done"),
            ("schedule", "retry"),
            ("lifecycle", "permanent"),
            ("request", "502"),
            ("request", "retry"),
            ("validate", "cpu"),
        ] {
            assert_eq!(expected(on, possible), None, "{on} {possible}");
        }
        let why = expected("validate", "zzz").unwrap();
        assert!(why.contains("event 1") && why.contains("`zzz`") && why.contains("allow, deny"), "{why}");
        assert!(!why.contains("status"), "{why}");
        assert!(expected("request", "zzz").unwrap().contains("a status such as 200, retry, permanent"));
        for (on, impossible) in [("request", "99"), ("request", "done"), ("event", "200"), ("amend", "deny")]
        {
            assert!(expected(on, impossible).is_some(), "{on} {impossible}");
        }
    }
}
