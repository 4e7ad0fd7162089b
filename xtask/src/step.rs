//! One program run in the root of the repository, shown before it starts and named again if it fails.
//!
//! It knows nothing of why the program is run.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::repository;

/// A program with its arguments and environment, not yet started.
pub(crate) struct Step {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: PathBuf,
}

/// A cargo command.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Step {
    Step::new("cargo").args(arguments)
}

impl Step {
    /// The program alone, to be run in the root of the repository; the other methods add to it.
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: repository::root(),
        }
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Runs it elsewhere.
    pub(crate) fn within(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// Sets a variable of the environment. Cargo and rustc take an empty value for an unset one.
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Runs it on this terminal and waits.
    ///
    /// # Errors
    /// When it cannot be started or does not succeed; the message is the line that runs it again.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        eprintln!("  $ {self}");
        let status = self.command().status().with_context(|| format!("cannot start `{self}`"))?;
        anyhow::ensure!(status.success(), "`{self}` failed ({status})");
        Ok(())
    }

    /// Runs it unseen; true when it could be started and succeeded.
    pub(crate) fn succeeds(&self) -> bool {
        self.command()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Runs it with its complaints on this terminal and answers what it printed.
    ///
    /// # Errors
    /// When it cannot be started, does not succeed or does not print text.
    pub(crate) fn output(&self) -> anyhow::Result<String> {
        let output = self
            .command()
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot start `{self}`"))?;
        anyhow::ensure!(output.status.success(), "`{self}` failed ({})", output.status);
        String::from_utf8(output.stdout).with_context(|| format!("`{self}` did not print text"))
    }

    /// Becomes the program: same process, so signals and the exit status are the program's own.
    ///
    /// # Errors
    /// When it cannot be started. Where a process cannot be replaced, also when it does not succeed.
    pub(crate) fn become_it(&self) -> anyhow::Result<()> {
        eprintln!("  $ {self}");
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            Err(self.command().exec()).with_context(|| format!("cannot start `{self}`"))
        }
        #[cfg(not(unix))]
        {
            let status = self.command().status().with_context(|| format!("cannot start `{self}`"))?;
            anyhow::ensure!(status.success(), "`{self}` failed ({status})");
            Ok(())
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.folder);
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }
}

/// The line that a shell would run, as far as a reader needs it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.environment {
            write!(f, "{}={} ", name.display(), quoted(value))?;
        }
        write!(f, "{}", quoted(&self.program))?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_prints_the_line_that_runs_it_again() {
        let step = cargo(["test", "--test", "a name"]).env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(step.to_string(), "RUSTDOCFLAGS='-D warnings' cargo test --test 'a name'");
    }

    #[test]
    fn a_step_that_fails_names_itself() {
        let error = Step::new("sh").args(["-c", "exit 3"]).run().unwrap_err().to_string();
        assert!(error.starts_with("`sh -c 'exit 3'` failed"), "{error}");
    }

    #[test]
    fn a_program_that_does_not_exist_does_not_succeed() {
        assert!(!Step::new("no-program-of-this-name").succeeds());
    }
}
