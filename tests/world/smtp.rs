//! A mail server process for tests: node's `smtp-server`, on a free port of this machine.
//!
//! It does not know who sends to it.

use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// See the module. It ends with its standard input.
pub(crate) struct SmtpServer {
    process: Child,
    said: BufReader<ChildStdout>,
    pub(crate) port: u16,
}

impl SmtpServer {
    /// The certificate of whoever signed its own.
    pub(crate) fn authority() -> PathBuf {
        Self::folder().join("ca.pem")
    }

    /// Starts one; `tests/smtp-server/server.mjs` says what the options are.
    pub(crate) fn start(options: &Value) -> Self {
        let folder = Self::folder();
        let there = folder.join("node_modules/smtp-server").exists();
        assert!(there, "no smtp-server: `npm ci` in {}, which `cargo xtask test` does", folder.display());
        let mut process = Command::new("node")
            .arg(folder.join("server.mjs"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on ").unwrap().parse().unwrap();
        Self { process, said, port }
    }

    /// The next message that it got; waits for it.
    pub(crate) fn message(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp-server")
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
