//! Relative links of the documents lead to files of this repository.
//!
//! Addresses elsewhere are not asked: they need the network and change by themselves. Headings are not checked.

use crate::Violation;
use crate::tree::File;

/// Every link of this document to a path for which `exists`, given the path from the root, answers false.
pub(crate) fn check(file: &File, exists: impl Fn(&str) -> bool) -> Vec<Violation> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(file.text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for target in targets(&without_code(line)).into_iter().filter(|target| is_relative(target)) {
            let path = target.split(['#', '?']).next().unwrap_or_default();
            if !resolved(folder, path).is_some_and(|path| exists(&path)) {
                let what = format!("the link to `{target}` leads nowhere");
                found.push(Violation { path: file.path.clone(), line: number, what });
            }
        }
    }
    found
}

/// What stands in `](…)` and after `[…]:`, without titles.
fn targets(line: &str) -> Vec<String> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let definition = line.strip_prefix('[').and_then(|rest| Some(rest.split_once("]:")?.1));
    let first_word =
        |text: &str| text.split_whitespace().next().map(|word| word.trim_matches(['<', '>']).to_owned());
    inline.chain(definition).filter_map(first_word).collect()
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

fn is_relative(target: &str) -> bool {
    !target.contains("://") && !target.starts_with("mailto:") && !target.starts_with('#')
}

/// The path from the root; nothing when it leaves the repository.
fn resolved(folder: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.retain(|part| !part.is_empty());
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    parts.retain(|part| !part.is_empty());
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &[&str] = &["", "README.md", "docs", "docs/errors.md", "docs/adr/0001-a.md"];

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found =
            super::check(&File { path: path.to_owned(), text: text.to_owned() }, |path| TREE.contains(&path));
        assert_eq!(found.iter().map(Violation::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn links_to_files_of_the_tree_lead_somewhere() {
        check(
            "README.md",
            "[a](docs/errors.md#codes) and [b](./docs/ \"title\")\n[c]: docs/adr/0001-a.md",
            &[],
        );
        check("docs/adr/0001-a.md", "[a](../errors.md) [b](../../README.md) [c](/docs/errors.md)", &[]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found_with_its_line() {
        check("docs/errors.md", "\n[a](gone.md)", &["docs/errors.md:2: the link to `gone.md` leads nowhere"]);
        check("README.md", "[a](../README.md)", &["README.md:1: the link to `../README.md` leads nowhere"]);
        check("README.md", "[c]: gone.md", &["README.md:1: the link to `gone.md` leads nowhere"]);
    }

    #[test]
    fn addresses_headings_and_code_are_not_asked() {
        check(
            "README.md",
            "[a](https://example.org/x) [b](#here) [c](mailto:a@example.org) `[d](gone.md)`\n```\n[e](gone.md)\n```",
            &[],
        );
    }
}
