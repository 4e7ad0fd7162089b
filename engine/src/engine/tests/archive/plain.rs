//! The plain reading: rows replayed from the log, events and comments read forwards, one issue at a time.

use super::super::life::{Life, everything};
use super::super::past::Then;
use crate::directory::Directory;
use crate::event::{Event, EventBody, IssueChange, Subject};
use crate::filter::{
    Asking, CommentTest, Compare, Filter, HistoryTest, Many, MemberTest, ParentTest, PastChange, Sort, Test,
    TextOperator, TextSearch, Was,
};
use crate::id::{IssueId, MemberId};
use crate::model::{Comment, Issue};
use crate::query::{IssuePageRequest, Reader, Window};
use crate::time::Timestamp;
use crate::view::tests::naive::Naive;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// See the module.
pub(super) struct Plain {
    pub(super) rows: BTreeMap<IssueId, Issue>,
    pub(super) comments: BTreeMap<IssueId, Vec<Comment>>,
    pub(super) events: Vec<Event>,
    pub(super) directory: Arc<Directory>,
    asking: Asking,
    /// The events about each issue, oldest first, as places in all.
    lives: BTreeMap<IssueId, Vec<usize>>,
}

impl Plain {
    pub(super) async fn of(life: &Life, reader: &Reader) -> Self {
        let (events, mut then) = (life.events().await, Then::default());
        let mut lives: BTreeMap<IssueId, Vec<usize>> = BTreeMap::new();
        for (at, event) in events.iter().enumerate() {
            then.take(event);
            if let Subject::Issue(id) = event.subject {
                lives.entry(id).or_default().push(at);
            }
        }
        let mut comments: BTreeMap<IssueId, Vec<Comment>> = BTreeMap::new();
        for comment in then.replay.comments.values().filter(|comment| comment.deleted_at.is_none()) {
            comments.entry(comment.issue).or_default().push(comment.clone());
        }
        let asking = Asking { me: Some(life.people[0]), ..Asking::at(life.now()) };
        let rows = then.replay.issues.iter().map(|(id, row)| (*id, row.clone())).collect();
        Self { rows, comments, events, directory: reader.directory().clone(), asking, lives }
    }

    /// What passes, in order.
    pub(super) async fn list(&self, reader: &Reader, filter: &Filter, sort: &[Sort]) -> Vec<IssueId> {
        let mut texts = BTreeMap::new();
        for text in texts_of(filter) {
            let found = found_alone(reader, &text).await;
            texts.insert(text, found);
        }
        let (mut filter, mut sets) = (filter.clone(), Vec::new());
        replace(&mut filter, &mut |test| {
            let passing = self.passing(test, &texts)?;
            sets.push(passing);
            Some(Test::Looked(u16::try_from(sets.len() - 1).unwrap()))
        });
        let scores = BTreeMap::new();
        let naive = self.naive(&sets, &scores);
        naive.list(&filter, sort).into_iter().map(|row| row.id).collect()
    }

    fn naive<'a>(&'a self, sets: &'a [BTreeSet<IssueId>], scores: &'a BTreeMap<IssueId, f32>) -> Naive<'a> {
        Naive { rows: &self.rows, directory: &self.directory, asking: &self.asking, sets, scores }
    }

    /// The issues that pass a test of histories, comments or texts; none for other tests.
    fn passing(&self, test: &Test, texts: &BTreeMap<String, BTreeSet<IssueId>>) -> Option<BTreeSet<IssueId>> {
        let all = |passes: &dyn Fn(&Issue) -> bool| {
            self.rows.values().filter(|row| passes(row)).map(|row| row.id).collect()
        };
        match test {
            Test::History(test) => Some(all(&|row| self.was(row, test))),
            Test::Comments(Many::Length(_)) => None,
            Test::Comments(many) => Some(all(&|row| self.said(row, many))),
            Test::Text(search) => texts.get(&search.text).cloned(),
            _ => None,
        }
    }

    fn said(&self, row: &Issue, many: &Many<CommentTest>) -> bool {
        let scores = BTreeMap::new();
        let naive = self.naive(&[], &scores);
        let passes = |comment: &Comment, test: &CommentTest| match test {
            CommentTest::Author(test) => naive.member(test, comment.author),
            CommentTest::Created(compare) => {
                compare.map(|when| when.settle(&self.asking)).passes(Some(&comment.created_at))
            }
        };
        let all = |tests: &[CommentTest]| {
            let comments = self.comments.get(&row.id).into_iter().flatten();
            comments.map(|comment| tests.iter().all(|test| passes(comment, test))).collect::<Vec<_>>()
        };
        match many {
            Many::Some(tests) => all(tests).contains(&true),
            Many::Every(tests) => !all(tests).contains(&false),
            Many::None(tests) => !all(tests).contains(&true),
            Many::Length(_) => panic!("counts are the row's"),
        }
    }

    fn was(&self, row: &Issue, test: &HistoryTest) -> bool {
        let scores = BTreeMap::new();
        let naive = self.naive(&[], &scores);
        match &test.change {
            PastChange::State(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::State { state, .. } => Some((vec![state.from], vec![state.to])),
                    _ => None,
                };
                self.judge(row, test, was, |made| vec![made.state], change, |t, v| naive.state(t, *v))
            }
            PastChange::Category(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::State { category, .. } => Some((vec![category.from], vec![category.to])),
                    _ => None,
                };
                self.judge(row, test, was, |made| vec![made.category], change, |c, v| c.passes(Some(v)))
            }
            PastChange::Priority(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::Priority(c) => Some((vec![c.from], vec![c.to])),
                    _ => None,
                };
                self.judge(row, test, was, |made| vec![made.priority], change, |c, v| c.passes(Some(v)))
            }
            PastChange::Kind(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::Kind(c) => Some((vec![c.from], vec![c.to])),
                    _ => None,
                };
                self.judge(row, test, was, |made| vec![made.kind], change, |c, v| c.passes(Some(v)))
            }
            PastChange::Resolution(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::Resolution(c) => Some((vec![c.from], vec![c.to])),
                    _ => None,
                };
                // It may change from or to nothing, but nothing is no value that it had.
                let counts = |value: &Option<_>| value.is_some() || matches!(was, Was::Changed { .. });
                let passes = |c: &Compare<_>, v: &Option<_>| counts(v) && c.passes(v.as_ref());
                self.judge(row, test, was, |made| vec![made.resolution], change, passes)
            }
            PastChange::Assignee(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::Assignees(c) => Some((c.from.clone(), c.to.clone())),
                    _ => None,
                };
                self.judge(row, test, was, |made| made.assignees.clone(), change, |t, v| naive.member(t, *v))
            }
            PastChange::Label(was) => {
                let change = |change: &IssueChange| match change {
                    IssueChange::Labels(c) => Some((c.from.clone(), c.to.clone())),
                    _ => None,
                };
                self.judge(row, test, was, |made| made.labels.clone(), change, |t, v| naive.label(t, *v))
            }
        }
    }

    /// Whether a test of a member passes where there is none.
    fn is_nobody(&self, by: &MemberTest) -> bool {
        match by {
            MemberTest::Id(compare) => compare.passes(None),
            MemberTest::Name(test) | MemberTest::Email(test) => {
                matches!(test.operator, TextOperator::Neq | TextOperator::Nin | TextOperator::NotContains)
            }
            MemberTest::Me(me) => !me,
        }
    }

    /// Reads a life forwards: each value lasts from the event that gave it to just before the one that took it, or to now.
    fn judge<T: PartialEq + Clone, C>(
        &self,
        row: &Issue,
        test: &HistoryTest,
        was: &Was<C>,
        made: impl Fn(&Issue) -> Vec<T>,
        change: impl Fn(&IssueChange) -> Option<(Vec<T>, Vec<T>)>,
        passes: impl Fn(&C, &T) -> bool,
    ) -> bool {
        let scores = BTreeMap::new();
        let naive = self.naive(&[], &scores);
        let during = test.during.as_ref().map(|during| during.map(|when| when.settle(&self.asking)));
        let by = |giver: Option<MemberId>| match (&test.by, giver) {
            (None, _) => true,
            (Some(by), Some(giver)) => naive.member(by, giver),
            // Imports and the program itself are nobody.
            (Some(by), None) => self.is_nobody(by),
        };
        let meets = |first: Timestamp, last: Timestamp| {
            during.as_ref().is_none_or(|during| meets(during, first, last))
        };
        let ends = |until: Timestamp, first: Timestamp| until.plus_millis(-1).max(first);
        // What it has, since when, and who gave it.
        let mut held: Vec<(T, Timestamp, Option<MemberId>)> = Vec::new();
        let mut found = false;
        let mut lasted = |value: &T, first: Timestamp, last: Timestamp, giver: Option<MemberId>| {
            if let Was::Had(test) = was {
                found |= passes(test, value) && by(giver) && meets(first, last);
            }
        };
        let mut changed = false;
        for event in self.lives[&row.id].iter().map(|at| &self.events[*at]) {
            match event.body.as_ref().unwrap() {
                EventBody::IssueCreated { issue, .. } => {
                    let creator = Some(issue.creator).filter(|id| *id != crate::command::system_member());
                    held = made(issue).into_iter().map(|value| (value, event.at, creator)).collect();
                }
                EventBody::IssueUpdated { changes } => {
                    for (from, to) in changes.iter().filter_map(&change) {
                        let left: Vec<_> = from.iter().filter(|value| !to.contains(value)).collect();
                        let came: Vec<_> = to.iter().filter(|value| !from.contains(value)).collect();
                        if let Was::Changed { from, to } = was {
                            changed |= !(left.is_empty() && came.is_empty())
                                && from
                                    .as_ref()
                                    .is_none_or(|test| left.iter().any(|value| passes(test, value)))
                                && to
                                    .as_ref()
                                    .is_none_or(|test| came.iter().any(|value| passes(test, value)))
                                && by(event.actor.member())
                                && during.as_ref().is_none_or(|during| during.passes(Some(&event.at)));
                        }
                        for value in left {
                            let at = held.iter().position(|(own, ..)| own == value).unwrap();
                            let (value, first, giver) = held.remove(at);
                            lasted(&value, first, ends(event.at, first), giver);
                        }
                        held.extend(
                            came.into_iter().map(|value| (value.clone(), event.at, event.actor.member())),
                        );
                    }
                }
                _ => {}
            }
        }
        for (value, first, giver) in &held {
            lasted(value, *first, self.asking.now.max(*first), *giver);
        }
        found || changed
    }
}

/// Whether a moment of a stretch passes: one of its ends, or one beside a value of the test.
fn meets(during: &Compare<Timestamp>, first: Timestamp, last: Timestamp) -> bool {
    let values = listed(during);
    let beside = values.iter().flat_map(|at| [-1, 0, 1].map(|by| at.plus_millis(by)));
    let mut moments = beside.filter(|at| (first..=last).contains(at)).chain([first, last]);
    moments.any(|at| during.passes(Some(&at)))
}

fn listed(during: &Compare<Timestamp>) -> Vec<Timestamp> {
    match during {
        Compare::Eq(at)
        | Compare::Neq(at)
        | Compare::Lt(at)
        | Compare::Lte(at)
        | Compare::Gt(at)
        | Compare::Gte(at) => {
            vec![*at]
        }
        Compare::In(list) | Compare::Nin(list) => list.clone(),
        Compare::Between(low, high) => vec![*low, *high],
        Compare::Null(_) => Vec::new(),
    }
}

/// Words that are sought in place of whatever a random text says.
const WORDS: &[&str] = &["handshake", "login", "tls certificate", "fails", "record*", "zebra"];

/// The same tree with texts that can be searched.
pub(super) fn searching(mut filter: Filter) -> Filter {
    replace(&mut filter, &mut |test| match test {
        Test::Text(search) => Some(Test::Text(TextSearch::of(WORDS[search.text.len() % WORDS.len()]))),
        _ => None,
    });
    filter
}

fn texts_of(filter: &Filter) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    filter.each_test(&mut |test| {
        if let Test::Text(search) = test {
            texts.insert(search.text.clone());
        }
        true
    });
    texts
}

/// All issues that a search finds by itself, deleted and archived ones too.
async fn found_alone(reader: &Reader, text: &str) -> BTreeSet<IssueId> {
    let filter = Filter::All(vec![everything(), Test::Text(TextSearch::of(text)).into()]);
    let (mut found, mut after) = (BTreeSet::new(), None);
    loop {
        let window = Window::First(250, after.take());
        let page = reader
            .issues(&IssuePageRequest { filter: filter.clone(), sort: Vec::new(), window })
            .await
            .unwrap();
        found.extend(page.issues.iter().map(|issue| issue.id));
        after = page.issues.len().checked_sub(1).and_then(|last| page.cursors.of(last));
        if !page.has_next {
            assert_eq!(found.len() as u64, page.total, "{text}");
            return found;
        }
    }
}

/// Puts other tests in the place of some, inside tests of other issues too.
fn replace(filter: &mut Filter, with: &mut dyn FnMut(&Test) -> Option<Test>) {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter_mut().for_each(|part| replace(part, with)),
        Filter::Not(part) => replace(part, with),
        Filter::Test(test) => {
            if let Some(other) = with(test) {
                *test = other;
                return;
            }
            match test {
                Test::Parent(ParentTest::Passes(part)) => replace(part, with),
                Test::Children(many) | Test::Related(_, many) => match many {
                    Many::Some(parts) | Many::Every(parts) | Many::None(parts) => {
                        parts.iter_mut().for_each(|part| replace(part, with));
                    }
                    Many::Length(_) => {}
                },
                _ => {}
            }
        }
    }
}
