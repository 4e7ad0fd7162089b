//! A server process, from its first word to its end.

use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::cli::mortise;

/// Starting and stopping never take longer, even on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// See the module.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    said: [JoinHandle<String>; 2],
}

impl Server {
    /// Starts a server on a free port and waits until it says where it listens.
    pub(crate) fn start(data: &Path, store: &str, flags: &[&str]) -> Self {
        let data = data.to_str().unwrap();
        let words = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--store", store];
        // A file that may not grow further is an error to be answered, not a signal to die of.
        let program = mortise(&[&words[..], flags].concat());
        let mut process = Command::new("sh");
        process
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(program.get_program())
            .args(program.get_args());
        for (name, _) in program.get_envs() {
            process.env_remove(name);
        }
        let mut process = process
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start the server: {error}"));
        let (tell, told) = sync_channel(8);
        let said = [
            listen(process.stdout.take().unwrap(), tell.clone()),
            listen(process.stderr.take().unwrap(), tell),
        ];
        match address(&told) {
            Some(address) => Self { process, address, said },
            None => {
                let _ = process.kill();
                let _ = process.wait();
                panic!("the server does not come up:\n{}", all(said));
            }
        }
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks it to stop; it may take a while.
    pub(crate) fn ask_to_stop(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -TERM $0", &pid]).status().unwrap().success());
    }

    /// Lets its files grow no further from now on, as a full disk does; or lets them grow again.
    pub(crate) fn fill_disk(&self, full: bool) {
        let (pid, limit) = (self.process.id().to_string(), if full { "1:" } else { "unlimited:" });
        let limit = format!("--fsize={limit}");
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    /// Waits until it has stopped in order.
    pub(crate) fn stopped(mut self) -> String {
        let mut status = None;
        until("the server stops", || {
            status = self.process.try_wait().unwrap();
            status.is_some()
        });
        let said = all(self.said);
        assert!(status.unwrap().success(), "the server stopped with {status:?}:\n{said}");
        assert!(!said.contains("panicked"), "{said}");
        said
    }

    /// Stops it in order, and answers what it has said.
    pub(crate) fn stop(self) -> String {
        self.ask_to_stop();
        self.stopped()
    }

    /// Kills it where it stands, and answers what it has said.
    pub(crate) fn kill(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        all(self.said)
    }
}

/// Waits for something that is sure to happen.
pub(crate) fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "it never happened that {what}");
        #[expect(clippy::disallowed_methods, reason = "the pause between two looks, under a deadline")]
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Reads until the other side closes; says every line once it is whole.
fn listen(from: impl Read + Send + 'static, tell: SyncSender<String>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut said = String::new();
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
            // Nobody waits for lines once the address is known.
            let _ = tell.try_send(line);
        }
        said
    })
}

/// The first address among the lines; none when the process ends or says nothing for long.
fn address(told: &Receiver<String>) -> Option<SocketAddr> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let line = told.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()?;
        let after = line.split("http://").nth(1).unwrap_or_default();
        let end = after.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
        let address = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
        if let Ok(address) = address.parse() {
            return Some(address);
        }
    }
}

fn all(said: [JoinHandle<String>; 2]) -> String {
    said.map(|one| one.join().unwrap_or_default()).concat()
}
