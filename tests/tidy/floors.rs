//! Engine modules import only from floors below, as ARCHITECTURE.md draws them.
//!
//! It reads paths from `crate::` and from `super::` as far as they leave a module of the first level. A re-export in
//! `lib.rs` would hide where a name lives, so inside the engine every such path must name a module of the drawing.

use std::collections::BTreeMap;

use crate::Violation;
use crate::tokens::{Tokens, is_word};
use crate::tree::File;

/// The opening line of the drawing.
const FENCE: &str = "```floors";

const SOURCES: &str = "engine/src/";

/// Where each module stands: its floor, and its place in the order of that floor.
pub(crate) struct Floors(BTreeMap<String, (u32, usize)>);

impl Floors {
    /// Reads the drawing: lines of `number  modules │ remark`, where `a → b` on one floor lets `a` import `b`.
    pub(crate) fn drawn_in(document: &str) -> Result<Self, String> {
        let mut places = BTreeMap::new();
        for line in
            document.lines().skip_while(|line| *line != FENCE).skip(1).take_while(|line| *line != "```")
        {
            let modules = line.split('│').next().unwrap_or_default();
            let mut words = modules.split_whitespace();
            let Some(number) = words.next() else { continue };
            let floor: u32 =
                number.parse().map_err(|_| format!("a floor starts with its number, not `{number}`"))?;
            let mut rank = 0;
            for word in words {
                if word == "→" {
                    rank += 1;
                } else if places.insert(word.to_owned(), (floor, rank)).is_some() {
                    return Err(format!("`{word}` is drawn twice"));
                }
            }
        }
        if places.is_empty() { Err(format!("ARCHITECTURE.md has no {FENCE}")) } else { Ok(Self(places)) }
    }

    /// Why `from` may not import `to`, if it may not.
    fn refusal(&self, from: &str, to: &str) -> Option<String> {
        let Some((floor, rank)) = self.0.get(from) else {
            return Some(format!("module `{from}` stands on no floor: draw it in ARCHITECTURE.md"));
        };
        let Some((target_floor, target_rank)) = self.0.get(to) else {
            return Some(format!(
                "`crate::{to}` names no module of ARCHITECTURE.md: import from where it is defined"
            ));
        };
        let below = target_floor < floor || (target_floor == floor && target_rank > rank);
        (!below && from != to)
            .then(|| format!("`{from}` (floor {floor}) imports `{to}` (floor {target_floor})"))
    }
}

/// Every import of this file that does not point down.
pub(crate) fn check(file: &File, floors: &Floors) -> Vec<Violation> {
    let Some(path) = file.path.strip_prefix(SOURCES).and_then(|path| path.strip_suffix(".rs")) else {
        return Vec::new();
    };
    let Some(module) = path.split('/').next().filter(|module| *module != "lib") else {
        return Vec::new();
    };
    let violation = |line, what| Violation { path: file.path.clone(), line, what };
    if let Some(what) = floors.refusal(module, module) {
        return vec![violation(1, what)];
    }
    let imports = imports(&file.text, path.split('/').count());
    imports.into_iter().filter_map(|(line, to)| Some(violation(line, floors.refusal(module, to)?))).collect()
}

/// What follows `crate::`, or as many `super::` as lead there from a file `depth` modules deep.
fn imports(source: &str, depth: usize) -> Vec<(usize, &str)> {
    let tokens = Tokens::of(source);
    let mut found = Vec::new();
    let mut braces = 0_usize;
    let mut inline_modules = Vec::new();
    for (at, token) in tokens.iter() {
        match token.text {
            "{" => {
                if at >= 2 && tokens.text(at - 2) == "mod" {
                    inline_modules.push(braces);
                }
                braces += 1;
            }
            "}" => {
                braces = braces.saturating_sub(1);
                if inline_modules.last() == Some(&braces) {
                    inline_modules.pop();
                }
            }
            "crate" if tokens.text(at + 1) == "::" => {
                found.extend(named(&tokens, at + 2).into_iter().map(|name| (token.line, name)));
            }
            "super" if at == 0 || tokens.text(at - 1) != "::" => {
                let steps = (0..).take_while(|step| tokens.say(at + 2 * step, &["super", "::"])).count();
                if steps > 0 && steps == depth + inline_modules.len() {
                    found.extend(named(&tokens, at + 2 * steps).into_iter().map(|name| (token.line, name)));
                }
            }
            _ => {}
        }
    }
    found
}

/// The first name of a path, or of each path in a group in braces.
fn named<'a>(tokens: &Tokens<'a>, at: usize) -> Vec<&'a str> {
    if tokens.text(at) != "{" {
        return vec![tokens.text(at)];
    }
    let mut names = Vec::new();
    let mut depth = 0_usize;
    for place in at.. {
        let (text, before) = (tokens.text(place), tokens.text(place.saturating_sub(1)));
        match text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ if depth == 1 && (is_word(text) || text == "*") && (before == "{" || before == ",") => {
                names.push(text)
            }
            _ => {}
        }
        if depth == 0 || text.is_empty() {
            break;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = "text\n```floors\n2  engine           │ the facade\n1  storage  hooks\n\n0  model → id  time │ values\n```\n";

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let found = super::check(&file, &Floors::drawn_in(DRAWING).unwrap());
        assert_eq!(found.iter().map(Violation::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn imports_from_below_and_from_oneself_are_fine() {
        check("engine/src/engine.rs", "use crate::{model::Issue, storage::{self, Store}};", &[]);
        check(
            "engine/src/storage/key.rs",
            "use crate::storage::Store; use super::scan; use crate::id::Id;",
            &[],
        );
        check("engine/src/lib.rs", "pub use crate::engine::Engine;", &[]);
        check("graphql/src/lib.rs", "use crate::anything;", &[]);
    }

    #[test]
    fn an_import_from_above_is_named_with_both_floors() {
        check(
            "engine/src/storage/key.rs",
            "\nuse crate::engine::Engine;",
            &["engine/src/storage/key.rs:2: `storage` (floor 1) imports `engine` (floor 2)"],
        );
    }

    #[test]
    fn an_import_from_above_is_found_in_a_group_in_code_and_in_a_visible_macro() {
        let expected = &["engine/src/model.rs:1: `model` (floor 0) imports `storage` (floor 1)"];
        check("engine/src/model.rs", "use crate::{id::{self, Id}, storage::Store};", expected);
        check("engine/src/model.rs", "fn f() { crate::storage::open(); }", expected);
        check("engine/src/model.rs", "macro_rules! m { () => { $crate::storage::open() } }", expected);
    }

    #[test]
    fn siblings_import_each_other_only_along_an_arrow() {
        check("engine/src/model.rs", "use crate::time::Timestamp;", &[]);
        check(
            "engine/src/id.rs",
            "use crate::model::Issue;",
            &["engine/src/id.rs:1: `id` (floor 0) imports `model` (floor 0)"],
        );
        check(
            "engine/src/storage.rs",
            "use crate::hooks;",
            &["engine/src/storage.rs:1: `storage` (floor 1) imports `hooks` (floor 1)"],
        );
    }

    #[test]
    fn a_path_through_super_counts_when_it_leaves_the_module() {
        let expected = |path: &str| [format!("{path}:1: `storage` (floor 1) imports `engine` (floor 2)")];
        for (path, text) in [
            ("engine/src/storage.rs", "use super::engine;"),
            ("engine/src/storage/key.rs", "use super::super::engine::Engine;"),
            ("engine/src/storage.rs", "mod tests { use super::super::{id, engine}; }"),
        ] {
            let expected = expected(path);
            check(path, text, &[&expected[0]]);
        }
        check("engine/src/storage.rs", "mod tests { use super::*; } mod more { use super::engine; }", &[]);
    }

    #[test]
    fn a_name_re_exported_at_the_root_hides_its_floor() {
        let what = |name| {
            format!(
                "engine/src/id.rs:1: `crate::{name}` names no module of ARCHITECTURE.md: import from where it is defined"
            )
        };
        check("engine/src/id.rs", "use crate::Engine;", &[&what("Engine")]);
        check("engine/src/id.rs", "use crate::*;", &[&what("*")]);
    }

    #[test]
    fn a_module_without_a_floor_is_named() {
        check(
            "engine/src/extra.rs",
            "",
            &["engine/src/extra.rs:1: module `extra` stands on no floor: draw it in ARCHITECTURE.md"],
        );
    }

    #[test]
    fn a_drawing_that_cannot_be_read_is_refused() {
        let refusal = |drawing: &str| Floors::drawn_in(drawing).err().unwrap();
        assert_eq!(refusal("no drawing"), "ARCHITECTURE.md has no ```floors");
        assert_eq!(refusal("```floors\ntop model\n```"), "a floor starts with its number, not `top`");
        assert_eq!(refusal("```floors\n1 id\n0 id\n```"), "`id` is drawn twice");
    }
}
