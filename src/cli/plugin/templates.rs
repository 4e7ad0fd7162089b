//! What `mortise plugin new` lays down: the files of a new plugin in each language, the contract, and the SDK.
//!
//! All of it is in the program, so that nothing is fetched. Where it is laid and what is said about it is not known here.

/// A file by its path below the new folder, with `/` between the parts, and what it holds.
pub(super) type File = (&'static str, &'static str);

/// A plugin in Rust. `{{sdk}}` is the path from it to the SDK's folder.
pub(super) const RUST: &[File] = &[
    ("Cargo.toml", include_str!("templates/rust/Cargo.toml.in")),
    (".cargo/config.toml", include_str!("templates/rust/cargo-config.toml.in")),
    (".gitignore", include_str!("templates/rust/gitignore.in")),
    ("README.md", include_str!("templates/rust/README.md.in")),
    ("plugin.toml", include_str!("templates/rust/plugin.toml.in")),
    ("src/lib.rs", include_str!("templates/rust/lib.rs.in")),
];

/// A plugin in JavaScript; [`CONTRACT`] belongs beside it.
pub(super) const JAVASCRIPT: &[File] = &[
    ("package.json", include_str!("templates/js/package.json.in")),
    (".gitignore", include_str!("templates/js/gitignore.in")),
    ("README.md", include_str!("templates/js/README.md.in")),
    ("plugin.toml", include_str!("templates/js/plugin.toml.in")),
    ("plugin.js", include_str!("templates/js/plugin.js.in")),
    ("component.js", include_str!("templates/js/component.js.in")),
    ("plugin.test.js", include_str!("templates/js/plugin.test.js.in")),
    ("wit/world.wit", include_str!("templates/js/world.wit.in")),
];

/// A plugin in Python; [`CONTRACT`] belongs beside it.
pub(super) const PYTHON: &[File] = &[
    ("requirements.txt", include_str!("templates/python/requirements.txt.in")),
    (".gitignore", include_str!("templates/python/gitignore.in")),
    ("README.md", include_str!("templates/python/README.md.in")),
    ("plugin.toml", include_str!("templates/python/plugin.toml.in")),
    ("plugin.py", include_str!("templates/python/plugin.py.in")),
    ("app.py", include_str!("templates/python/app.py.in")),
    ("test_plugin.py", include_str!("templates/python/test_plugin.py.in")),
    ("wit/world.wit", include_str!("templates/python/world.wit.in")),
];

/// The contract, where the toolchains of JavaScript and Python look for it.
pub(super) const CONTRACT: &[File] = &[
    ("wit/deps/mortise/automation.wit", include_str!("../../../wit/v1/automation.wit")),
    ("wit/deps/mortise/clock.wit", include_str!("../../../wit/v1/clock.wit")),
    ("wit/deps/mortise/commands.wit", include_str!("../../../wit/v1/commands.wit")),
    ("wit/deps/mortise/http.wit", include_str!("../../../wit/v1/http.wit")),
    ("wit/deps/mortise/inbound.wit", include_str!("../../../wit/v1/inbound.wit")),
    ("wit/deps/mortise/issues.wit", include_str!("../../../wit/v1/issues.wit")),
    ("wit/deps/mortise/kv.wit", include_str!("../../../wit/v1/kv.wit")),
    ("wit/deps/mortise/lifecycle.wit", include_str!("../../../wit/v1/lifecycle.wit")),
    ("wit/deps/mortise/log.wit", include_str!("../../../wit/v1/log.wit")),
    ("wit/deps/mortise/random.wit", include_str!("../../../wit/v1/random.wit")),
    ("wit/deps/mortise/scheduled.wit", include_str!("../../../wit/v1/scheduled.wit")),
    ("wit/deps/mortise/secrets.wit", include_str!("../../../wit/v1/secrets.wit")),
    ("wit/deps/mortise/settings.wit", include_str!("../../../wit/v1/settings.wit")),
    ("wit/deps/mortise/types.wit", include_str!("../../../wit/v1/types.wit")),
    ("wit/deps/mortise/workflow.wit", include_str!("../../../wit/v1/workflow.wit")),
    ("wit/deps/mortise/worlds.wit", include_str!("../../../wit/v1/worlds.wit")),
];

/// The SDK, whole: paths are below its own folder.
pub(super) const SDK: &[File] = &[
    ("Cargo.toml", include_str!("../../../sdk-plugin/Cargo.toml")),
    ("README.md", include_str!("../../../sdk-plugin/README.md")),
    ("src/bindings.rs", include_str!("../../../sdk-plugin/src/bindings.rs")),
    ("src/entry.rs", include_str!("../../../sdk-plugin/src/entry.rs")),
    ("src/error.rs", include_str!("../../../sdk-plugin/src/error.rs")),
    ("src/fake.rs", include_str!("../../../sdk-plugin/src/fake.rs")),
    ("src/fake/clock.rs", include_str!("../../../sdk-plugin/src/fake/clock.rs")),
    ("src/fake/commands.rs", include_str!("../../../sdk-plugin/src/fake/commands.rs")),
    ("src/fake/hmac.rs", include_str!("../../../sdk-plugin/src/fake/hmac.rs")),
    ("src/fake/http.rs", include_str!("../../../sdk-plugin/src/fake/http.rs")),
    ("src/fake/issues.rs", include_str!("../../../sdk-plugin/src/fake/issues.rs")),
    ("src/fake/kv.rs", include_str!("../../../sdk-plugin/src/fake/kv.rs")),
    ("src/fake/log.rs", include_str!("../../../sdk-plugin/src/fake/log.rs")),
    ("src/fake/random.rs", include_str!("../../../sdk-plugin/src/fake/random.rs")),
    ("src/fake/secrets.rs", include_str!("../../../sdk-plugin/src/fake/secrets.rs")),
    ("src/fake/settings.rs", include_str!("../../../sdk-plugin/src/fake/settings.rs")),
    ("src/fake/staged.rs", include_str!("../../../sdk-plugin/src/fake/staged.rs")),
    ("src/fake/state.rs", include_str!("../../../sdk-plugin/src/fake/state.rs")),
    ("src/fake/values.rs", include_str!("../../../sdk-plugin/src/fake/values.rs")),
    ("src/host.rs", include_str!("../../../sdk-plugin/src/host.rs")),
    ("src/host/clock.rs", include_str!("../../../sdk-plugin/src/host/clock.rs")),
    ("src/host/commands.rs", include_str!("../../../sdk-plugin/src/host/commands.rs")),
    ("src/host/http.rs", include_str!("../../../sdk-plugin/src/host/http.rs")),
    ("src/host/issues.rs", include_str!("../../../sdk-plugin/src/host/issues.rs")),
    ("src/host/kv.rs", include_str!("../../../sdk-plugin/src/host/kv.rs")),
    ("src/host/log.rs", include_str!("../../../sdk-plugin/src/host/log.rs")),
    ("src/host/random.rs", include_str!("../../../sdk-plugin/src/host/random.rs")),
    ("src/host/secrets.rs", include_str!("../../../sdk-plugin/src/host/secrets.rs")),
    ("src/host/settings.rs", include_str!("../../../sdk-plugin/src/host/settings.rs")),
    ("src/lib.rs", include_str!("../../../sdk-plugin/src/lib.rs")),
    ("src/memory.rs", include_str!("../../../sdk-plugin/src/memory.rs")),
    ("src/plugin.rs", include_str!("../../../sdk-plugin/src/plugin.rs")),
    ("src/prelude.rs", include_str!("../../../sdk-plugin/src/prelude.rs")),
    ("src/register.rs", include_str!("../../../sdk-plugin/src/register.rs")),
    ("src/verdict.rs", include_str!("../../../sdk-plugin/src/verdict.rs")),
    ("wit/automation.wit", include_str!("../../../sdk-plugin/wit/automation.wit")),
    ("wit/clock.wit", include_str!("../../../sdk-plugin/wit/clock.wit")),
    ("wit/commands.wit", include_str!("../../../sdk-plugin/wit/commands.wit")),
    ("wit/http.wit", include_str!("../../../sdk-plugin/wit/http.wit")),
    ("wit/inbound.wit", include_str!("../../../sdk-plugin/wit/inbound.wit")),
    ("wit/issues.wit", include_str!("../../../sdk-plugin/wit/issues.wit")),
    ("wit/kv.wit", include_str!("../../../sdk-plugin/wit/kv.wit")),
    ("wit/lifecycle.wit", include_str!("../../../sdk-plugin/wit/lifecycle.wit")),
    ("wit/log.wit", include_str!("../../../sdk-plugin/wit/log.wit")),
    ("wit/random.wit", include_str!("../../../sdk-plugin/wit/random.wit")),
    ("wit/scheduled.wit", include_str!("../../../sdk-plugin/wit/scheduled.wit")),
    ("wit/secrets.wit", include_str!("../../../sdk-plugin/wit/secrets.wit")),
    ("wit/settings.wit", include_str!("../../../sdk-plugin/wit/settings.wit")),
    ("wit/types.wit", include_str!("../../../sdk-plugin/wit/types.wit")),
    ("wit/workflow.wit", include_str!("../../../sdk-plugin/wit/workflow.wit")),
    ("wit/worlds.wit", include_str!("../../../sdk-plugin/wit/worlds.wit")),
];

/// `text` with every `{{key}}` replaced by its value. What has no value stays, so that a test finds it.
pub(super) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&["{{", key, "}}"].concat(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn files_below(folder: &Path, from: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                files_below(&entry.path(), from, found);
            } else {
                let path = entry.path().strip_prefix(from).unwrap().to_string_lossy().replace('\\', "/");
                found.push(path);
            }
        }
    }

    #[test]
    fn the_sdk_that_is_laid_down_is_all_of_it() {
        let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk-plugin");
        let mut there = vec!["Cargo.toml".to_owned(), "README.md".to_owned()];
        files_below(&sdk.join("src"), &sdk, &mut there);
        files_below(&sdk.join("wit"), &sdk, &mut there);
        there.sort();
        let mut ours: Vec<&str> = SDK.iter().map(|(path, _)| *path).collect();
        ours.sort_unstable();
        assert_eq!(ours, there);
    }

    #[test]
    fn nothing_is_left_open_in_a_new_plugin() {
        let values = [("id", "acme.my-rules"), ("name", "my-rules"), ("sdk", "../mortise-sdk")];
        for (path, text) in [RUST, JAVASCRIPT, PYTHON].concat() {
            let filled = filled(text, &values);
            assert!(!filled.contains("{{"), "{path}");
        }
    }
}
