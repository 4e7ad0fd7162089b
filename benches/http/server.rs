//! The real server as a process of its own, from its start to its orderly end.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use mortise_engine::storage::StoreKind;

use crate::client::{Answer, Connection};
use crate::process::Tree;

/// How long it may take to start, or to stop.
const PATIENCE: Duration = Duration::from_secs(120);

/// Between two tries to reach a server that is starting: the precision of its start-up time.
const TRY_EVERY: Duration = Duration::from_millis(1);

/// Characters shown of what a failed server has said.
const SAID_CHARS: usize = 2_000;

/// See the module. A server that is dropped is killed.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    log: PathBuf,
    /// From its start to its first right answer about an issue.
    pub(crate) first_answer_after: Duration,
}

impl Server {
    /// Starts it on a data folder with these flags, and sends this request until it is answered: rightly, or it is no start.
    pub(crate) async fn start(
        (data, store): (&Path, StoreKind),
        flags: &[&str],
        request: &[u8],
        right: impl FnOnce(Answer<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let address = free_address()?;
        let log = data.with_extension("log");
        let said = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_mortise"));
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MORTISE_"))
        {
            command.env_remove(name);
        }
        let listen = address.to_string();
        command.args(["serve", "--listen", &listen, "--store", store.name()]).args(flags);
        command.arg("--data").arg(data);
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said);
        let began = Instant::now();
        let process = command.spawn().context("cannot start the server")?;
        let mut server = Self { process, address, log, first_answer_after: Duration::ZERO };
        let answered = server.first_answer(request, right, began).await;
        answered.with_context(|| format!("the server does not answer; it said:\n{}", server.said()))?;
        server.first_answer_after = began.elapsed();
        Ok(server)
    }

    /// Where it listens, and its processes.
    pub(crate) fn at(&self) -> (SocketAddr, Tree) {
        (self.address, Tree::of(self.process.id()))
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let process = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status().context("cannot run `kill`")?;
        anyhow::ensure!(told.success(), "cannot tell the server to stop ({told})");
        let began = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait()? {
                anyhow::ensure!(
                    status.success(),
                    "the server stopped with {status}; it said:\n{}",
                    self.said()
                );
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < PATIENCE, "the server does not stop");
            pause().await;
        }
    }

    async fn first_answer(
        &mut self,
        request: &[u8],
        right: impl FnOnce(Answer<'_>) -> anyhow::Result<()>,
        began: Instant,
    ) -> anyhow::Result<()> {
        loop {
            if let Ok(mut connection) = Connection::open(self.address).await {
                return right(connection.send(request).await.context("the first request is not answered")?);
            }
            if let Some(status) = self.process.try_wait()? {
                anyhow::bail!("it ended at once ({status})");
            }
            anyhow::ensure!(began.elapsed() < PATIENCE, "nobody listens at {}", self.address);
            pause().await;
        }
    }

    /// The end of what it has said.
    fn said(&self) -> String {
        let all = std::fs::read_to_string(&self.log).unwrap_or_default();
        let skip = all.chars().count().saturating_sub(SAID_CHARS);
        all.chars().skip(skip).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended long ago, which is as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address that was free a moment ago: the server is asked for it, so that connecting needs no reading of its words.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot find a free port")?;
    Ok(listener.local_addr()?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at another process, under a deadline"
)]
async fn pause() {
    tokio::time::sleep(TRY_EVERY).await;
}
