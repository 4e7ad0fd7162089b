//! What happens in a test, as the host calls for it.

use anyhow::{Context as _, bail, ensure};
use mortise::plugins::host::Task;
use mortise::plugins::host::wit::automation::Other;
use mortise::plugins::host::wit::{
    Actor, ActorKind, Call, Change, Comment, Commented, Event, Issue, Proposal, RunMode, StateRef, Step,
    Tick, Transition, Updated, Value, inbound,
};
use mortise::plugins::manifest::Manifest;

use super::fields;
use super::script::EventGiven;
use super::world::{World, object};

/// One call, with what it is about in words.
pub(super) struct Scene {
    pub(super) about: String,
    pub(super) task: Task,
    pub(super) call: Call,
}

/// The call that an event leads to.
///
/// # Errors
/// The event names what is not there, or does not say enough.
pub(super) fn scene(
    event: &EventGiven,
    at: usize,
    world: &World,
    manifest: &Manifest,
) -> anyhow::Result<Scene> {
    let number = at + 1;
    let (about, task) = told(event, world, manifest).with_context(|| format!("event {number}"))?;
    let about = format!("{number}. {about}");
    Ok(Scene { about, task, call: call(event, number, world, manifest) })
}

fn told(event: &EventGiven, world: &World, manifest: &Manifest) -> anyhow::Result<(String, Task)> {
    let what = event.what.as_deref().unwrap_or_default();
    match event.on.as_str() {
        "validate" | "amend" => {
            let (issue, proposal, words) = proposal(event, what, world)?;
            let about = format!("{} {words}", event.on);
            let is_amend = event.on == "amend";
            let task =
                if is_amend { Task::Amend { issue, proposal } } else { Task::Validate { issue, proposal } };
            Ok((about, task))
        }
        "next-states" => {
            let issue = named(event, world)?;
            let team = world.team(&issue.team_key).context("its team is not there")?;
            let others = team.states.iter().filter(|state| state.id != issue.state.id).cloned().collect();
            let about = format!("next-states {}", issue.key);
            Ok((about, Task::NextStates { issues: vec![issue], candidates: vec![others] }))
        }
        "event" => happened(event, what, world),
        "schedule" => {
            let schedule = event.schedule.clone().context("name the `schedule`")?;
            expect_scheduled(&schedule, manifest)?;
            let about = format!("schedule {schedule}");
            Ok((about, Task::Tick(Tick { schedule, due_at: world.now.clone(), missed: event.missed })))
        }
        "request" => {
            let pairs = |map: &std::collections::BTreeMap<String, String>| {
                map.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect()
            };
            let method = event.method.clone().unwrap_or_else(|| "POST".to_owned());
            let path = event.path.clone().unwrap_or_default();
            let about = format!("request {method} {path}");
            let query = event.query.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            let body = event.body.clone().unwrap_or_default().into_bytes();
            let headers = pairs(&event.headers);
            Ok((about, Task::Request(inbound::Request { method, path, query, headers, body })))
        }
        "lifecycle" => {
            let step = match what {
                "enabled" | "" => Step::Enabled,
                "upgraded" => Step::Upgraded(event.from.clone().unwrap_or_else(|| "0.1.0".to_owned())),
                "settings-changed" => Step::SettingsChanged,
                "disabled" => Step::Disabled,
                _ => bail!("`{what}` is no step: enabled, upgraded, settings-changed, disabled"),
            };
            let what = if what.is_empty() { "enabled" } else { what };
            Ok((format!("lifecycle {what}"), Task::Lifecycle(step)))
        }
        other => bail!(
            "`{other}` is nothing that a plugin is called for: \
             validate, amend, next-states, event, schedule, request, lifecycle"
        ),
    }
}

/// A server wakes a plugin at the times of its manifest alone.
fn expect_scheduled(name: &str, manifest: &Manifest) -> anyhow::Result<()> {
    let names: Vec<&str> = manifest.schedules.iter().map(|schedule| schedule.name.as_str()).collect();
    ensure!(!names.is_empty(), "the manifest has no schedules, and so none is called `{name}`");
    ensure!(names.contains(&name), "the manifest has no schedule `{name}`, but {}", names.join(", "));
    Ok(())
}

/// The issue that an event names; the first where it names none.
fn named(event: &EventGiven, world: &World) -> anyhow::Result<Issue> {
    match &event.issue {
        Some(key) => world.issue(key).cloned().with_context(|| format!("there is no issue {key}")),
        None => world.issues.first().cloned().context("there is no [[issue]]"),
    }
}

/// The issue as the change would leave it, the state it would enter, and the changes of fields.
fn changed(event: &EventGiven, world: &World) -> anyhow::Result<(Issue, Option<StateRef>, Vec<Change>)> {
    let before = named(event, world)?;
    let mut after = before.clone();
    let to = event.to.as_deref().map(|key| world.state(&before.team_key, Some(key))).transpose()?;
    for (key, value) in &event.changes {
        fields::set(&mut after, key, value)?;
    }
    if let Some(state) = &to {
        after.state = state.clone();
        after.in_state_since.clone_from(&world.now);
    }
    let change = |key: &String| Change {
        key: key.clone(),
        before: fields::value(&before, key),
        after: fields::value(&after, key),
    };
    let changes = event.changes.keys().map(change).collect();
    Ok((after, to, changes))
}

fn proposal(event: &EventGiven, what: &str, world: &World) -> anyhow::Result<(Issue, Proposal, String)> {
    let (mut issue, to, changes) = changed(event, world)?;
    let key = issue.key.clone();
    Ok(match what {
        "create" => {
            (issue.key, issue.revision) = (String::new(), String::new());
            (issue, Proposal::Create, format!("create {key}"))
        }
        "update" => (issue, Proposal::Update(changes), format!("update {key}")),
        "transition" => {
            let to = to.context("a transition goes `to` a state")?;
            let from = named(event, world)?.state;
            let words = format!("transition {key} to {}", to.key);
            (issue, Proposal::Transition(Transition { from, to, changes }), words)
        }
        "comment" => {
            let text = event.comment.clone().context("a comment has a text: `comment`")?;
            (issue, Proposal::Comment(text), format!("comment {key}"))
        }
        _ => bail!("`what` is create, update, transition or comment"),
    })
}

fn happened(event: &EventGiven, what: &str, world: &World) -> anyhow::Result<(String, Task)> {
    if let Some(json) = &event.json {
        let other = Other { name: what.to_owned(), json: object(Some(json)) };
        return Ok((format!("event {what}"), Task::Event(Event::Other(other))));
    }
    let before = named(event, world)?.state;
    let (issue, to, mut changes) = changed(event, world)?;
    let about = format!("event {what} {}", issue.key);
    if let Some(to) = to {
        let reference = |state: StateRef| Some(Value::Reference(state.id));
        changes.push(Change { key: "state".to_owned(), before: reference(before), after: reference(to) });
    }
    let event = match what {
        "created" | "" => Event::Created(issue),
        "updated" => Event::Updated(Updated { issue, changes }),
        "deleted" => Event::Deleted(issue),
        "commented" => {
            let body = event.comment.clone().context("a comment has a text: `comment`")?;
            let author = event.actor.clone().unwrap_or_else(|| "ada".to_owned());
            let created_at = world.now.clone();
            let comment =
                Comment { id: "comment-1".to_owned(), issue: issue.id.clone(), author, body, created_at };
            Event::Commented(Commented { issue, comment })
        }
        _ => bail!("`what` is created, updated, commented or deleted; any other has its content in `json`"),
    };
    Ok((about, Task::Event(event)))
}

fn call(event: &EventGiven, number: usize, world: &World, manifest: &Manifest) -> Call {
    let handle = event.actor.as_deref().unwrap_or("ada");
    let member = world.member(handle);
    Call {
        company: "test".to_owned(),
        installation: "test".to_owned(),
        plugin_version: manifest.version.to_string(),
        invocation: format!("event-{number}"),
        attempt: event.attempt.unwrap_or(1),
        mode: RunMode::Live,
        actor: Actor {
            kind: ActorKind::Member,
            id: handle.to_owned(),
            display_name: member.map_or_else(|| handle.to_owned(), |member| member.display_name.clone()),
            teams: member.map(|member| member.teams.clone()).unwrap_or_default(),
            role: member.map_or_else(|| "USER".to_owned(), |member| member.role.clone()),
        },
        depth: 0,
        now: world.now.clone(),
        time_zone: world.time_zone.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::MANIFEST;
    use super::super::script::Script;
    use super::*;

    fn woken(manifest: &str, schedule: &str) -> anyhow::Result<Scene> {
        let manifest = Manifest::parse(manifest.as_bytes()).unwrap();
        let world = World::of(&Script::default(), &manifest).unwrap();
        let schedule = Some(schedule.to_owned());
        let event = EventGiven { on: "schedule".to_owned(), schedule, ..EventGiven::default() };
        scene(&event, 0, &world, &manifest)
    }

    #[test]
    fn a_plugin_is_woken_at_the_times_of_its_manifest_alone() {
        let daily = [MANIFEST, "[[schedules]]\nname = \"daily\"\ncron = \"0 9 * * *\"\n"].concat();
        assert_eq!(woken(&daily, "daily").unwrap().about, "1. schedule daily");
        let refused = format!("{:#}", woken(&daily, "weekly").err().unwrap());
        assert!(
            refused.contains("event 1") && refused.contains("no schedule `weekly`, but daily"),
            "{refused}"
        );
        assert!(format!("{:#}", woken(MANIFEST, "daily").err().unwrap()).contains("no schedules"));
    }
}
