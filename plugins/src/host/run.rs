//! One call: a fresh store with all its limits, the guest and its answerer in turns, and what came of it. It knows
//! nothing of where code comes from.

use super::answers::Answers;
use super::aside::Lane;
use super::budget::Budget;
use super::code::{Code, Function};
use super::guest::{Guest, HERE_AT_MOST, Legacy, Said};
use super::mail::Mail;
use super::meter::{Clock, Meter, Meters};
use super::recording::Recording;
use super::state::{State, micros};
use super::stopped::Stopped;
use super::task::{Answer, LogLine, Run, Task};
use super::trap;
use super::wit::{
    Call, Edit, Event, Failure, Issue, NextState, Proposal, StateRef, Step, Tick, Verdict, inbound,
};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use tokio::time::{Instant, timeout};
use wasmtime::component::ComponentExportIndex;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

/// Runs one call of a function of this code, counting its CPU time on fresh meters, where its lane leads. As long as there is anything of the guest,
/// `held` is: the clock must tick meanwhile, and its place in the pool is taken.
pub(super) async fn run<H: Send + 'static>(
    code: &Code,
    (function, task, call): (&Function, Arc<Task>, Arc<Call>),
    budget: &Budget,
    answers: &mut dyn Answers,
    meters: &Meters,
    (lane, held): (Lane<'_>, H),
) -> Run {
    let (mail, meter) = (Arc::new(Mail::default()), Arc::clone(&meters.guest));
    let store = store(code, &call, budget, (&mail, &meter));
    let (its, index) = (code.clone(), function.index);
    let calls = move |mut legacy: Legacy<H>| async move {
        let store = legacy.store()?;
        // It may have waited for a thread: its first tick begins now.
        store.set_epoch_deadline(1);
        invoke(store, &its, index, task, call).await
    };
    let mut recording = Recording::default();
    let begun = Instant::now();
    let mut guest = Guest::begin((store, held), (lane, function), (Arc::clone(&mail), meter), calls);
    let outcome = {
        let turns = take_turns(&mut guest, &mail, meters, answers, (&mut recording, budget.recording_bytes));
        timeout(budget.wall, turns).await
    };
    let wall_us = micros(begun.elapsed());
    let (mut used, logs) = guest.stop().await.map(|state| (state.used, state.logs)).unwrap_or_default();
    let outcome = match outcome {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(stopped(&error, budget, &logs)),
        Ok(Err(halted)) => Err(halted),
        Err(_) => Err(Stopped::Wall { used_us: wall_us, limit_us: micros(budget.wall) }),
    };
    let cpu = meters.guest.spent();
    if !lane.at_once {
        function.set_slow(cpu >= HERE_AT_MOST);
    }
    used.cpu_us = micros(cpu);
    used.answers_us = micros(meters.answers.spent());
    used.wall_us = wall_us;
    Run { outcome, used, logs, recording }
}

/// A store with all limits.
fn store(
    code: &Code,
    call: &Call,
    budget: &Budget,
    (mail, meter): (&Arc<Mail>, &Arc<Meter>),
) -> Store<State> {
    let state = State::new(budget.clone(), call.now.clone(), Arc::clone(mail), Arc::clone(meter));
    let mut store = Store::new(code.pre().engine(), state);
    // Before instantiating: that may already run code of the guest.
    store.limiter(|state| state);
    store.set_hostcall_fuel(budget.host_call_bytes);
    store.epoch_deadline_callback(|store| store.data().tick());
    store
}

/// The guest runs until it asks; the question is answered; the guest runs on. The CPU time of whoever answers is measured as
/// that of the guest is. Fails when the answerer wants no more.
async fn take_turns(
    guest: &mut Guest<'_>,
    mail: &Mail,
    meters: &Meters,
    answers: &mut dyn Answers,
    (recording, limit): (&mut Recording, usize),
) -> Result<wasmtime::Result<Answer>, Stopped> {
    loop {
        match guest.next().await {
            Said::Over(outcome) => return Ok(outcome),
            Said::Asks(ask, left) => {
                // What is at hand is answered in less than it takes to ask the kernel for the time.
                let clock = if ask.is_at_hand() { Clock::Passing } else { Clock::Thread };
                let reply = {
                    let mut answer = pin!(ask.clone().put(&mut *answers, left));
                    poll_fn(|cx| meters.answers.measure(clock, || answer.as_mut().poll(cx))).await
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

/// Instantiates and calls. Only the function that is called is looked up: an interface has several, and to compare the types
/// of one with those of the contract takes microseconds.
async fn invoke(
    store: &mut Store<State>,
    code: &Code,
    function: ComponentExportIndex,
    task: Arc<Task>,
    call: Arc<Call>,
) -> wasmtime::Result<Answer> {
    let call = &*call;
    let instance = code.pre().instantiate_async(&mut *store).await?;
    let done = |result: Result<(), Failure>| result.map_or_else(Answer::Failed, |()| Answer::Done);
    Ok(match &*task {
        Task::Amend { issue, proposal } => {
            let amend = instance
                .get_typed_func::<(&Call, &Issue, &Proposal), (Vec<Edit>,)>(&mut *store, &function)?;
            Answer::Edits(amend.call_async(store, (call, issue, proposal)).await?.0)
        }
        Task::Validate { issue, proposal } => {
            let validate =
                instance.get_typed_func::<(&Call, &Issue, &Proposal), (Verdict,)>(&mut *store, &function)?;
            Answer::Verdict(validate.call_async(store, (call, issue, proposal)).await?.0)
        }
        Task::NextStates { issues, candidates } => {
            type Asked<'a> = (&'a Call, &'a [Issue], &'a [Vec<StateRef>]);
            let next_states =
                instance.get_typed_func::<Asked<'_>, (Vec<Vec<NextState>>,)>(&mut *store, &function)?;
            Answer::NextStates(next_states.call_async(store, (call, issues, candidates)).await?.0)
        }
        Task::Event(event) => {
            let on_event =
                instance.get_typed_func::<(&Call, &Event), (Result<(), Failure>,)>(&mut *store, &function)?;
            done(on_event.call_async(store, (call, event)).await?.0)
        }
        Task::Tick(tick) => {
            let on_schedule =
                instance.get_typed_func::<(&Call, &Tick), (Result<(), Failure>,)>(&mut *store, &function)?;
            done(on_schedule.call_async(store, (call, tick)).await?.0)
        }
        Task::Request(request) => {
            type Responded = (Result<inbound::Response, Failure>,);
            let on_request =
                instance.get_typed_func::<(&Call, &inbound::Request), Responded>(&mut *store, &function)?;
            let (response,) = on_request.call_async(store, (call, request)).await?;
            response.map_or_else(Answer::Failed, Answer::Response)
        }
        Task::Lifecycle(step) => {
            let on_lifecycle =
                instance.get_typed_func::<(&Call, &Step), (Result<(), Failure>,)>(&mut *store, &function)?;
            done(on_lifecycle.call_async(store, (call, step)).await?.0)
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
