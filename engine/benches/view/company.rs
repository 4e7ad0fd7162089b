//! A made-up company of any size: the same each time.

use mortise_engine::access::Policy;
use mortise_engine::context::Principal;
use mortise_engine::directory::{Directory, DirectoryRow};
use mortise_engine::id::{IssueId, LabelId, MemberId, StateId, TeamId, TenantId, WorkflowId};
use mortise_engine::model::{
    Commenter, Issue, IssueKind, IssueSource, Label, Member, Past, Placement, Priority, Relation,
    RelationKind, Resolution, Role, Seq, StateCategory, Team, Tenant, Tier, Workflow, WorkflowMode,
    WorkflowState,
};
use mortise_engine::time::{CalendarDate, Timestamp};
use mortise_engine::view::{Sight, View};
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Milliseconds of a day, and of the time in which all issues were made.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;
const AGE: i64 = 1_500 * DAY;

/// When the newest issue was made.
pub(crate) const NOW: i64 = 1_780_000_000_000;

const TEAMS: usize = 20;
const MEMBERS: usize = 200;
const LABELS: usize = 100;

/// Words that titles are known to have; the first come often.
const WORDS: [&str; 12] = [
    "login",
    "fails",
    "after",
    "update",
    "the",
    "Export",
    "button",
    "is",
    "slow",
    "on",
    "mobile",
    "dashboard",
];

/// Words in all: the others are made of syllables.
const VOCABULARY: usize = 4_000;

/// A repeatable sequence of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit as u64) as usize
    }

    /// Low numbers more often, as people and labels are.
    fn skewed(&mut self, limit: usize) -> usize {
        self.below(limit).min(self.below(limit))
    }

    /// Low numbers far more often, as words are: the n-th about 1/n as often as the first.
    fn zipf(&mut self, limit: usize) -> usize {
        let uniform = self.roll() as f64 / u64::MAX as f64;
        ((limit as f64).powf(uniform) as usize - 1).min(limit - 1)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

fn uuid(kind: u128, n: usize) -> Uuid {
    Uuid::from_u128(kind << 64 | n as u128)
}

pub(crate) fn team(n: usize) -> TeamId {
    TeamId::from_uuid(uuid(1, n))
}

pub(crate) fn member(n: usize) -> MemberId {
    MemberId::from_uuid(uuid(2, n))
}

pub(crate) fn label(n: usize) -> LabelId {
    LabelId::from_uuid(uuid(3, n))
}

pub(crate) fn state(team: usize, category: StateCategory) -> StateId {
    StateId::from_uuid(uuid(4, team * 8 + category as usize))
}

/// Its issues, its small tables, and the sight of all of it.
pub(crate) struct Company {
    pub(crate) rows: Vec<Issue>,
    pub(crate) directory: Directory,
    pub(crate) sight: Sight,
}

impl Company {
    pub(crate) fn new(size: usize) -> Self {
        let (mut dice, mut rows) = (Dice(42), Vec::with_capacity(size));
        let words = words(&mut dice);
        for n in 0..size {
            let row = issue(&mut dice, n, size, &words, &rows);
            rows.push(row);
        }
        Self { rows, directory: directory(), sight: sight() }
    }

    /// One issue in fifty, as if a search had found them, and their scores. Issues are loaded in their order, so that
    /// each has its place for an ordinal.
    pub(crate) fn found(&self) -> (RoaringBitmap, FxHashMap<u32, f32>) {
        let found: RoaringBitmap = (0..self.rows.len() as u32).step_by(50).collect();
        let scores = found.iter().map(|at| (at, (at % 977) as f32 / 10.0)).collect();
        (found, scores)
    }
}

fn words(dice: &mut Dice) -> Vec<String> {
    let syllables =
        ["re", "con", "ta", "ble", "in", "ser", "vi", "ce", "pro", "ject", "lo", "ad", "er", "im"];
    let made = (WORDS.len()..VOCABULARY)
        .map(|_| (0..2 + dice.below(3)).map(|_| syllables[dice.below(syllables.len())]).collect::<String>());
    WORDS.iter().map(|word| (*word).to_owned()).chain(made.collect::<Vec<_>>()).collect()
}

/// One of so many issues.
fn issue(dice: &mut Dice, n: usize, of: usize, words: &[String], before: &[Issue]) -> Issue {
    let created = NOW - AGE + (AGE as i128 * n as i128 / of as i128) as i64;
    let id = Uuid::from_u128((created as u128) << 80 | 7 << 76 | 2 << 62 | dice.roll() as u128 >> 2);
    let in_team = dice.skewed(TEAMS);
    let category = match dice.below(10) {
        0 => StateCategory::Backlog,
        1 => StateCategory::Unstarted,
        2 => StateCategory::Started,
        3 => StateCategory::Canceled,
        _ => StateCategory::Completed,
    };
    let updated = Timestamp::from_millis(created + (NOW - created) / (1 + dice.below(50) as i64));
    let started = Timestamp::from_millis(created + dice.below(30 * DAY as usize) as i64).min(updated);
    let title: Vec<_> = (0..4 + dice.below(5)).map(|_| &*words[dice.zipf(words.len())]).collect();
    let mut labels: Vec<_> = (0..dice.below(4)).map(|_| label(dice.skewed(LABELS))).collect();
    labels.sort();
    labels.dedup();
    let other = |dice: &mut Dice| before.get(n.saturating_sub(1 + dice.below(2_000))).map(|issue| issue.id);
    let terminal = category.is_terminal();
    let commenters = commenters(dice);
    Issue {
        id: IssueId::from_uuid(id),
        team: team(in_team),
        number: n as u32 + 1,
        title: format!("{} {n}", title.join(" ")),
        kind: IssueKind::ALL[dice.below(4)],
        state: state(in_team, category),
        category,
        priority: Priority::ALL[dice.skewed(5)],
        assignees: (0..dice.below(3)).map(|_| member(dice.skewed(MEMBERS))).collect(),
        creator: member(dice.skewed(MEMBERS)),
        labels,
        parent: dice.one_in(5).then(|| other(dice)).flatten(),
        estimate: dice.one_in(2).then(|| 1 << dice.below(5)),
        start_date: None,
        due_date: dice.one_in(3).then(|| CalendarDate::from_days(20_000 + dice.below(1_000) as i32)),
        rank: format!("{:08x}", dice.roll() as u32),
        resolution: terminal.then(|| Resolution::ALL[dice.below(4)]),
        created_at: Timestamp::from_millis(created),
        updated_at: updated,
        triaged_at: dice.one_in(10).then_some(started),
        started_at: (category as u8 >= 3).then_some(started),
        completed_at: (category == StateCategory::Completed).then_some(updated),
        canceled_at: (category == StateCategory::Canceled).then_some(updated),
        archived_at: dice.one_in(10).then_some(updated),
        deleted_at: dice.one_in(50).then_some(updated),
        reopen_count: u32::from(dice.one_in(20)),
        comment_count: commenters.iter().map(|commenter| commenter.comments).sum(),
        version: 1,
        last_event: Seq(1),
        source: dice.one_in(10).then(|| IssueSource {
            system: "github".to_owned(),
            id: n.to_string(),
            url: None,
            state: None,
        }),
        description_bytes: if dice.one_in(4) { 0 } else { 100 },
        description: None,
        relations: relations(dice, other),
        past: past(dice, in_team, terminal),
        commenters,
        state_since: terminal.then_some(updated),
        confidential: None,
        workflow_version: None,
        approvals: Vec::new(),
    }
}

fn commenters(dice: &mut Dice) -> Vec<Commenter> {
    let mut found: Vec<_> = (0..dice.below(4))
        .map(|_| Commenter { member: member(dice.skewed(MEMBERS)), comments: 1 + dice.below(3) as u32 })
        .collect();
    found.sort();
    found.dedup_by_key(|commenter| commenter.member);
    found
}

/// One issue in twelve is related to others.
fn relations(dice: &mut Dice, other: impl Fn(&mut Dice) -> Option<IssueId>) -> Vec<Relation> {
    if !dice.one_in(12) {
        return Vec::new();
    }
    let mut found: Vec<_> = (0..1 + dice.below(3))
        .filter_map(|_| Some(Relation { kind: RelationKind::ALL[dice.below(4)], to: other(dice)? }))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What has ended was planned and worked on before; one in ten was worked on by somebody else.
fn past(dice: &mut Dice, team: usize, terminal: bool) -> Past {
    let before: &[StateCategory] =
        if terminal { &[StateCategory::Unstarted, StateCategory::Started] } else { &[] };
    Past {
        states: before.iter().map(|category| state(team, *category)).collect(),
        categories: before.to_vec(),
        priorities: dice.one_in(10).then_some(Priority::None).into_iter().collect(),
        assignees: dice.one_in(10).then(|| member(dice.skewed(MEMBERS))).into_iter().collect(),
        ..Past::default()
    }
}

fn directory() -> Directory {
    let (mut directory, at) = (Directory::default(), Timestamp::from_millis(NOW));
    for n in 0..TEAMS {
        let workflow = WorkflowId::from_uuid(uuid(5, n));
        let states = StateCategory::ALL.iter().map(|category| WorkflowState {
            id: state(n, *category),
            name: format!("{category} {n}"),
            category: *category,
            color: "#000000".to_owned(),
            key: None,
            wip_limit: None,
        });
        directory.apply(DirectoryRow::Workflow(Arc::new(Workflow {
            id: workflow,
            name: format!("workflow {n}"),
            mode: WorkflowMode::Open,
            states: states.collect(),
            initial: state(n, StateCategory::Backlog),
            transitions: Vec::new(),
            created_at: at,
            updated_at: at,
            version: 1,
            published: None,
            retired: Vec::new(),
            migration: None,
        })));
        directory.apply(DirectoryRow::Team(Arc::new(Team {
            id: team(n),
            key: format!("T{n}"),
            name: format!("Team {n}"),
            description: None,
            workflow,
            former_keys: vec![format!("O{n}")],
            created_at: at,
            updated_at: at,
            archived_at: None,
            version: 1,
            private: false,
            members: Vec::new(),
            by_kind: Vec::new(),
        })));
    }
    for n in 0..MEMBERS {
        let email = Some(format!("member{n}@example.com"));
        let person = Member { email, ..Member::new(member(n), format!("Member {n}"), Role::User, at) };
        directory.apply(DirectoryRow::Member(Arc::new(person)));
    }
    for n in 0..LABELS {
        directory.apply(DirectoryRow::Label(Arc::new(Label {
            id: label(n),
            name: format!("label {n}"),
            color: "#000000".to_owned(),
            description: None,
            team: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
            version: 1,
        })));
    }
    directory
}

fn sight() -> Sight {
    let tenant = Tenant::new(
        TenantId::from_uuid(uuid(9, 1)),
        "bench",
        Tier::Platinum,
        Placement::Dedicated,
        Timestamp::from_millis(NOW),
    );
    let nothing = Directory::default();
    let policy = Policy::of(&Principal::trusted_system(tenant.id), &tenant, &nothing).unwrap();
    View::new().sight(&policy.scope(&nothing))
}
