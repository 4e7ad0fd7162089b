//! The compile worker from its parent's side: started, fed, watched, killed. So many at once, so many waiting. It does
//! not look into what comes out.

use super::config::CompileLimits;
use super::digest::Digest;
use super::engine;
use super::error::{CompileError, HostError};
use super::worker::{COMPILED, INVALID, OTHER, Order};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Bytes kept of what a worker says on its standard error.
const ERROR_BYTES: u64 = 4 << 10;

/// Starts workers.
pub(super) struct Compiler {
    worker: Arc<Worker>,
    running: Arc<Semaphore>,
    waiting: Semaphore,
    wait: Duration,
}

struct Worker {
    command: Vec<OsString>,
    limits: CompileLimits,
    /// What this program's own compiler makes: see [`Order`].
    compatibility: [u8; 32],
}

impl Compiler {
    /// `at_once` workers, `waiting` callers who wait for `wait`.
    ///
    /// # Errors
    ///
    /// When no engine can be set up.
    pub(super) fn new(
        command: Vec<OsString>,
        limits: CompileLimits,
        (at_once, waiting, wait): (usize, usize, Duration),
    ) -> wasmtime::Result<Self> {
        let compatibility = *engine::compatibility(&engine::compiler()?).as_bytes();
        let worker = Arc::new(Worker { command, limits, compatibility });
        let waiting = Semaphore::new(waiting.saturating_add(at_once));
        Ok(Self { worker, running: Arc::new(Semaphore::new(at_once)), waiting, wait })
    }

    pub(super) fn limits(&self) -> &CompileLimits {
        &self.worker.limits
    }

    /// Compiles a component. If the caller goes away, the worker still comes to its end, within its limits.
    pub(super) async fn compile(&self, digest: Digest, wasm: Vec<u8>) -> Result<Vec<u8>, HostError> {
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(CompileError::Busy.into()) };
        let turn = timeout(self.wait, Arc::clone(&self.running).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(CompileError::Busy.into()) };
        let worker = Arc::clone(&self.worker);
        let compiled = spawn_blocking(move || {
            let _turn = turn;
            if Digest::of(&wasm) != digest {
                return Err(HostError::OtherBytes);
            }
            Ok(worker.run(&wasm)?)
        });
        compiled.await.map_err(|error| CompileError::Worker(error.to_string()))?
    }
}

impl Worker {
    fn run(&self, wasm: &[u8]) -> Result<Vec<u8>, CompileError> {
        let mut child = self.start()?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut input), Some(output), Some(errors)) = (input, output, errors) else {
            return Err(CompileError::Worker(String::from("it has no input or output")));
        };
        let order = Order {
            memory_bytes: self.limits.memory_bytes,
            cpu_seconds: self.limits.cpu.as_secs().max(1),
            len: wasm.len() as u64,
            compatibility: self.compatibility,
        };
        let room = self.limits.artifact_bytes as u64 + 2;
        let (answer, errors, in_time) = thread::scope(|scope| {
            // A worker that dies early breaks this pipe; why it died is seen below.
            scope.spawn(move || input.write_all(&order.encode()).and_then(|()| input.write_all(wasm)));
            let errors = scope.spawn(move || read(errors, ERROR_BYTES));
            let (done, answered) = sync_channel(1);
            scope.spawn(move || done.send(read(output, room)));
            let answer = answered.recv_timeout(self.limits.wall);
            // Every pipe ends with the process, so every thread of this scope does.
            if answer.as_ref().map_or(true, |answer| answer.len() as u64 >= room) {
                let _ended_already = child.kill();
            }
            let in_time = answer.is_ok();
            (answer.unwrap_or_default(), errors.join().unwrap_or_default(), in_time)
        });
        let status = child.wait().map_err(|error| CompileError::Worker(error.to_string()))?;
        if !in_time {
            return Err(CompileError::Wall { limit: self.limits.wall });
        }
        self.understand(answer, &errors, status)
    }

    /// A process without an environment, that can be killed.
    fn start(&self) -> Result<Child, CompileError> {
        let [program, arguments @ ..] = self.command.as_slice() else {
            return Err(CompileError::Worker(String::from("none is configured")));
        };
        Command::new(program)
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| CompileError::Worker(format!("cannot start `{}`: {error}", program.display())))
    }

    fn understand(
        &self,
        mut answer: Vec<u8>,
        errors: &[u8],
        status: ExitStatus,
    ) -> Result<Vec<u8>, CompileError> {
        let limits = &self.limits;
        if answer.len() > limits.artifact_bytes.saturating_add(1) {
            return Err(CompileError::Large { limit_bytes: limits.artifact_bytes });
        }
        let errors = String::from_utf8_lossy(errors);
        match answer.first() {
            Some(&COMPILED) if status.success() => {
                answer.remove(0);
                Ok(answer)
            }
            Some(&INVALID) if status.success() => Err(CompileError::Invalid(
                String::from_utf8_lossy(answer.get(1..).unwrap_or_default()).into_owned(),
            )),
            Some(&OTHER) if status.success() => Err(CompileError::Replaced),
            _ if errors.contains("memory allocation of") => {
                Err(CompileError::Memory { limit_bytes: limits.memory_bytes })
            }
            _ if out_of_time(status) => Err(CompileError::Cpu { limit: limits.cpu }),
            _ => Err(CompileError::Worker(format!(
                "{status}: {}",
                errors.chars().take(300).collect::<String>()
            ))),
        }
    }
}

/// Whether the system ended it for its CPU time: by a signal, and this is the only one that a limit sends.
#[cfg(unix)]
fn out_of_time(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal();
    signal == Some(rustix::process::Signal::XCPU.as_raw())
        || signal == Some(rustix::process::Signal::KILL.as_raw())
}

#[cfg(not(unix))]
fn out_of_time(_: ExitStatus) -> bool {
    false
}

/// At most so many bytes; what came before an error is an answer too.
fn read(pipe: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _broken = pipe.take(limit).read_to_end(&mut bytes);
    bytes
}
