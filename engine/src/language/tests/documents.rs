//! The page for users says what the table of fields says.

use super::super::shorthand::SHORTHANDS;
use super::super::{fields, format, order, parse};
use crate::limits::Limits;
use std::fmt::Write as _;
use std::path::Path;

/// Set to rewrite the generated parts of the page instead of checking them.
const BLESS: &str = "MORTISE_BLESS";

fn table() -> String {
    let mut table = "| field | values | finds | example |\n| --- | --- | --- | --- |\n".to_owned();
    for field in fields() {
        let names = [field.name]
            .iter()
            .chain(field.aliases)
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(" ");
        writeln!(table, "| {names} | {} | {} | `{}` |", field.values(), field.help, field.example).unwrap();
    }
    table
}

fn shorthands() -> String {
    let mut table = "| shorthand | finds |\n| --- | --- |\n".to_owned();
    for known in SHORTHANDS {
        writeln!(table, "| `is:{}` | {} |", known.word, known.help).unwrap();
    }
    table
}

fn sort_keys() -> String {
    let keys: Vec<String> = order::KEYS.iter().map(|(_, names)| format!("`{}`", names[0])).collect();
    format!("{}\n", keys.join(" "))
}

/// The text between two marks is what it should be.
fn generated(page: &mut String, mark: &str, expected: &str) {
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("\n<!-- /{mark} -->"));
    let start = page.find(&open).unwrap_or_else(|| panic!("no {open}")) + open.len();
    let end = start + page[start..].find(&close).unwrap_or_else(|| panic!("no {close}"));
    page.replace_range(start..end, &format!("\n{expected}"));
}

#[test]
fn the_page_for_users_says_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/query-language.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut expected = page.clone();
    generated(&mut expected, "fields", &table());
    generated(&mut expected, "shorthands", &shorthands());
    generated(&mut expected, "sort", &sort_keys());
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(
        page == expected,
        "docs/query-language.md differs from the tables: run with {BLESS}=1 and read the diff"
    );
}

#[test]
fn every_example_of_the_page_can_be_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/query-language.md");
    let page = std::fs::read_to_string(path).unwrap();
    let blocks = page.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next());
    let examples = blocks.flat_map(str::lines).chain(fields().iter().map(|field| field.example));
    let mut count = 0;
    for example in examples.filter(|line| !line.is_empty()) {
        let query =
            parse(example, &Limits::default()).unwrap_or_else(|errors| panic!("{example}: {errors:#?}"));
        let canonical = format(&query.filter, &query.sort);
        assert!(parse(&canonical, &Limits::default()).is_ok(), "{example}: {canonical}");
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn no_name_of_a_field_is_taken_twice() {
    let mut names: Vec<&str> = super::super::field::names().collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase())));
}
