//! Which stages to run, from the options of `cargo xtask test`.
//!
//! It knows the names of the stages, not what they do.

use anyhow::Context;

/// The stages asked for. Nothing said means all.
#[derive(Debug)]
pub(super) struct Selection {
    only: Vec<String>,
    skip: Vec<String>,
    /// Whether the stages after a failed one are run.
    pub(super) keep_going: bool,
}

impl Selection {
    /// Reads the options; `known` are the names of all stages.
    ///
    /// # Errors
    /// On an unknown option, an unknown stage, or an option without its stage.
    pub(super) fn parse(arguments: &[String], known: &[&str]) -> anyhow::Result<Self> {
        let mut selection = Self { only: Vec::new(), skip: Vec::new(), keep_going: false };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let list = match argument.as_str() {
                "--keep-going" => {
                    selection.keep_going = true;
                    continue;
                }
                "--only" => &mut selection.only,
                "--skip" => &mut selection.skip,
                other => anyhow::bail!("there is no option `{other}`; see `cargo xtask test --help`"),
            };
            let stage = arguments
                .next()
                .with_context(|| format!("`{argument}` needs a stage: {}", known.join(", ")))?;
            anyhow::ensure!(
                known.contains(&stage.as_str()),
                "there is no stage `{stage}`; there are: {}",
                known.join(", ")
            );
            list.push(stage.clone());
        }
        Ok(selection)
    }

    /// Whether this stage was asked for.
    pub(super) fn includes(&self, stage: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == stage);
        (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["format", "clippy", "tests"];

    fn selected(arguments: &[&str]) -> Vec<&'static str> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        let selection = Selection::parse(&arguments, KNOWN).unwrap();
        KNOWN.iter().copied().filter(|stage| selection.includes(stage)).collect()
    }

    fn refusal(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        Selection::parse(&arguments, KNOWN).unwrap_err().to_string()
    }

    #[test]
    fn nothing_said_means_all_stages() {
        assert_eq!(selected(&[]), KNOWN);
    }

    #[test]
    fn only_and_skip_narrow_the_stages() {
        assert_eq!(selected(&["--only", "tests", "--only", "format"]), ["format", "tests"]);
        assert_eq!(selected(&["--skip", "clippy"]), ["format", "tests"]);
    }

    #[test]
    fn a_stage_that_does_not_exist_is_refused_with_those_that_do() {
        assert_eq!(
            refusal(&["--only", "lint"]),
            "there is no stage `lint`; there are: format, clippy, tests"
        );
        assert_eq!(refusal(&["--skip"]), "`--skip` needs a stage: format, clippy, tests");
        assert_eq!(refusal(&["--fast"]), "there is no option `--fast`; see `cargo xtask test --help`");
    }
}
