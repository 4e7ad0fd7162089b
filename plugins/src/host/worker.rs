//! The compile worker: a process that turns one component into machine code and ends. It may have little memory, little
//! time and no files, so that an upload made to break a compiler breaks nothing else. Nothing of a host runs here.

use super::engine;
use std::io::{self, Read, Write};
use std::process::ExitCode;

/// What the parent says first; the component follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// Bytes of address space.
    pub(super) memory_bytes: u64,
    /// Seconds of CPU time.
    pub(super) cpu_seconds: u64,
    /// Length of the component, in bytes.
    pub(super) len: u64,
    /// What the code must be made with to be loaded by the parent: see [`engine::compatibility`].
    pub(super) compatibility: [u8; 32],
}

const MAGIC: &[u8; 8] = b"mortise3";
/// Bytes of an order.
const ORDER: usize = 64;
/// The first byte of an answer: code follows.
pub(super) const COMPILED: u8 = 0;
/// The first byte of an answer: the compiler's words follow.
pub(super) const INVALID: u8 = 1;
/// The only byte of an answer: this is another program than the parent, and makes other code.
pub(super) const OTHER: u8 = 2;
/// More than any limit on uploads; only to be safe from a broken order.
const COMPONENT_MAX: u64 = 256 << 20;

impl Order {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for number in [self.memory_bytes, self.cpu_seconds, self.len] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.compatibility);
        bytes
    }

    fn decode(bytes: &[u8; ORDER]) -> Option<Self> {
        let (numbers, compatibility) = bytes.strip_prefix(MAGIC)?.split_at_checked(24)?;
        let (numbers, _) = numbers.as_chunks::<8>();
        let [memory_bytes, cpu_seconds, len] = *numbers else { return None };
        let number = u64::from_le_bytes;
        Some(Self {
            memory_bytes: number(memory_bytes),
            cpu_seconds: number(cpu_seconds),
            len: number(len),
            compatibility: compatibility.try_into().ok()?,
        })
    }
}

/// The whole of a worker process: reads an order and a component from standard input, writes the answer to standard
/// output. A program that is to be one calls this in `main` and returns what it returns; it sets limits on the process.
#[must_use]
pub fn worker_main() -> ExitCode {
    match work(&mut io::stdin().lock(), &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // The parent sees that the answer is missing.
        Err(_) => ExitCode::FAILURE,
    }
}

fn work(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut order = [0; ORDER];
    input.read_exact(&mut order)?;
    // A program that was replaced while it runs starts its successor, whose orders may be others, and whose code it could not
    // load.
    let Some(order) = Order::decode(&order) else { return refuse(output) };
    if order.len > COMPONENT_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let engine = engine::compiler().map_err(io::Error::other)?;
    if *engine::compatibility(&engine).as_bytes() != order.compatibility {
        return refuse(output);
    }
    confine(&order)?;
    let mut wasm = Vec::new();
    input.take(order.len).read_to_end(&mut wasm)?;
    match engine.precompile_component(&wasm) {
        Ok(code) => {
            output.write_all(&[COMPILED])?;
            output.write_all(&code)?;
        }
        Err(error) => {
            let text: String = format!("{error:#}").chars().take(1_000).collect();
            output.write_all(&[INVALID])?;
            output.write_all(text.as_bytes())?;
        }
    }
    output.flush()
}

/// Says that this is another program.
fn refuse(output: &mut impl Write) -> io::Result<()> {
    output.write_all(&[OTHER])?;
    output.flush()
}

/// Takes from this process what compiling does not need: memory, time, new files and sockets, core dumps, and the processor
/// while somebody else wants it.
#[cfg(unix)]
fn confine(order: &Order) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let both = |soft: u64, hard: u64| Rlimit { current: Some(soft), maximum: Some(hard) };
    setrlimit(Resource::As, both(order.memory_bytes, order.memory_bytes))?;
    // A second more until the kill that cannot be caught.
    setrlimit(Resource::Cpu, both(order.cpu_seconds, order.cpu_seconds.saturating_add(1)))?;
    setrlimit(Resource::Core, both(0, 0))?;
    setrlimit(Resource::Fsize, both(0, 0))?;
    // Input, output and error stay; nothing can be opened beyond them.
    setrlimit(Resource::Nofile, both(3, 3))?;
    // The least of all: whoever uploads waits, and nobody else does.
    rustix::process::nice(19)?;
    Ok(())
}

/// Elsewhere only the parent's clock stops a worker.
#[cfg(not(unix))]
fn confine(_: &Order) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let order = Order { memory_bytes: 1, cpu_seconds: 2, len: 4, compatibility: [5; 32] };
        let bytes: [u8; ORDER] = order.encode().try_into().unwrap();
        assert_eq!(Order::decode(&bytes), Some(order));
        assert_eq!(Order::decode(&[0; ORDER]), None);
    }

    #[test]
    fn another_program_than_the_parent_compiles_nothing() {
        let order = Order { memory_bytes: u64::MAX, cpu_seconds: u64::MAX, len: 0, compatibility: [0; 32] };
        for order in [order.encode(), vec![b'x'; ORDER]] {
            let mut answer = Vec::new();
            work(&mut order.as_slice(), &mut answer).unwrap();
            assert_eq!(answer, [OTHER]);
        }
    }
}
