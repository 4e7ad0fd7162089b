//! An archive as import commands: who, which labels, which issues, and what was said. The program's importer carries more.

use super::super::life::Life;
use crate::command::import::{
    IMPORT_ITEMS_MAX, ImportItem, ImportedComment, ImportedIssue, imported_comment_id, imported_issue_id,
};
use crate::id::TeamId;
use crate::identity::test_data;
use crate::model::{IssueKind, IssueSource, Resolution};
use crate::time::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;

/// The archive, if it is at hand.
pub(super) fn archive() -> Option<Value> {
    let path = test_data::archive("tls13-spec.json")?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn list<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of[key].as_array().map_or(&[], Vec::as_slice)
}

fn instant(of: &Value) -> Option<Timestamp> {
    let at: jiff::Timestamp = of.as_str()?.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

fn person(login: &Value) -> String {
    format!("github:{}", login.as_str().unwrap_or("ghost"))
}

fn text(of: &Value) -> String {
    of.as_str().unwrap_or_default().replace('\0', " ")
}

fn source(id: String) -> IssueSource {
    IssueSource { system: "github".to_owned(), id, url: None, state: None }
}

/// Imports the first issues and pull requests, by number.
pub(super) async fn import(life: &mut Life, archive: &Value, issues: usize) {
    let mut threads: Vec<_> = list(archive, "issues").iter().chain(list(archive, "pulls")).collect();
    threads.sort_by_key(|thread| thread["number"].as_u64());
    threads.truncate(issues);
    let mut people = BTreeSet::from([person(&Value::Null)]);
    for thread in &threads {
        people.insert(person(&thread["author"]));
        people.extend(list(thread, "assignees").iter().map(person));
        people.extend(list(thread, "comments").iter().map(|comment| person(&comment["author"])));
    }
    let people = people.into_iter();
    let mut items: Vec<_> =
        people.map(|source| ImportItem::Person { name: source[7..].to_owned(), source }).collect();
    items.extend(list(archive, "labels").iter().map(|label| ImportItem::Label {
        name: text(&label["name"]),
        color: format!("#{}", label["color"].as_str().unwrap()),
        description: None,
    }));
    for thread in threads {
        items.extend(talk(life, thread));
    }
    for items in items.chunks(IMPORT_ITEMS_MAX) {
        life.import_all(items.to_vec()).await;
    }
}

/// An issue and the comments on it.
fn talk(life: &Life, thread: &Value) -> Vec<ImportItem> {
    let (tenant, team): (_, TeamId) = (life.tenant, life.team);
    let number = u32::try_from(thread["number"].as_u64().unwrap()).unwrap();
    let (name, created_at) = (format!("tls#{number}"), instant(&thread["createdAt"]).unwrap());
    let id = imported_issue_id(tenant, "github", &name, created_at);
    let labels: BTreeSet<_> = list(thread, "labels").iter().map(text).collect();
    let issue = ImportedIssue {
        id,
        source: source(name.clone()),
        team,
        number,
        title: text(&thread["title"]),
        description: Some(text(&thread["body"])),
        kind: IssueKind::Task,
        closed: instant(&thread["closedAt"]).map(|at| (at, Resolution::Done)),
        creator: person(&thread["author"]),
        assignees: list(thread, "assignees").iter().map(person).collect(),
        labels: labels.into_iter().collect(),
        created_at,
        updated_at: instant(&thread["updatedAt"]).unwrap(),
    };
    let mut items = vec![ImportItem::Issue(Box::new(issue))];
    for (n, comment) in list(thread, "comments").iter().enumerate() {
        let (name, created_at) = (format!("{name}/{n}"), instant(&comment["createdAt"]).unwrap());
        let body = text(&comment["body"]);
        if body.trim().is_empty() {
            continue;
        }
        items.push(ImportItem::Comment(Box::new(ImportedComment {
            // Those of one second keep their order.
            id: imported_comment_id(tenant, "github", &name, created_at.plus_millis(n as i64)),
            source: source(name),
            issue: id,
            author: person(&comment["author"]),
            body,
            parent: None,
            created_at,
            updated_at: created_at,
        })));
    }
    items
}
