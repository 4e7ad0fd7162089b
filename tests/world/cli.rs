//! The command line, run as a person would run it.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// This run, which must have succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.success, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// This run, which must have been refused with these words for the person.
    #[track_caller]
    pub(crate) fn refused_with(self, words: &[&str]) -> Self {
        assert!(!self.success, "it was not refused: {}", self.stdout);
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is missing in: {}", self.stderr);
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }
}

/// The command with these words, unmoved by the environment of whoever runs the tests.
pub(crate) fn mortise(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mortise"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MORTISE_")) {
        command.env_remove(name);
    }
    command.args(words);
    command
}

/// Runs it to its end, with this text typed into it.
pub(crate) fn mortise_with_input(words: &[&str], input: &str) -> Run {
    let mut child = mortise(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run mortise {words:?}: {error}"));
    // A run that is refused early never reads its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        success: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
