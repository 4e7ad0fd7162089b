//! What a source file holds: an opening sentence, one subject, and nothing put off.

use crate::Violation;
use crate::tokens::Tokens;
use crate::tree::File;

/// Past this a file has usually found a second subject.
const LINES_MAX: usize = 500;

/// Files that may be longer, each with the reason. Alphabetical.
pub(crate) const LONG_FILES: &[(&str, &str)] = &[];

/// Words that put work off. Written apart, so that this file does not hold them.
const PUT_OFF: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// Where a program speaks to a terminal; a library never does.
const TERMINALS: &[&str] = &["src/", "xtask/", "examples/", "benches/", "tests/"];

/// The first line must be module documentation. `tests.rs` beside a module is told by its place and name.
pub(crate) fn check_opening(file: &File) -> Vec<Violation> {
    let opens = file.path.ends_with("/tests.rs")
        || file.text.strip_prefix("//! ").is_some_and(|rest| !rest.trim_start().is_empty());
    let what = "opens without saying what it is for (`//!` on the first line)";
    if opens {
        Vec::new()
    } else {
        vec![Violation { path: file.path.clone(), line: 1, what: what.to_owned() }]
    }
}

/// Files longer than they may be, and entries of `long` that are no longer needed.
pub(crate) fn check_lengths(files: &[File], long: &[(&str, &str)]) -> Vec<Violation> {
    let lines = |file: &File| file.text.lines().count();
    let too_long = files.iter().filter(|file| lines(file) > LINES_MAX).map(|file| &file.path);
    let unlisted =
        too_long.clone().filter(|path| !long.iter().any(|(listed, _)| listed == path)).map(|path| {
            Violation {
                path: path.clone(),
                line: LINES_MAX + 1,
                what: format!("is longer than {LINES_MAX} lines: give its second subject a file of its own"),
            }
        });
    let stale =
        long.iter().filter(|(listed, _)| !too_long.clone().any(|path| path == listed)).map(|(listed, _)| {
            Violation {
                path: (*listed).to_owned(),
                line: 1,
                what: "is no longer too long: take it off the list of long files".to_owned(),
            }
        });
    unlisted.chain(stale).collect()
}

/// Printing from a library, and tests that do not run.
pub(crate) fn check_code(file: &File) -> Vec<Violation> {
    let tokens = Tokens::of(&file.text);
    let is_test = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
    let is_program = is_test || file.path.contains("/benches/");
    let speaks = is_program || TERMINALS.iter().any(|place| file.path.starts_with(place));
    let violation = |line, what: &str| Violation { path: file.path.clone(), line, what: what.to_owned() };
    let mut found = Vec::new();
    for (at, token) in tokens.iter() {
        match token.text {
            "print" | "println" | "eprint" | "eprintln" if tokens.text(at + 1) == "!" && !speaks => {
                found.push(violation(token.line, "a library does not print: use `tracing`"));
            }
            "#" if tokens.say(at, &["#", "[", "ignore"]) => {
                found
                    .push(violation(token.line, "no test is ignored: assert what happens today and say why"));
            }
            _ => {}
        }
    }
    found
}

/// Words that put work off, in text of any kind.
pub(crate) fn check_words(file: &File) -> Vec<Violation> {
    let mut found = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let words = line.split(|c: char| c != '_' && !c.is_alphanumeric());
        found.extend(words.filter(|word| PUT_OFF.contains(word)).map(|word| Violation {
            path: file.path.clone(),
            line: number,
            what: format!("`{word}`: do it, or say what is so and why"),
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    fn lines(violations: &[Violation]) -> Vec<(&str, usize)> {
        violations.iter().map(|violation| (violation.path.as_str(), violation.line)).collect()
    }

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        assert_eq!(check_opening(&file("a.rs", "//! Keys.\nuse b;")), []);
        assert_eq!(check_opening(&file("a/tests.rs", "use b;")), []);
        for text in ["", "use b;\n//! Late.", "// Keys.", "//!\n//! Keys.", "//! \n"] {
            assert_eq!(lines(&check_opening(&file("a.rs", text))), [("a.rs", 1)], "{text:?}");
        }
    }

    #[test]
    fn a_long_file_needs_a_reason_and_a_reason_needs_a_long_file() {
        let files =
            [file("long.rs", &"x\n".repeat(LINES_MAX + 1)), file("short.rs", &"x\n".repeat(LINES_MAX))];
        assert_eq!(lines(&check_lengths(&files, &[])), [("long.rs", LINES_MAX + 1)]);
        assert_eq!(lines(&check_lengths(&files, &[("long.rs", "a table")])), []);
        let stale = [("gone.rs", "a table"), ("long.rs", "a table"), ("short.rs", "a table")];
        assert_eq!(lines(&check_lengths(&files, &stale)), [("gone.rs", 1), ("short.rs", 1)]);
    }

    #[test]
    fn a_library_that_prints_is_found() {
        let text = "fn f() {\n    println!(\"x\");\n    eprintln!(\"println!()\"); // print!()\n}";
        assert_eq!(
            lines(&check_code(&file("engine/src/log.rs", text))),
            [("engine/src/log.rs", 2), ("engine/src/log.rs", 3)]
        );
        assert_eq!(check_code(&file("src/check.rs", text)), []);
        assert_eq!(check_code(&file("engine/src/log/tests/chain.rs", text)), []);
        assert_eq!(check_code(&file("engine/benches/view.rs", text)), []);
    }

    #[test]
    fn a_test_that_does_not_run_is_found() {
        let text = "#[test]\n#[ignore = \"slow\"]\nfn f() {}\n// #[ignore]";
        assert_eq!(lines(&check_code(&file("tests/a.rs", text))), [("tests/a.rs", 2)]);
    }

    #[test]
    fn work_put_off_is_found_in_comments_and_documents() {
        let text =
            format!("fine\n<!-- {}: later -->\nTodo, {}LIST\n({})", PUT_OFF[0], PUT_OFF[0], PUT_OFF[1]);
        assert_eq!(lines(&check_words(&file("a.md", &text))), [("a.md", 2), ("a.md", 4)]);
    }
}
