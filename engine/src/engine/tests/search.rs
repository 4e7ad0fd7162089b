//! Searching while the index follows: every acknowledged write is found, whatever becomes of the index.

use super::World;
use crate::command::comment::{CreateComment, DeleteComment};
use crate::command::issue::{CreateIssue, IssuePatch, UpdateIssue};
use crate::command::team::UpdateTeam;
use crate::engine::Engine;
use crate::event::EventBody;
use crate::filter::{Filter, Sort, SortKey, Test, TextSearch};
use crate::id::{CommentId, IssueId};
use crate::query::{IssuePageRequest, Like, LiveChange, LiveQuery, Marked, Reader, TextPlace, Window};
use crate::storage::StoreKind;
use std::path::Path;

const BY_RELEVANCE: Sort = Sort { key: SortKey::Relevance, descending: true, nulls_first: false };

struct Searched {
    world: World,
    folder: tempfile::TempDir,
}

impl Searched {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { world: World::found(folder.path()).await, folder }
    }

    async fn create(&self, title: &str, description: Option<&str>) -> IssueId {
        let description = description.map(str::to_owned);
        let command =
            CreateIssue { title: title.into(), description, ..CreateIssue::in_team(self.world.team) };
        self.world.engine.execute(self.world.cx(), command).await.unwrap().issue().unwrap()
    }

    async fn comment(&self, issue: IssueId, body: &str) -> CommentId {
        let command = CreateComment { id: None, issue: issue.into(), body: body.into(), parent: None };
        let done = self.world.engine.execute(self.world.cx(), command).await.unwrap();
        let id = done.events.iter().find_map(|event| match &event.body {
            Some(EventBody::CommentCreated { comment }) => Some(comment.id),
            _ => None,
        });
        id.unwrap()
    }

    async fn reader(&self) -> Reader {
        self.world.engine.reader(&self.world.cx().principal).await.unwrap()
    }

    /// What is found, the best match first.
    async fn find(&self, text: &str) -> Vec<IssueId> {
        let filter = Filter::from(Test::Text(TextSearch::of(text)));
        let request = IssuePageRequest { filter, sort: vec![BY_RELEVANCE], window: Window::First(50, None) };
        let list = self.reader().await.issues(&request).await.unwrap();
        assert_eq!(list.total.min(50), list.issues.len() as u64);
        list.issues.iter().map(|issue| issue.id).collect()
    }

    async fn indexed(&self) {
        self.world.engine.indexed(self.world.founded.tenant.id).await.unwrap();
    }

    /// Closes the engine, does something to the index's folder, and opens again.
    async fn reopened(mut self, meanwhile: impl FnOnce(&Path)) -> Self {
        self.world.engine.close().await;
        let index = self.folder.path().join("index").join(self.world.founded.tenant.id.uuid().to_string());
        drop(self.world.engine);
        meanwhile(&index);
        self.world.engine = Engine::builder(self.folder.path()).store(StoreKind::Fjall).open().await.unwrap();
        self
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_is_found_while_the_index_is_busy() {
    let at = Searched::new().await;
    let rounds = if std::env::var_os("MORTISE_PROVE").is_some() { 1_000 } else { 100 };
    for n in 0..rounds {
        let word = format!("zebra{n}");
        let issue = at.create(&format!("A {word} in the yard"), None).await;
        assert_eq!(at.find(&word).await, [issue], "{word}");
        if n % 10 == 0 {
            at.comment(issue, &format!("saw giraffe{n} too")).await;
            assert_eq!(at.find(&format!("giraffe{n} yard")).await, [issue]);
        }
    }
    at.indexed().await;
    assert_eq!(at.find("yard").await.len(), 50.min(rounds), "a page of those that match");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_title_and_of_a_comment_meet_and_a_changed_text_is_found_as_it_is() {
    let at = Searched::new().await;
    let issue = at.create("Login fails on Safari", Some("A **blank** page")).await;
    let other = at.create("Logout works", None).await;
    let comment = at.comment(issue, "Only behind a proxy").await;
    for indexed in [false, true] {
        if indexed {
            at.indexed().await;
        }
        assert_eq!(at.find("safari proxy").await, [issue]);
        assert_eq!(at.find("log").await, Vec::<IssueId>::new(), "no word is `log`");
        assert_eq!(at.find("log*").await.len(), 2);
        assert_eq!(at.find("blank -proxy").await, Vec::<IssueId>::new());
        assert_eq!(at.find("ENG-2").await, [other]);
    }
    at.world.engine.execute(at.world.cx(), DeleteComment { comment }).await.unwrap();
    let patch = IssuePatch { title: Some("Sign-in fails on Firefox".into()), ..IssuePatch::default() };
    at.world.engine.execute(at.world.cx(), UpdateIssue::new(issue.into(), patch)).await.unwrap();
    for indexed in [false, true] {
        if indexed {
            at.indexed().await;
        }
        assert_eq!(at.find("proxy").await, Vec::<IssueId>::new());
        assert_eq!(at.find("safari").await, Vec::<IssueId>::new());
        assert_eq!(at.find("firefox blank").await, [issue]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_gone_or_damaged_is_made_anew_and_nothing_is_missed() {
    let at = Searched::new().await;
    let mut issues = Vec::new();
    for n in 0..30 {
        issues.push(at.create(&format!("walrus number {n}"), None).await);
    }
    at.indexed().await;
    let at = at.reopened(|index| std::fs::remove_dir_all(index).unwrap()).await;
    assert_eq!(at.find("walrus").await.len(), 30);
    at.indexed().await;
    assert_eq!(at.find("walrus").await.len(), 30);
    let cut = |index: &Path| {
        for entry in std::fs::read_dir(index).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }
    };
    let at = at.reopened(cut).await;
    assert_eq!(at.find("walrus").await.len(), 30);
    // What was written after the last commit of the index is found after a reopening too.
    at.indexed().await;
    let late = at.create("a late penguin", None).await;
    let at = at.reopened(|_| ()).await;
    assert_eq!(at.find("penguin").await, [late]);
}

/// Copies a folder with all that is in it, and who may read it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, from.metadata().unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let into = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &into);
        } else {
            std::fs::copy(&path, &into).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_a_log_that_went_on_elsewhere_is_made_anew() {
    let at = Searched::new().await;
    at.create("walrus in both", None).await;
    at.indexed().await;
    let (data, older) = (at.folder.path().to_owned(), tempfile::tempdir().unwrap());
    let at = at.reopened(|_| copy(&data, older.path())).await;
    at.create("walrus of the first", None).await;
    at.indexed().await;
    // The store is put back, the index is not, and neither is opened before the log has gone on beyond its place.
    let index = tempfile::tempdir().unwrap();
    let at = at
        .reopened(|newer| {
            copy(newer, index.path());
            std::fs::remove_dir_all(&data).unwrap();
            copy(older.path(), &data);
        })
        .await;
    for n in 0..3 {
        at.create(&format!("walrus of the second {n}"), None).await;
    }
    let place_back = |folder: &Path| {
        std::fs::remove_dir_all(folder).unwrap();
        copy(index.path(), folder);
    };
    let at = at.reopened(place_back).await;
    assert_eq!(at.find("walrus").await.len(), 4);
    assert_eq!(at.find("second").await.len(), 3);
    at.indexed().await;
    assert_eq!((at.find("second").await.len(), at.find("first").await.len()), (3, 0));
    // That of this very log is used.
    let at = at.reopened(|_| ()).await;
    at.find("walrus").await;
    let live = at.world.engine.live(at.world.founded.tenant.id).await.unwrap();
    assert_eq!(live.index_place(), Some(live.applied()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_found_by_every_key_it_has_had_whenever_it_was_indexed() {
    let at = Searched::new().await;
    let issue = at.create("A lonely otter", None).await;
    at.indexed().await;
    let reader = at.reader().await;
    let called = |key: &str| Filter::from(Test::Text(TextSearch::of(key)));
    let mut live = LiveQuery::new(&reader, called("WEB-1")).await.unwrap();
    for (key, known) in [("WEB", 2), ("OPS", 3), ("ENG", 3)] {
        let rename = UpdateTeam { key: Some(key.into()), ..UpdateTeam::of(at.world.team) };
        let done = at.world.engine.execute(at.world.cx(), rename).await.unwrap();
        assert_eq!(live.take(&reader, &done.events[0]).await.unwrap(), [LiveChange::Reset]);
        assert_eq!(live.issues(&reader), [issue]);
        for key in ["ENG-1", "web-1", "OPS-1"].iter().take(known) {
            assert_eq!(at.find(key).await, [issue], "{key}");
            assert_eq!(at.find(&format!("otter -{key}")).await, Vec::<IssueId>::new());
        }
    }
    assert_eq!(at.find("OTHER-1").await, Vec::<IssueId>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_marked_where_they_stand() {
    let at = Searched::new().await;
    let issue = at.create("Handshake <fails>", Some("It stops after the hello.")).await;
    let comment = at.comment(issue, "The handshakes stop here & there.").await;
    let reader = at.reader().await;
    let marks = reader.text_marks(&TextSearch::of("handshake stop")).await.unwrap();
    let row = reader.issue(&issue.into()).await.unwrap().unwrap();
    let marked = reader.marked(&marks, &row, 80).await.unwrap();
    let shown: Vec<_> = marked.texts.iter().map(|text| (text.place, text.snippet.html())).collect();
    assert_eq!(shown[0], (TextPlace::Title, "<em>Handshake</em> &lt;fails&gt;".to_owned()));
    assert_eq!(shown[1].0, TextPlace::Description);
    assert!(shown[1].1.contains("<em>stops</em>"), "{shown:?}");
    assert_eq!(shown[2].0, TextPlace::Comment(comment));
    assert!(shown[2].1.contains("<em>handshakes</em> <em>stop</em> here &amp; there."), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_long_discussion_the_beginning_is_looked_through_and_what_was_read_is_told() {
    let at = Searched::new().await;
    let issue = at.create("Discussion", Some("A short description.")).await;
    let (long, short) = ("word ".repeat(12_000), "The handshakes stop here.");
    let soon = at.comment(issue, short).await;
    for _ in 0..40 {
        at.comment(issue, &long).await;
    }
    let late = at.comment(issue, &format!("{short} Again.")).await;
    assert!(soon < late);
    let reader = at.reader().await;
    let row = reader.issue(&issue.into()).await.unwrap().unwrap();
    let marked = async |text: &str| {
        let marks = reader.text_marks(&TextSearch::of(text)).await.unwrap();
        reader.marked(&marks, &row, 80).await.unwrap()
    };
    let places = |marked: &Marked| marked.texts.iter().map(|text| text.place).collect::<Vec<_>>();
    let found = marked("handshake").await;
    assert_eq!(places(&found), [TextPlace::Comment(soon)], "the late one is not looked for");
    let pages = (1024 * 1024..3 * 1024 * 1024).contains(&found.bytes_read);
    assert!(pages, "a MiB, and a page of comments: {}", found.bytes_read);
    let found = marked("word").await;
    assert_eq!(found.texts.len(), 2);
    assert!(found.bytes_read < 1024 * 1024, "two were found in the first page: {}", found.bytes_read);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_the_same_is_shown_while_it_is_written() {
    let at = Searched::new().await;
    for title in ["Session ticket is lost on reconnect", "Dark mode flickers", "Certificate chain too long"] {
        at.create(title, None).await;
    }
    let like = Like::Text { title: "session ticket lost".into(), description: String::new() };
    let similar = at.reader().await.similar(&like, &Filter::everything(), 5).await.unwrap();
    assert_eq!(similar[0].issue.title, "Session ticket is lost on reconnect");
    assert!(similar[0].score > 0.3 && similar.len() == 1, "{similar:?}");
    let like = Like::Issue(similar[0].issue.id);
    assert!(at.reader().await.similar(&like, &Filter::everything(), 5).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn reindexing_loses_nothing_and_other_companies_have_nothing_to_do_with_it() {
    let at = Searched::new().await;
    let issue = at.create("a lonely otter", None).await;
    let told = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let heard = told.clone();
    let progress = move |done, _| heard.store(done, std::sync::atomic::Ordering::Relaxed);
    at.world.engine.reindex(at.world.founded.tenant.id, progress).await.unwrap();
    assert_eq!(told.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(at.find("otter").await, [issue]);
    let other = crate::platform::NewTenant::new("other", "Other").with_team("ENG");
    let other = at.world.engine.create_tenant(other).await.unwrap();
    let reader = at.world.engine.reader(&super::cx(&other).principal).await.unwrap();
    let otters = Filter::from(Test::Text(TextSearch::of("otter")));
    assert_eq!(reader.count(&otters).await.unwrap(), 0);
}
