//! The tree keeps itself tidy: what the documents promise about the sources is checked here.
//!
//! Each check takes text and answers violations, so that a planted one tests the check itself.
//! What a compiler or a lint can see is left to them; this knows no types, only words.

use std::fmt;
use std::io;

mod floors;
mod homes;
mod links;
mod sources;
mod tokens;
mod tree;

use tree::File;

/// Something a reader of the documents would not expect to find.
#[derive(Debug, PartialEq)]
struct Violation {
    path: String,
    line: usize,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Fails with every violation on a line of its own.
#[track_caller]
fn expect_none(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(Violation::to_string).collect();
    assert!(lines.is_empty(), "{} violations\n{}\n", lines.len(), lines.join("\n"));
}

fn every(endings: &[&str], check: impl Fn(&File) -> Vec<Violation>) -> io::Result<Vec<Violation>> {
    Ok(tree::files(endings)?.iter().flat_map(check).collect())
}

#[test]
fn no_engine_module_imports_upwards() -> io::Result<()> {
    let floors = floors::Floors::drawn_in(&tree::read("ARCHITECTURE.md")?).map_err(io::Error::other)?;
    expect_none(&every(&[".rs"], |file| floors::check(file, &floors))?);
    Ok(())
}

#[test]
fn every_technology_stays_in_its_home() -> io::Result<()> {
    expect_none(&every(&[".rs"], homes::check)?);
    Ok(())
}

#[test]
fn every_source_file_opens_with_what_it_is_for() -> io::Result<()> {
    expect_none(&every(&[".rs"], sources::check_opening)?);
    Ok(())
}

#[test]
fn no_file_holds_a_second_subject() -> io::Result<()> {
    expect_none(&sources::check_lengths(&tree::files(&[".rs"])?, sources::LONG_FILES));
    Ok(())
}

#[test]
fn nothing_is_printed_ignored_or_put_off() -> io::Result<()> {
    expect_none(&every(&[".rs"], sources::check_code)?);
    expect_none(&every(&[".rs", ".md", ".toml"], sources::check_words)?);
    Ok(())
}

#[test]
fn every_relative_link_leads_somewhere() -> io::Result<()> {
    expect_none(&every(&[".md"], |file| links::check(file, tree::exists))?);
    Ok(())
}
