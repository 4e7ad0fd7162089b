//! No way of asking shows an issue that who asks may not see, nor that there is one.
//!
//! Every hidden thing holds the canary. Whatever an outsider can ask is asked, and all that comes back is searched for the
//! canary and for the hidden ids. The same is asked by insiders, who must find them: else the test would prove nothing.

mod asked;
mod changes;
mod rights;

use super::World;
use crate::command::Command;
use crate::command::comment::CreateComment;
use crate::command::issue::{CreateIssue, CreateRelation, IssuePatch, IssueRef, UpdateIssue};
use crate::command::label::CreateLabel;
use crate::command::member::AddMember;
use crate::command::team::{CreateTeam, SetTeamMember};
use crate::command::view::CreateView;
use crate::context::{OpContext, Principal};
use crate::error::Result;
use crate::event::{Actor, Event, Subject};
use crate::filter::Link;
use crate::id::{CommentId, IssueId, LabelId, MemberId, TeamId, ViewId};
use crate::model::{RelationKind, Role, Seq, TeamRole};
use crate::query::Reader;
use crate::tenant::Committed;
use asked::everything_told;

/// Stands in every text of what is hidden.
const CANARY: &str = "kanarienvogel";

/// The key of the team that is hidden: too long to come about by chance in a cursor.
const HIDDEN_KEY: &str = "SECRETS";

/// Ana leads. Ada is an admin and Uli a user, both outsiders. Ute belongs to the private team, made the confidential issue,
/// and is named by the third. Eve works on the confidential one.
struct Company {
    world: World,
    ada: MemberId,
    uli: MemberId,
    ute: MemberId,
    eve: MemberId,
    secret_team: TeamId,
    /// Open to all; a part of the confidential issue, and related to it and to the private team's.
    open: IssueId,
    hidden: Vec<IssueId>,
    comment: CommentId,
    label: LabelId,
    view: ViewId,
    /// The log's place before the third issue was made confidential.
    before: Seq,
    folder: tempfile::TempDir,
}

fn subject<T>(done: &Committed, pick: impl Fn(&Subject) -> Option<T>) -> T {
    done.subjects.iter().find_map(pick).unwrap()
}

impl Company {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::found(folder.path()).await;
        let nobody = MemberId::generate();
        let mut company = Self {
            ada: nobody,
            uli: nobody,
            ute: nobody,
            eve: nobody,
            secret_team: world.team,
            open: IssueId::generate(),
            hidden: Vec::new(),
            comment: CommentId::generate(),
            label: LabelId::generate(),
            view: ViewId::generate(),
            before: Seq::default(),
            world,
            folder,
        };
        company.ada = company.member("ada", Role::Admin).await;
        company.uli = company.member("uli", Role::User).await;
        company.ute = company.member("ute", Role::User).await;
        company.eve = company.member("eve", Role::User).await;
        company.fill().await;
        company
    }

    async fn member(&self, name: &str, role: Role) -> MemberId {
        let email = format!("{name}@acme.test");
        let add = AddMember { id: None, email, name: name.into(), role, password_hash: None };
        let done = self.world.engine.execute(self.world.cx(), add).await.unwrap();
        subject(&done, |s| if let Subject::Member(id) = s { Some(*id) } else { None })
    }

    fn principal(&self, who: MemberId) -> Principal {
        Principal::trusted_member(self.world.founded.tenant.id, who)
    }

    async fn run(&self, who: MemberId, command: impl Command) -> Result<Committed> {
        self.world.engine.execute(OpContext::new(self.principal(who)), command).await
    }

    async fn reader(&self, who: MemberId) -> Reader {
        self.world.engine.reader(&self.principal(who)).await.unwrap()
    }

    fn ana(&self) -> MemberId {
        self.world.founded.admin.unwrap()
    }

    async fn make(&self, who: MemberId, command: CreateIssue) -> IssueId {
        self.run(who, command).await.unwrap().issue().unwrap()
    }

    async fn fill(&mut self) {
        let (ana, ute, text) = (self.ana(), self.ute, |what: &str| format!("{CANARY} {what}"));
        let team = CreateTeam { name: text("team"), private: true, ..CreateTeam::with_key(HIDDEN_KEY) };
        let done = self.run(ana, team).await.unwrap();
        self.secret_team = subject(&done, |s| if let Subject::Team(id) = s { Some(*id) } else { None });
        let join = SetTeamMember {
            team: self.secret_team,
            member: ute,
            role: Some(TeamRole::Lead),
            if_version: None,
        };
        self.run(ana, join).await.unwrap();
        let label = CreateLabel {
            id: None,
            name: text("label"),
            color: None,
            description: None,
            team: Some(self.secret_team),
        };
        let done = self.run(ana, label).await.unwrap();
        self.label = subject(&done, |s| if let Subject::Label(id) = s { Some(*id) } else { None });
        let view =
            CreateView { team: Some(self.secret_team), shared: true, ..CreateView::named(text("view")) };
        let done = self.run(ute, view).await.unwrap();
        self.view = subject(&done, |s| if let Subject::View(id) = s { Some(*id) } else { None });
        let titled = |what: &str, team| CreateIssue {
            title: text(what),
            description: Some(text(&"long ".repeat(800))),
            ..CreateIssue::in_team(team)
        };
        let private = CreateIssue { labels: vec![self.label], ..titled("of the team", self.secret_team) };
        let private = self.make(ute, private).await;
        let confidential =
            CreateIssue { confidential: true, assignees: vec![self.eve], ..titled("mine", self.world.team) };
        let confidential = self.make(ute, confidential).await;
        let open = CreateIssue { title: "open to all".into(), ..CreateIssue::in_team(self.world.team) };
        self.open = self.make(self.uli, open).await;
        let later = self.make(ana, titled("that all could see once", self.world.team)).await;
        self.hidden = vec![private, confidential, later];
        self.lead_there(private, confidential).await;
        let said = CreateComment {
            id: None,
            issue: IssueRef::Id(confidential),
            body: text("comment"),
            parent: None,
        };
        let done = self.run(ute, said).await.unwrap();
        self.comment = self.newest_comment(&done).await;
        self.before = done.seq;
        let hide =
            IssuePatch { confidential: Some(true), participants: Some(vec![ute]), ..IssuePatch::default() };
        self.run(ana, UpdateIssue::new(later.into(), hide)).await.unwrap();
    }

    /// The open issue is a part of the confidential one, and both are related to it.
    async fn lead_there(&self, private: IssueId, confidential: IssueId) {
        let part = IssuePatch { parent: Some(Some(confidential.into())), ..IssuePatch::default() };
        self.run(self.ute, UpdateIssue::new(self.open.into(), part)).await.unwrap();
        for (kind, other) in [(RelationKind::Blocks, private), (RelationKind::Relates, confidential)] {
            for reversed in [false, true] {
                let relate = CreateRelation {
                    issue: self.open.into(),
                    link: Link { kind, reversed: reversed && kind == RelationKind::Relates },
                    other: other.into(),
                    if_version: None,
                    close: false,
                };
                self.run(self.ana(), relate).await.unwrap();
            }
        }
    }

    async fn newest_comment(&self, done: &Committed) -> CommentId {
        let row = done.rows.iter().find_map(|row| match row {
            crate::draft::RowWrite::Comment { after, .. } => Some(after.id),
            _ => None,
        });
        row.unwrap()
    }

    /// What must not be told.
    fn secrets(&self) -> Vec<String> {
        let issues = self.hidden.iter().map(IssueId::to_string);
        let others = [self.secret_team.to_string(), self.label.to_string(), self.view.to_string()];
        issues
            .chain(others)
            .chain([CANARY.to_owned(), self.comment.to_string(), HIDDEN_KEY.to_owned()])
            .collect()
    }

    /// What happened behind a place of the log.
    async fn log_behind(&self, place: Seq) -> Vec<Event> {
        let ours = self.world.engine.reader(&self.world.cx().principal).await.unwrap();
        ours.events(place, 250).await.unwrap()
    }

    async fn end(self) {
        let report = self.world.engine.check(self.world.founded.tenant.id).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        self.world.engine.close().await;
        drop(self.folder);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_question_tells_an_outsider_of_a_hidden_issue() {
    let company = Company::new().await;
    for outsider in [company.ada, company.uli] {
        for (question, told) in everything_told(&company, outsider).await {
            for secret in company.secrets() {
                assert!(!told.contains(&secret), "{question} tells {secret}: {told}");
            }
        }
    }
    let told = everything_told(&company, company.ana()).await;
    let tells = |secret: &String| told.iter().any(|(_, told)| told.contains(secret));
    assert_eq!(company.secrets().iter().filter(|secret| !tells(secret)).count(), 0, "{told:#?}");
    company.end().await;
}

/// What is open to all can be seen by outsiders, without what leads on from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_leads_from_an_open_issue_to_a_hidden_one_is_left_out() {
    let company = Company::new().await;
    let open = |reader: Reader| async move { reader.issue(&company.open.into()).await.unwrap().unwrap() };
    let seen = open(company.reader(company.uli).await).await;
    assert_eq!((seen.parent, seen.relations.len()), (None, 0));
    let reader = company.reader(company.uli).await;
    assert!(reader.relations(&seen).await.unwrap().is_empty());
    let names: Vec<_> = reader.history(&seen, None, 50).await.unwrap();
    let happened: Vec<_> = names.iter().filter_map(|event| event.body.as_ref()).map(|b| b.name()).collect();
    assert_eq!(happened, ["issue.created"], "nor that somebody did something");
    // Alone on a page, an event leads on, and says nothing.
    let alone = reader.history(&seen, None, 1).await.unwrap().remove(0);
    assert_eq!((alone.actor, alone.previous.is_some()), (Actor::System, true));
    let told = names.iter().filter_map(|event| event.body.as_ref()).map(|body| format!("{body:?}"));
    let told: String = told.collect();
    assert!(company.hidden.iter().all(|id| !told.contains(&id.to_string())), "{told}");
    let reader = company.reader(company.ute).await;
    let seen = reader.issue(&company.open.into()).await.unwrap().unwrap();
    assert_eq!(seen.parent, Some(company.hidden[1]));
    assert_eq!(reader.relations(&seen).await.unwrap().len(), 2);
    company.end().await;
}
