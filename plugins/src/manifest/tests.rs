use super::*;
use wasm_encoder::{Component, CustomSection, Module, ModuleSection};

/// A manifest with everything in it.
const FULL: &str = r#"
id = "acme.required-fields"
name = "Required fields"
version = "1.2.3"
contract = "1.0"
description = "Asks for what must be there. Says what is missing."
[hooks]
amend = ["create", "update", "transition", "comment"]
validate = ["transition"]
next-states = true
events = ["issue.created", "comment.*"]
inbound = true
lifecycle = true
[permissions]
issues-read = true
issues-write = true
kv = true
random = true
secrets = ["slack-token"]
http = ["Hooks.Slack.com", "*.example.com"]
[[schedules]]
name = "daily"
cron = "0 9 * * 1-5"
zone = "Europe/Vienna"
[[schedules]]
name = "hourly"
cron = "@hourly"
[settings]
type = "object"
required = ["channel"]
[settings.properties.channel]
type = "string"
maxLength = 80
[settings.properties.ratio]
type = "number"
default = 0.5
[limits]
memory-mib = 32
"#;

const SMALL: &str = r#"
id = "acme.small"
name = "Small"
version = "0.1.0"
contract = "1.0"
description = "Little."
[hooks]
validate = ["create"]
"#;

fn full() -> Manifest {
    Manifest::parse(FULL.as_bytes()).unwrap()
}

/// The full manifest with one text in place of another.
fn changed(from: &str, to: &str) -> Result<Manifest, ManifestError> {
    assert!(FULL.contains(from), "{from}");
    Manifest::parse(FULL.replacen(from, to, 1).as_bytes())
}

#[test]
fn a_manifest_says_all_that_it_says() {
    let manifest = full();
    assert_eq!(
        (manifest.id.as_str(), manifest.version.to_string()),
        ("acme.required-fields", "1.2.3".to_owned())
    );
    assert_eq!(manifest.hooks.amend, [Point::Create, Point::Update, Point::Transition, Point::Comment]);
    assert_eq!(manifest.hooks.events, ["issue.created", "comment.*"]);
    let hosts: Vec<String> = manifest.permissions.http.iter().map(HostPattern::to_string).collect();
    assert_eq!(hosts, ["hooks.slack.com", "*.example.com"]);
    let schedules: Vec<_> =
        manifest.schedules.iter().map(|s| (s.name.as_str(), s.cron.to_string(), s.zone.as_deref())).collect();
    assert_eq!(
        schedules,
        [("daily", "0 9 * * 1-5".to_owned(), Some("Europe/Vienna")), ("hourly", "@hourly".to_owned(), None)]
    );
    assert_eq!(manifest.memory_mib, Some(32));
    let schema = manifest.schema().unwrap();
    assert!(schema.check(&serde_json::json!({ "channel": "#a" })).is_ok());
    assert!(schema.check(&serde_json::json!({})).is_err());
    assert_eq!(schema.with_defaults(serde_json::json!({}))["ratio"], 0.5);
}

#[test]
fn most_of_it_may_be_left_out() {
    let manifest = Manifest::parse(SMALL.as_bytes()).unwrap();
    assert_eq!(manifest.permissions, Permissions::default());
    assert_eq!((manifest.settings.clone(), manifest.memory_mib), (None, None));
    let schema = manifest.schema().unwrap();
    assert!(schema.check(&crate::settings::none()).is_ok());
    assert!(schema.check(&serde_json::json!({ "a": 1 })).is_err(), "no settings are no settings");
}

#[test]
fn what_is_no_toml_or_no_field_is_named_by_its_line() {
    for (from, to, line, message) in [
        ("inbound = true", "inbond = true", 12, "unknown field `inbond`"),
        ("inbound = true", "inbound = 1", 12, "invalid type"),
        ("inbound = true", "inbound true", 12, ""),
        ("\"transition\"]", "\"transitions\"]", 9, "unknown variant `transitions`"),
        ("zone = \"Europe/Vienna\"", "when = \"now\"", 24, "unknown field `when`"),
        ("memory-mib = 32", "memory = 32", 38, "unknown field `memory`"),
        ("memory-mib = 32", "memory-mib = -1", 38, "invalid value"),
        ("[limits]", "[extras]", 37, "unknown field `extras`"),
        ("id = \"acme.required-fields\"", "", 1, "missing field `id`"),
        ("kv = true", "kv = true\nkv = true", 18, "duplicate"),
    ] {
        let error = changed(from, to).unwrap_err();
        let ManifestError::Syntax { line: found, message: words } = &error else { panic!("{to}: {error}") };
        assert!(words.contains(message), "{error}");
        assert_eq!(*found, line, "{to}: {error}");
        assert!(!words.contains('\n'));
    }
    let no_text = [SMALL.as_bytes(), b"\xff\xfe"].concat();
    let error = Manifest::parse(&no_text).unwrap_err();
    assert_eq!(error, ManifestError::Syntax { line: 9, message: "this is no UTF-8".to_owned() });
}

#[test]
fn what_a_field_cannot_hold_is_named_with_the_field() {
    for (from, to, field, message) in [
        ("acme.required-fields", "required-fields", "id", "your own first"),
        ("acme.required-fields", "Acme.required-fields", "id", "lower-case"),
        ("acme.required-fields", "acme..fields", "id", "lower-case"),
        ("acme.required-fields", "acme.-fields", "id", "lower-case"),
        ("\"Required fields\"", "\"\"", "name", "1 to 80"),
        ("\"Required fields\"", "\"a\\nb\"", "name", "one line"),
        ("1.2.3", "1.2", "version", "three numbers"),
        ("\"1.0\"", "\"2.0\"", "contract", "this host keeps 1.0"),
        ("[\"transition\"]", "[\"transition\", \"transition\"]", "hooks.validate", "twice"),
        ("\"comment.*\"", "\"comments.*\"", "hooks.events[1]", "no event is called `comments.*`"),
        ("\"comment.*\"", "\"session.revoked\"", "hooks.events[1]", "no event is called"),
        ("\"slack-token\"", "\"Slack Token\"", "permissions.secrets[0]", "a word of"),
        ("*.example.com", "*.com", "permissions.http[1]", "half of the internet"),
        ("*.example.com", "10.0.0.1", "permissions.http[1]", "is an address"),
        ("*.example.com", "hooks.slack.com", "permissions.http", "twice"),
        ("0 9 * * 1-5", "0 9 * *", "schedules[0].cron", "five fields"),
        ("0 9 * * 1-5", "0 0 30 2 *", "schedules[0].cron", "never be due"),
        ("Europe/Vienna", "Europe/Wien", "schedules[0].zone", "no time zone"),
        ("\"hourly\"", "\"daily\"", "schedules", "one name"),
        ("\"hourly\"", "\"\"", "schedules[1].name", "a word of"),
        ("maxLength = 80", "maxlength = 80", "settings.channel", "`maxlength` is not spoken here"),
        ("default = 0.5", "default = inf", "settings", "no infinite"),
        ("default = 0.5", "default = 2026-01-01", "settings", "no times"),
        ("default = 0.5", "default = \"half\"", "settings.ratio", "`default`"),
        ("memory-mib = 32", "memory-mib = 0", "limits.memory-mib", "1 to 512"),
    ] {
        let error = changed(from, to).unwrap_err();
        let ManifestError::Fields(problems) = &error else { panic!("{to}: {error}") };
        assert!(problems.iter().any(|p| p.field == field && p.message.contains(message)), "{to}: {error}");
    }
    let long = "a.".repeat(50) + "bc";
    assert!(changed("acme.required-fields", &long).is_err());
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = SMALL.replace("acme.small", "small").replace("0.1.0", "0").replace("1.0", "9");
    let ManifestError::Fields(problems) = Manifest::parse(text.as_bytes()).unwrap_err() else { panic!() };
    let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["id", "version", "contract"]);
    let nothing = SMALL.replace("validate = [\"create\"]", "");
    assert!(Manifest::parse(nothing.as_bytes()).unwrap_err().to_string().contains("takes part in nothing"));
}

#[test]
fn a_manifest_has_bounds() {
    let long = format!("{SMALL}\n#{}", "x".repeat(MANIFEST_BYTES_MAX));
    assert!(matches!(Manifest::parse(long.as_bytes()), Err(ManifestError::TooLong { .. })));
    let many =
        (0..11).map(|n| format!("[[schedules]]\nname = \"s{n}\"\ncron = \"@daily\"\n")).collect::<String>();
    let error = Manifest::parse(format!("{SMALL}{many}").as_bytes()).unwrap_err();
    assert!(error.to_string().contains("at most 10"), "{error}");
    let deep = format!("{SMALL}[settings]\ndefault = {}{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(Manifest::parse(deep.as_bytes()).is_err());
}

/// A component with a module, custom sections of these names, and a nested component that has a manifest of its own.
fn component(sections: &[(&str, &[u8])]) -> Vec<u8> {
    let mut component = Component::new();
    component.section(&ModuleSection(&Module::new()));
    let mut nested = Component::new();
    nested.section(&CustomSection { name: SECTION.into(), data: b"of another".as_slice().into() });
    component.section(&wasm_encoder::NestedComponentSection(&nested));
    for (name, data) in sections {
        component.section(&CustomSection { name: (*name).into(), data: (*data).into() });
    }
    component.finish()
}

fn is_valid(component: &[u8]) -> bool {
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all()).validate_all(component).is_ok()
}

#[test]
fn what_was_packed_is_found() {
    let bare = component(&[("name", b"x"), ("producers", b"y")]);
    assert_eq!(Manifest::of_component(&bare), Err(ManifestError::Missing), "a nested one is not meant");
    let once = pack(&bare, SMALL).unwrap();
    assert!(once.starts_with(&bare) && is_valid(&once), "nothing else was touched");
    assert_eq!(Manifest::of_component(&once).unwrap().id, "acme.small");
    assert_eq!(Manifest::text_of_component(&once).unwrap(), SMALL.as_bytes());
    let again = pack(&once, FULL).unwrap();
    assert!(is_valid(&again));
    assert_eq!(Manifest::of_component(&again).unwrap(), full());
    assert_eq!(again, pack(&bare, FULL).unwrap(), "it takes the other's place");
    let twice = component(&[(SECTION, SMALL.as_bytes()), (SECTION, SMALL.as_bytes())]);
    assert_eq!(Manifest::of_component(&twice), Err(ManifestError::Twice));
    assert!(Manifest::of_component(&pack(&twice, SMALL).unwrap()).is_ok());
    assert!(pack(&bare, "id = 1").is_err(), "a manifest that cannot be read is not packed");
}

#[test]
fn what_is_no_component_is_refused() {
    let good = pack(&component(&[]), SMALL).unwrap();
    let module = Module::new().finish();
    for bytes in [b"".as_slice(), b"\0asm", b"nonsense and more", &module, b"\0asm\x0d\0\x01\0\0"] {
        assert!(matches!(Manifest::of_component(bytes), Err(ManifestError::NotAComponent(_))), "{bytes:?}");
        assert!(pack(bytes, SMALL).is_err());
    }
    assert!(Manifest::of_component(&module).unwrap_err().to_string().contains("plain module"));
    for end in 0..good.len() {
        assert!(Manifest::of_component(&good[..end]).is_err(), "cut at {end}");
    }
    let endless = [b"\0asm\x0d\0\x01\0\x00\xff\xff\xff\xff\x0f".as_slice(), &[0; 100]].concat();
    assert!(Manifest::of_component(&endless).is_err());
    let many = [b"\0asm\x0d\0\x01\0".to_vec(), [1, 0].repeat(200_000)].concat();
    assert!(Manifest::of_component(&many).unwrap_err().to_string().contains("more sections"));
}

fn names(interfaces: &[&str]) -> Vec<String> {
    interfaces.iter().map(|name| format!("mortise:plugin/{name}@1.0.0")).collect()
}

#[test]
fn a_manifest_that_says_all_misses_nothing() {
    let all = ["types", "log", "settings", "clock", "issues", "commands", "kv", "random", "secrets", "http"];
    let exports = names(&["workflow", "automation", "scheduled", "inbound", "lifecycle", "types"]);
    assert_eq!(full().covers(&names(&all), &exports), Vec::<String>::new());
    let small = Manifest::parse(SMALL.as_bytes()).unwrap();
    assert!(small.covers(&names(&["types", "log", "settings", "clock"]), &names(&["workflow"])).is_empty());
}

#[test]
fn all_that_is_missing_is_said_in_words() {
    let small = Manifest::parse(SMALL.as_bytes()).unwrap();
    for (import, words) in [
        ("issues", "`issues-read = true`"),
        ("commands", "`issues-write = true`"),
        ("kv", "`kv = true`"),
        ("random", "`random = true`"),
        ("secrets", "`secrets = ["),
        ("http", "`http = ["),
        ("unheard", "no part of the contract"),
    ] {
        let missing = small.covers(&names(&[import]), &names(&["workflow"]));
        assert!(missing.len() == 1 && missing[0].contains(words), "{missing:?}");
    }
    for (import, words) in [
        ("wasi:cli/environment@0.2.0", "without WASI"),
        ("other:package/thing", "no host of Mortise has"),
        ("mortise:plugin", "no host of Mortise has"),
        ("mortise:plugin/kv@2.0.0", "this host keeps 1.0"),
        ("mortise:plugin/log@1.1.0", "this host keeps 1.0"),
    ] {
        let missing = full().covers(&[import.to_owned()], &[]);
        assert!(missing.iter().any(|line| line.contains(words)), "{missing:?}");
    }
    let missing = small.covers(&names(&["kv", "http"]), &names(&["automation"]));
    assert_eq!(missing.len(), 4, "{missing:#?}");
    assert!(missing.iter().any(|line| line.contains("does not export `workflow`")));
    assert!(missing.iter().any(|line| line.contains("exports `automation`") && line.contains("`events`")));
    assert_eq!(full().covers(&[], &[]).len(), 5, "each hook that is not there");
}

#[test]
fn what_another_version_asks_for_is_told_one_by_one() {
    assert_eq!(difference(&full(), &full()), []);
    let told = |to: &Manifest| {
        let line = |change: &PermissionChange| {
            let sign = match change {
                PermissionChange::Added { widens: true, .. } => "+",
                PermissionChange::Added { .. } => "~",
                PermissionChange::Removed(_) => "-",
            };
            assert_eq!(change.widens(), sign == "+");
            format!("{sign}{}", change.permission().key())
        };
        difference(&full(), to).iter().map(line).collect::<Vec<_>>()
    };
    let to = |from: &str, to: &str| told(&changed(from, to).unwrap());
    assert_eq!(to("kv = true", "kv = false"), ["-kv"]);
    assert_eq!(to("\"slack-token\"", "\"slack-token\", \"other\""), ["+secret:other"]);
    assert_eq!(to("*.example.com", "a.example.com"), ["~http:a.example.com", "-http:*.example.com"]);
    assert_eq!(to("*.example.com", "*.example.net"), ["+http:*.example.net", "-http:*.example.com"]);
    assert_eq!(to("comment.*", "comment.created"), ["~event:comment.created", "-event:comment.*"]);
    assert_eq!(to("issue.created", "issue.*"), ["+event:issue.*", "-event:issue.created"]);
    assert_eq!(to("[\"transition\"]", "[\"create\"]"), ["+validate:create", "-validate:transition"]);
    assert_eq!(to("@hourly", "@daily"), ["+schedule:hourly", "-schedule:hourly"]);
    assert_eq!(to("next-states = true", ""), ["-next-states"]);
    assert_eq!(to("Europe/Vienna", "UTC"), ["+schedule:daily", "-schedule:daily"]);
    let small = Manifest::parse(SMALL.as_bytes()).unwrap();
    let changes = difference(&small, &full());
    assert_eq!(changes.iter().filter(|change| change.widens()).count(), changes.len() - 1);
    assert_eq!(changes.len(), full().asked().len() + 1);
}

#[test]
fn each_permission_has_words_and_a_key_of_its_own() {
    let asked = full().asked();
    let words: std::collections::BTreeSet<String> = asked.iter().map(Permission::to_string).collect();
    let keys: std::collections::BTreeSet<String> = asked.iter().map(Permission::key).collect();
    assert_eq!((words.len(), keys.len()), (asked.len(), asked.len()));
    assert!(words.contains("send requests to *.example.com"), "{words:?}");
    assert!(words.contains("run at the times of `daily` (0 9 * * 1-5, Europe/Vienna)"), "{words:?}");
}

#[test]
fn a_host_may_be_that_of_an_address_which_is_entered_as_a_setting() {
    let manifest = changed("*.example.com", "$settings.channel").unwrap();
    assert_eq!(manifest.permissions.http_settings, ["channel"]);
    assert_eq!(manifest.permissions.http.len(), 1);
    let asked: Vec<String> = manifest.asked().iter().map(|permission| permission.key()).collect();
    assert!(asked.contains(&"http:$settings.channel".to_owned()), "{asked:?}");
    let hosts = manifest.hosts_entered(&serde_json::json!({ "channel": "https://a.example.net/x" }));
    assert_eq!(hosts.iter().map(HostPattern::to_string).collect::<Vec<_>>(), ["a.example.net"]);
    for (wrong, why) in [("$settings.ratio", "neither"), ("$settings.none", "there is not")] {
        let error = changed("*.example.com", wrong).unwrap_err().to_string();
        assert!(error.contains("permissions.http") && error.contains(why), "{error}");
    }
    let wider = difference(&full(), &manifest);
    assert!(wider.iter().any(PermissionChange::widens), "somebody must grant it");
}
