//! One call: a fresh store with all its limits, the guest and its answerer in turns, and what came of it. It knows
//! nothing of where code comes from.

use super::answers::Answers;
use super::ask::{Ask, Left};
use super::budget::Budget;
use super::code::{Code, Hooks};
use super::meter::Meters;
use super::recording::Recording;
use super::state::{Mail, State, micros};
use super::stopped::Stopped;
use super::task::{Answer, LogLine, Run, Task};
use super::trap;
use super::wit::{Call, Failure};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::time::{Instant, timeout};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

/// Runs one call, counting its CPU time on fresh meters. The clock must tick meanwhile.
pub(super) async fn run(
    code: &Code,
    task: Task,
    call: Call,
    budget: &Budget,
    answers: &mut dyn Answers,
    meters: &Meters,
) -> Run {
    let (mail, meter) = (Arc::new(Mail::default()), meters.guest.clone());
    let state = State::new(budget.clone(), call.now.clone(), Arc::clone(&mail), Arc::clone(&meter));
    let mut store = Store::new(code.pre().engine(), state);
    // Before instantiating: that may already run code of the guest.
    store.limiter(|state| state);
    store.set_hostcall_fuel(budget.host_call_bytes);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| store.data().tick());

    let mut recording = Recording::default();
    let begun = Instant::now();
    let outcome = {
        let guest = Box::pin(invoke(&mut store, code, task, call));
        let turns = take_turns(guest, &mail, meters, answers, (&mut recording, budget.recording_bytes));
        timeout(budget.wall, turns).await
    };
    let wall_us = micros(begun.elapsed());
    let outcome = match outcome {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(stopped(&error, budget, &store.data().logs)),
        Ok(Err(halted)) => Err(halted),
        Err(_) => Err(Stopped::Wall { used_us: wall_us, limit_us: micros(budget.wall) }),
    };
    let State { mut used, logs, .. } = store.into_data();
    used.cpu_us = micros(meter.spent());
    used.answers_us = micros(meters.answers.spent());
    used.wall_us = wall_us;
    Run { outcome, used, logs, recording }
}

/// The guest runs until it asks; the question is answered; the guest runs on. Its CPU time is what passes while it is
/// polled, so nothing counts that it waits for; that of whoever answers is measured the same way, apart. Fails when the
/// answerer wants no more.
async fn take_turns<G: Future<Output = wasmtime::Result<Answer>>>(
    guest: G,
    mail: &Mail,
    meters: &Meters,
    answers: &mut dyn Answers,
    (recording, limit): (&mut Recording, usize),
) -> Result<wasmtime::Result<Answer>, Stopped> {
    enum Turn {
        Over(wasmtime::Result<Answer>),
        Asks(Ask, Left),
    }
    let mut guest = pin!(guest);
    loop {
        let turn = poll_fn(|cx| {
            match meters.guest.measure(|| guest.as_mut().poll(cx)) {
                Poll::Ready(outcome) => Poll::Ready(Turn::Over(outcome)),
                // Without a question it only made room for others, and has woken itself.
                Poll::Pending => {
                    mail.take().map_or(Poll::Pending, |(ask, left)| Poll::Ready(Turn::Asks(ask, left)))
                }
            }
        });
        match turn.await {
            Turn::Over(outcome) => return Ok(outcome),
            Turn::Asks(ask, left) => {
                let reply = {
                    let mut answer = pin!(ask.clone().put(&mut *answers, left));
                    poll_fn(|cx| meters.answers.measure(|| answer.as_mut().poll(cx))).await
                };
                if let Some(halted) = answers.halted() {
                    return Err(halted);
                }
                recording.push(ask, reply.clone(), limit);
                mail.answer(reply);
            }
        }
    }
}

/// Instantiates and calls.
async fn invoke(store: &mut Store<State>, code: &Code, task: Task, call: Call) -> wasmtime::Result<Answer> {
    let instance = code.pre().instantiate_async(&mut *store).await?;
    let Hooks { workflow, automation, scheduled, inbound, lifecycle } = code.hooks();
    let export = task.export().name();
    let missing = || wasmtime::Error::new(Stopped::NotExported(export));
    let done = |result: Result<(), Failure>| result.map_or_else(Answer::Failed, |()| Answer::Done);
    Ok(match task {
        Task::Amend { issue, proposal } => {
            let guest = workflow.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            Answer::Edits(guest.call_amend(store, &call, &issue, &proposal).await?)
        }
        Task::Validate { issue, proposal } => {
            let guest = workflow.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            Answer::Verdict(guest.call_validate(store, &call, &issue, &proposal).await?)
        }
        Task::NextStates { issues, candidates } => {
            let guest = workflow.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            Answer::NextStates(guest.call_next_states(store, &call, &issues, &candidates).await?)
        }
        Task::Event(event) => {
            let guest = automation.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            done(guest.call_on_event(store, &call, &event).await?)
        }
        Task::Tick(tick) => {
            let guest = scheduled.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            done(guest.call_on_schedule(store, &call, &tick).await?)
        }
        Task::Request(request) => {
            let guest = inbound.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            let response = guest.call_on_request(store, &call, &request).await?;
            response.map_or_else(Answer::Failed, Answer::Response)
        }
        Task::Lifecycle(step) => {
            let guest = lifecycle.as_ref().ok_or_else(missing)?.load(&mut *store, &instance)?;
            done(guest.call_on_lifecycle(store, &call, &step).await?)
        }
    })
}

/// What an error of the engine means. What the guest logged last says why it ended itself.
fn stopped(error: &wasmtime::Error, budget: &Budget, logs: &[LogLine]) -> Stopped {
    if let Some(stopped) = error.downcast_ref::<Stopped>() {
        return stopped.clone();
    }
    if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
        return Stopped::Busy { waited: std::time::Duration::ZERO };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => return Stopped::Stack,
        Some(trap) => return Stopped::Trap(trap::in_words(*trap, logs)),
        None => {}
    }
    let text = error.root_cause().to_string();
    // The engine has no type for this one.
    if text.contains("fuel allocated for hostcalls") {
        return Stopped::Bytes { limit_bytes: budget.host_call_bytes };
    }
    Stopped::Trap(trap::odd(&text))
}
