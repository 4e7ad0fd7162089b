//! The clock that interrupts running guests: a thread of the system, since a task could be held up by what it is to
//! interrupt. It rests when nothing has run for a while.

use parking_lot::{Condvar, Mutex};
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use wasmtime::Engine;

/// Ticks without any guest before it rests. To wake it costs whoever does some ten microseconds: in a busy company it does not rest.
const TICKS_BEFORE_REST: u32 = 50;

/// Ticks an engine's epoch while any guest runs. Its thread ends once this is dropped and no guest runs.
pub(super) struct Ticker {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    /// Whether it waits to be woken.
    rests: bool,
    ended: bool,
}

/// While it lives, the clock ticks.
pub(super) struct Ticking(Arc<Shared>);

impl Ticker {
    /// Starts the thread.
    pub(super) fn start(engine: &Engine, every: Duration) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let (engine, ticked) = (engine.weak(), Arc::clone(&shared));
        thread::Builder::new().name(String::from("mortise-ticker")).spawn(move || {
            let mut state = ticked.state.lock();
            let mut idle = 0;
            // What still runs is to make room, so that it can be stopped.
            while !state.ended || state.running > 0 {
                idle = if state.running == 0 { idle + 1 } else { 0 };
                if idle > TICKS_BEFORE_REST {
                    state.rests = true;
                    ticked.changed.wait(&mut state);
                    (state.rests, idle) = (false, 0);
                } else {
                    ticked.changed.wait_for(&mut state, every);
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                }
            }
        })?;
        Ok(Self { shared })
    }

    /// A guest begins to run.
    pub(super) fn guest(&self) -> Ticking {
        let mut state = self.shared.state.lock();
        state.running += 1;
        if state.rests {
            self.shared.changed.notify_one();
        }
        Ticking(Arc::clone(&self.shared))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.running = state.running.saturating_sub(1);
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.shared.state.lock().ended = true;
        self.shared.changed.notify_one();
    }
}
