//! Puts the demo's company into a new data folder, as if people had worked there for the last seven weeks.
//!
//! The engine is given a clock that is moved by hand, so that the history reads like one. It does not know what the
//! company works on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use mortise::command::comment::CreateComment;
use mortise::command::issue::{CreateIssue, CreateRelation, IssuePatch, Operation, UpdateIssue};
use mortise::command::label::CreateLabel;
use mortise::command::member::AddMember;
use mortise::context::{OpContext, Principal};
use mortise::event::{Origin, Subject};
use mortise::filter::Link;
use mortise::id::{IssueId, LabelId, MemberId, StateId, TeamId, TenantId};
use mortise::identity::Password;
use mortise::model::Tier;
use mortise::time::{CalendarDate, Clock, Timestamp};
use mortise::{Engine, FirstAdmin, NewTenant};

use super::company::{self, FIRST, ISSUES, LABELS, PEOPLE, RELATIONS, Sample, TALK};
use super::{PASSWORD, SLUG, views};
use crate::cli::place::Place;

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// How long ago the company began, in milliseconds: seven weeks.
const AGE_MS: i64 = 7 * 7 * 24 * HOUR_MS;

/// Between one new issue and the next, in milliseconds: the last one is a day old.
const PACE_MS: i64 = AGE_MS / 62;

/// Makes the company in the folder of `place`, whose engine is not open. `now` is when the history ends.
///
/// # Errors
/// Whatever the engine refuses with.
pub(super) async fn found(place: &Place, now: Timestamp) -> anyhow::Result<()> {
    let hand = Arc::new(AtomicI64::new(now.plus_millis(-AGE_MS).millis()));
    let clock = Clock::from_fn({
        let hand = Arc::clone(&hand);
        move || Timestamp::from_millis(hand.load(Ordering::Relaxed))
    });
    let engine = place.engine().clock(clock).open().await?;
    let done = fill(&engine, &hand, now).await;
    engine.close().await;
    done
}

async fn fill(engine: &Engine, hand: &AtomicI64, now: Timestamp) -> anyhow::Result<()> {
    let mut office = furnish(engine, now).await?;
    let first = *office.people.get(FIRST).context("nobody founded the company")?;
    views::keep(engine, &office.context(Principal::trusted_member(office.tenant, first))).await?;
    let began = now.plus_millis(-AGE_MS);
    for (at, act) in history(began, now) {
        hand.store(at.millis(), Ordering::Relaxed);
        office.perform(act).await?;
    }
    Ok(())
}

/// Something that happened to the issue with this index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Open(usize),
    Move(usize, usize),
    Say(usize, usize),
    /// What the relation with this index says was noticed.
    Relate(usize),
}

/// Everything that happened, in order of time.
fn history(began: Timestamp, now: Timestamp) -> Vec<(Timestamp, Act)> {
    let mut acts = Vec::new();
    let opened = |place: i64| began.plus_millis(HOUR_MS + place * PACE_MS);
    for (index, sample) in ISSUES.iter().enumerate() {
        let place = i64::try_from(index).unwrap_or_default();
        let opened = opened(place);
        // Uneven, so that it does not look counted, and the same each time.
        let pause = (5 + place * 7 % 31) * HOUR_MS + place * 13 % 60 * MINUTE_MS;
        let after = |steps: usize| {
            let steps = i64::try_from(steps).unwrap_or_default();
            opened.plus_millis(pause * steps).min(now.plus_millis(-MINUTE_MS * (4 - steps.min(3))))
        };
        acts.push((opened, Act::Open(index)));
        acts.extend((1..=sample.steps).map(|step| (after(step), Act::Move(index, step))));
        if company::is_discussed(index, sample) {
            let remarks = talk(sample).len();
            acts.extend((0..remarks).map(|nth| (after(nth + 1), Act::Say(index, nth))));
        }
    }
    acts.extend(RELATIONS.iter().enumerate().map(|(index, (issue, _, other))| {
        let later = i64::try_from(*issue.max(other)).unwrap_or_default();
        (opened(later - 1).plus_millis(HOUR_MS), Act::Relate(index))
    }));
    acts.sort_unstable();
    acts
}

fn talk(sample: &Sample) -> &'static [&'static str] {
    TALK.iter().find(|(steps, _)| *steps == sample.steps).map_or(&[], |(_, remarks)| remarks)
}

/// The company while it is being filled.
struct Office<'a> {
    engine: &'a Engine,
    tenant: TenantId,
    team: TeamId,
    people: HashMap<&'static str, MemberId>,
    labels: HashMap<&'static str, LabelId>,
    /// Open, In Progress, In Review, Closed.
    states: Vec<StateId>,
    issues: HashMap<usize, IssueId>,
    /// When the history ends.
    now: Timestamp,
}

/// Founds the company with its people and labels.
async fn furnish(engine: &Engine, now: Timestamp) -> anyhow::Result<Office<'_>> {
    let password = || Some(Password::new(PASSWORD.to_owned()));
    let admin = FirstAdmin {
        email: company::address(FIRST),
        name: company::FIRST_NAME.to_owned(),
        password: password(),
    };
    let new = NewTenant::new(SLUG, company::NAME)
        .with_tier(Tier::Platinum)
        .with_team(company::TEAM)
        .with_admin(admin);
    let founded = engine.create_tenant(new).await?;
    let system = OpContext::new(Principal::trusted_system(founded.tenant.id)).with_origin(Origin::Cli);
    let mut people: HashMap<_, _> = founded.admin.map(|id| (FIRST, id)).into_iter().collect();
    for &(short, name, role) in PEOPLE {
        let email = company::address(short);
        let add = AddMember { id: None, email, name: name.to_owned(), role, password_hash: None };
        let done = engine.add_member(system.clone(), add, password()).await?;
        let id =
            done.subjects.iter().find_map(|s| if let Subject::Member(id) = s { Some(*id) } else { None });
        people.insert(short, id.context("no member was added")?);
    }
    let mut labels = HashMap::new();
    for &(name, color, purpose) in LABELS {
        let id = LabelId::generate();
        let create = CreateLabel {
            id: Some(id),
            name: name.to_owned(),
            color: Some(color.to_owned()),
            description: Some(purpose.to_owned()),
            team: None,
        };
        engine.execute(system.clone(), create).await?;
        labels.insert(name, id);
    }
    let team = founded.team.context("no team was made")?;
    let directory = engine.reader(&system.principal).await?.directory().clone();
    let workflow = directory.workflow_of(team).context("the team has no workflow")?;
    let states = workflow.states.iter().map(|state| state.id).collect();
    let (tenant, issues) = (founded.tenant.id, HashMap::new());
    Ok(Office { engine, tenant, team, people, labels, states, issues, now })
}

impl Office<'_> {
    async fn perform(&mut self, act: Act) -> anyhow::Result<()> {
        let sample = |index: usize| ISSUES.get(index).context("there is no such sample");
        match act {
            Act::Open(index) => self.open(index, sample(index)?).await,
            Act::Move(index, step) => self.advance(index, sample(index)?, step).await,
            Act::Say(index, nth) => self.say(index, sample(index)?, nth).await,
            Act::Relate(index) => self.relate(index).await,
        }
    }

    async fn open(&mut self, index: usize, sample: &Sample) -> anyhow::Result<()> {
        let id = IssueId::generate();
        let names = |list: &'static str, mark: char| list.split(mark).filter(|name| !name.is_empty());
        let create = CreateIssue {
            id: Some(id),
            title: sample.title.to_owned(),
            description: Some(company::description(sample)),
            kind: Some(sample.kind),
            priority: Some(sample.priority),
            labels: names(sample.labels, ',').filter_map(|name| self.labels.get(name).copied()).collect(),
            assignees: names(sample.assignees, ' ')
                .filter_map(|name| self.people.get(name).copied())
                .collect(),
            parent: sample
                .parent
                .and_then(|number| self.issues.get(&number.checked_sub(1)?))
                .map(|id| (*id).into()),
            estimate: sample.estimate,
            due_date: sample.due.and_then(|days| self.day(days)),
            ..CreateIssue::in_team(self.team)
        };
        self.engine.execute(self.somebody(index), create).await?;
        self.issues.insert(index, id);
        Ok(())
    }

    async fn advance(&self, index: usize, sample: &Sample, step: usize) -> anyhow::Result<()> {
        let state = *self.states.get(step).context("the workflow has fewer states")?;
        let update = UpdateIssue {
            issue: self.issue(index)?,
            if_version: None,
            patch: IssuePatch { state: Some(state), ..IssuePatch::default() },
            operation: Operation::Transition,
        };
        self.engine.execute(self.worker(index, sample), update).await?;
        Ok(())
    }

    async fn say(&self, index: usize, sample: &Sample, nth: usize) -> anyhow::Result<()> {
        let body = (*talk(sample).get(nth).context("there is no such remark")?).to_owned();
        // The worker speaks, is answered, and speaks again.
        let who = if nth.is_multiple_of(2) { self.worker(index, sample) } else { self.somebody(index) };
        let create = CreateComment { id: None, issue: self.issue(index)?, parent: None, body };
        self.engine.execute(who, create).await?;
        Ok(())
    }

    async fn relate(&self, index: usize) -> anyhow::Result<()> {
        let (issue, kind, other) = *RELATIONS.get(index).context("there is no such relation")?;
        let relate = CreateRelation {
            issue: self.issue(issue - 1)?,
            link: Link { kind, reversed: false },
            other: self.issue(other - 1)?,
            if_version: None,
            close: true,
        };
        self.engine.execute(self.somebody(index), relate).await?;
        Ok(())
    }

    /// So many days after the history ends.
    fn day(&self, days: i32) -> Option<CalendarDate> {
        let today = i32::try_from(self.now.millis().div_euclid(24 * HOUR_MS)).ok()?;
        Some(CalendarDate::from_days(today + days))
    }

    fn issue(&self, index: usize) -> anyhow::Result<mortise::command::IssueRef> {
        self.issues.get(&index).map(|id| (*id).into()).context("the issue is not there yet")
    }

    /// Who works on it, or anybody.
    fn worker(&self, index: usize, sample: &Sample) -> OpContext {
        let first = sample.assignees.split(' ').next().and_then(|name| self.people.get(name));
        first.map_or_else(
            || self.somebody(index + 1),
            |id| self.context(Principal::trusted_member(self.tenant, *id)),
        )
    }

    /// One of the people, by turns.
    fn somebody(&self, index: usize) -> OpContext {
        let name = PEOPLE.get(index * 5 % (PEOPLE.len() + 1)).map_or(FIRST, |(short, _, _)| short);
        let member = self.people.get(name).copied();
        self.context(member.map_or_else(
            || Principal::trusted_system(self.tenant),
            |id| Principal::trusted_member(self.tenant, id),
        ))
    }

    fn context(&self, principal: Principal) -> OpContext {
        OpContext::new(principal).with_origin(Origin::Cli)
    }
}
