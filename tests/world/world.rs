//! A small world to test in: a real server on a data folder of its own, two companies, their people.
//!
//! It checks itself when it ends: the server stops in order, everything derived can be derived again, no company has
//! seen a word of the other, and no word of either lies readable on disk. It knows no sentence of any test.

mod cli;
mod client;
mod data;
mod founded;
mod http;
mod mutation;
mod server;

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use cli::{Run, mortise, mortise_with_input};
pub(crate) use client::{AGENT, Answer, Client};
pub(crate) use data::archive;
pub(crate) use http::{Line, Response, send};
pub(crate) use server::{Server, until};
use tempfile::TempDir;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "mortar and tenon, dovetail";

/// The companies, each with a word that must never reach the other: it is part of its name, and tests write it wherever
/// text can be written.
pub(crate) const ACME: Company = Company { slug: "acme", team: "ENG", canary: "kestrel-of-acme" };
/// See [`ACME`].
pub(crate) const OTHER: Company = Company { slug: "other", team: "LAB", canary: "plover-of-other" };

/// A tenant of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Company {
    pub(crate) slug: &'static str,
    /// The key of its first team.
    pub(crate) team: &'static str,
    pub(crate) canary: &'static str,
}

/// Who lives here: name, company, role.
const PEOPLE: [(&str, Company, &str); 5] = [
    ("ana", ACME, "super-admin"),
    ("adam", ACME, "admin"),
    ("uwe", ACME, "user"),
    ("una", ACME, "user"),
    ("zoe", OTHER, "super-admin"),
];

/// The address somebody signs in with.
pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// See the module.
pub(crate) struct World {
    folder: TempDir,
    store: &'static str,
    server: Option<Server>,
}

impl World {
    /// Two companies with everybody in them, served from sled.
    pub(crate) fn new() -> Self {
        Self::on("sled")
    }

    /// The same, served from this store.
    pub(crate) fn on(store: &'static str) -> Self {
        let mut world = Self::founded_on(store);
        world.start();
        world
    }

    /// The same, with nothing running yet.
    pub(crate) fn founded_on(store: &'static str) -> Self {
        let folder = tempfile::Builder::new().prefix("mortise-world-").tempdir().unwrap();
        let world = Self { folder, store, server: None };
        founded::copy_to(&world.data(), store);
        world
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A place for files beside the data folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the command line on this data folder.
    pub(crate) fn run(&self, words: &[&str]) -> Run {
        self.run_with_input(words, "")
    }

    /// Runs the command line on this data folder, with this on its standard input.
    pub(crate) fn run_with_input(&self, words: &[&str], input: &str) -> Run {
        let data = self.data();
        mortise_with_input(&[words, &["--data", data.to_str().unwrap()]].concat(), input)
    }

    /// Starts the server, which must not be running. Tests ask faster than people do: nothing limits them but the day.
    pub(crate) fn start(&mut self) {
        self.start_with(&["--no-rate-limits"]);
    }

    /// Starts the server with these flags, which must not be running.
    pub(crate) fn start_with(&mut self, flags: &[&str]) {
        assert!(self.server.is_none(), "the server runs already");
        self.server = Some(Server::start(&self.data(), self.store, flags));
    }

    /// The server.
    pub(crate) fn server(&mut self) -> &mut Server {
        self.server.as_mut().unwrap()
    }

    /// Stops the server in order, waiting until it has gone, and answers what it has said.
    pub(crate) fn stop(&mut self) -> String {
        self.server.take().map(Server::stop).unwrap_or_default()
    }

    /// Waits until the server, which was asked to stop, has gone.
    pub(crate) fn stopped(&mut self) {
        if let Some(server) = self.server.take() {
            server.stopped();
        }
    }

    /// Ends the server as a power cut would, from the process's point of view.
    pub(crate) fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Begins a visit of the platform's operator to each of these companies, for which the server stops: the visitors'
    /// tokens.
    pub(crate) fn visit(&mut self, companies: &[Company], reason: &str) -> Vec<String> {
        self.stop();
        let root = ["root", "create", "--email", "root@example.com", "--password-stdin"];
        self.run_with_input(&root, "an operators own passphrase\n").succeeded();
        let visits = companies.iter().map(|company| {
            let operator = ["--operator", "root@example.com"];
            let visit = [&["root", "visit", company.slug][..], &operator, &["--reason", reason]].concat();
            self.run(&visit).succeeded().stdout.trim().to_owned()
        });
        let tokens = visits.collect();
        self.start();
        tokens
    }

    /// A fresh client of somebody, signed in with their password. `ana` works at the company she lives in.
    pub(crate) fn client(&self, name: &str) -> Client {
        let (_, company, _) = PEOPLE.into_iter().find(|(person, ..)| *person == name).unwrap();
        self.nobody().sign_in(company, &email(name), PASSWORD)
    }

    /// A client that is not signed in.
    pub(crate) fn nobody(&self) -> Client {
        Client::of_nobody(self.server.as_ref().unwrap().address())
    }

    /// What the module promises; runs at the end of every test that did not fail already.
    fn check(&mut self) {
        self.stop();
        let run = self.run(&["check", "--json"]);
        assert!(run.success, "the world is not as its log says: {}{}", run.stdout, run.stderr);
        let run = self.run(&["audit", "verify"]);
        assert!(run.success, "the chains do not hold: {}{}", run.stdout, run.stderr);
        for company in [ACME, OTHER] {
            assert_unreadable(&self.data(), company.canary);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            if let Some(server) = self.server.take() {
                eprintln!("the server said:\n{}", server.kill());
            }
        } else {
            self.check();
        }
    }
}

/// Fails when a file below `folder` holds this word in clear.
fn assert_unreadable(folder: &Path, word: &str) {
    // Letters that are written as files are there to be read.
    let flags = ["-rlF", "--exclude-dir=mail", word];
    let found = Command::new("grep").args(flags).arg(folder).output().unwrap();
    let files = String::from_utf8_lossy(&found.stdout);
    assert_eq!(found.status.code(), Some(1), "files that anybody can read `{word}` in: {files}");
}
