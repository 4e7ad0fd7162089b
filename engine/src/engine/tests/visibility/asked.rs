//! Whatever can be asked of a reader, and all that it tells, as text.

use super::{CANARY, Company, HIDDEN_KEY};
use crate::command::IssueRef;
use crate::filter::{
    Compare, Filter, GroupBy, HistoryTest, LabelTest, Link, Many, ParentTest, PastChange, TeamTest, Test,
    TextOperator, TextSearch, TextTest, Was,
};
use crate::id::MemberId;
use crate::language;
use crate::model::{RelationKind, Seq};
use crate::query::{GroupsRequest, IssuePageRequest, Like, LiveQuery, Past, Reader, Window};
use std::fmt::Debug;

/// Each question with what it told.
#[derive(Default)]
struct Told(Vec<(String, String)>);

impl Told {
    fn note(&mut self, question: impl Into<String>, answer: impl Debug) {
        self.0.push((question.into(), format!("{answer:?}")));
    }
}

pub(super) async fn everything_told(company: &Company, who: MemberId) -> Vec<(String, String)> {
    let reader = company.reader(who).await;
    let mut told = Told::default();
    things(company, &reader, &mut told).await;
    lists(company, &reader, "now", &mut told).await;
    let then = reader.at(Past::Seq(company.before)).await.unwrap();
    things(company, &then, &mut told).await;
    lists(company, &then, "then", &mut told).await;
    texts(company, &reader, &mut told).await;
    told.0
}

/// What is found by its own name.
async fn things(company: &Company, reader: &Reader, told: &mut Told) {
    let named = company.hidden.iter().map(|id| IssueRef::Id(*id));
    let keyed = ["ENG-1", "ENG-2", "ENG-3", "SECRETS-1", "secrets-1"].map(|key| key.parse().unwrap());
    for name in named.chain(keyed) {
        told.note(format!("issue {name}"), reader.issue(&name).await.unwrap());
        let row = reader.issue_even_deleted(&name).await.unwrap();
        told.note(format!("deleted issue {name}"), &row);
        if let Some(issue) = row {
            told.note(format!("history of {name}"), reader.history(&issue, None, 100).await.unwrap());
            told.note(format!("description of {name}"), reader.description(&issue).await.unwrap());
            told.note(format!("comments of {name}"), reader.comments(&issue, None, 100).await.unwrap());
            told.note(format!("relations of {name}"), reader.relations(&issue).await.unwrap());
        }
    }
    told.note("issues by id", reader.issues_by_id(&company.hidden).await.unwrap());
    told.note("the open issue", reader.issue(&company.open.into()).await.unwrap());
    told.note("comment", reader.comment(company.comment).await.unwrap());
    told.note("deleted comment", reader.comment_even_deleted(company.comment).await.unwrap());
    told.note("views", reader.views());
    told.note("view", reader.view(company.view));
    let directory = reader.directory();
    told.note("teams", directory.teams().collect::<Vec<_>>());
    told.note("labels", directory.labels().collect::<Vec<_>>());
    told.note("team", directory.team(company.secret_team));
    told.note("team by key", directory.team_by_key(HIDDEN_KEY));
    told.note("keys of a team", directory.keys_of_team(HIDDEN_KEY));
    told.note("label", directory.label(company.label));
    told.note(
        "label by name",
        directory.label_by_name(Some(company.secret_team), &format!("{CANARY} label")),
    );
    if let Ok(events) = reader.events(Seq::default(), 250).await {
        told.note("the log", events);
    }
}

fn search(text: &str) -> Filter {
    Test::Text(TextSearch { text: text.to_owned() }).into()
}

/// Filters that a hidden issue passes, or that an open one passes only because of a hidden one.
fn filters(company: &Company) -> Vec<Filter> {
    let title =
        |operator| Test::Title(TextTest { operator, values: vec![CANARY.to_owned()], folded: true }).into();
    let either = |test: fn(bool) -> Test| Filter::Any(vec![test(true).into(), test(false).into()]);
    let of_hidden = || Filter::from(Test::Id(Compare::In(company.hidden.clone())));
    let related =
        |kind, reversed| Filter::from(Test::Related(Link { kind, reversed }, Many::Some(vec![of_hidden()])));
    let label = Test::Labels(Many::Some(vec![LabelTest::Id(Compare::Eq(company.label))]));
    let key = TextTest { operator: TextOperator::Eq, values: vec![HIDDEN_KEY.to_owned()], folded: false };
    let had = PastChange::Label(Was::Had(LabelTest::Id(Compare::Eq(company.label))));
    vec![
        Filter::everything(),
        Filter::All(vec![either(Test::Deleted), either(Test::Archived)]),
        of_hidden(),
        Filter::Not(Box::new(Filter::Any(Vec::new()))),
        title(TextOperator::Contains),
        title(TextOperator::StartsWith),
        Test::Team(TeamTest::Id(Compare::Eq(company.secret_team))).into(),
        Test::Team(TeamTest::Key(key)).into(),
        label.into(),
        Test::History(HistoryTest { change: had, during: None, by: None }).into(),
        Test::Parent(ParentTest::Null(false)).into(),
        Test::Parent(ParentTest::Passes(Box::new(of_hidden()))).into(),
        Test::Children(Many::Some(Vec::new())).into(),
        related(RelationKind::Blocks, false),
        related(RelationKind::Relates, false),
    ]
}

async fn lists(company: &Company, reader: &Reader, when: &str, told: &mut Told) {
    for (at, filter) in filters(company).into_iter().enumerate() {
        let name = |what: &str| format!("{what} of filter {at} {when}");
        let window = Window::First(100, None);
        let request = IssuePageRequest { filter: filter.clone(), sort: Vec::new(), window };
        let list = reader.issues(&request).await.unwrap();
        let count = reader.count(&filter).await.unwrap();
        assert_eq!((list.total, list.issues.len() as u64), (count, count), "{}", name("pages"));
        told.note(name("list"), &list.issues);
        for by in GroupBy::ALL {
            let request = GroupsRequest {
                filter: filter.clone(),
                sort: Vec::new(),
                by: *by,
                sub_by: Some(GroupBy::Team),
                empty: true,
                groups: 100,
                after: None,
                first: 20,
                sub_first: 5,
            };
            let groups = reader.groups(&request).await.unwrap();
            assert_eq!(groups.total, count, "{}", name("groups"));
            told.note(name(&format!("groups by {by}")), groups);
        }
        let fields: Vec<_> = GroupBy::ALL.iter().copied().filter(|by| *by != GroupBy::Parent).collect();
        told.note(name("facets"), reader.facets(&filter, &fields).await.unwrap());
    }
}

/// What is asked by words, of the present alone.
async fn texts(company: &Company, reader: &Reader, told: &mut Told) {
    for words in [CANARY, "kanarien", "kanarienvogl", "SECRETS-1", "long", "comment"] {
        let filter = search(words);
        let window = Window::First(100, None);
        let request = IssuePageRequest { filter: filter.clone(), sort: Vec::new(), window };
        let list = reader.issues(&request).await.unwrap();
        assert_eq!(list.total, reader.count(&filter).await.unwrap());
        told.note("search", &list.issues);
        let marks = reader.text_marks(&TextSearch { text: words.to_owned() }).await.unwrap();
        for issue in &list.issues {
            told.note("marked words", reader.marked(&marks, issue, 200).await.unwrap());
        }
        let like = Like::Text { title: format!("{CANARY} mine"), description: String::new() };
        told.note("similar", reader.similar(&like, &Filter::everything(), 50).await.unwrap());
    }
    for id in &company.hidden {
        if let Ok(similar) = reader.similar(&Like::Issue(*id), &Filter::everything(), 50).await {
            told.note("similar to a hidden one", similar);
        }
    }
    for text in ["team:", "label:", "team:S", "label:kana", "parent:"] {
        let member = reader.policy().member();
        told.note(
            format!("completions of {text}"),
            language::complete(text, text.len(), reader.directory(), member),
        );
    }
    let live = LiveQuery::new(reader, Filter::everything()).await.unwrap();
    told.note("live list", live.issues(reader));
}
