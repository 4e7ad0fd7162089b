use super::*;
use crate::id::IssueId;
use crate::limits::Limits;
use crate::model::LogPlace;
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::path::PathBuf;
use tempfile::TempDir;

mod bounds;
mod finding;
mod languages;
mod lifecycle;
mod ranking;
mod similar;
mod snippets;
mod tail;

/// The instant of every search here.
const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// An index in a temporary folder, and what a view would know of its issues.
struct World {
    folder: TempDir,
    index: TextIndex,
    documents: Vec<Document>,
    ordinals: HashMap<IssueId, u32>,
    allowed: RoaringBitmap,
    through: u64,
}

impl World {
    fn new(language: Language) -> Self {
        let folder = TempDir::new().unwrap();
        let index = TextIndex::create(&folder.path().join("index"), language).unwrap();
        let allowed = RoaringBitmap::new();
        Self { folder, index, documents: Vec::new(), ordinals: HashMap::new(), allowed, through: 0 }
    }

    /// A world of issues written as `title | description | comment | comment`; their keys are `T-1`, `T-2` …
    fn of(texts: &[&str]) -> Self {
        Self::of_language(Language::English, texts)
    }

    fn of_language(language: Language, texts: &[&str]) -> Self {
        let mut world = Self::new(language);
        let documents: Vec<Document> =
            (1..).zip(texts).map(|(number, text)| document(number, text)).collect();
        world.write(documents);
        world
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    /// Writes documents in place of what they were.
    fn write(&mut self, documents: Vec<Document>) {
        self.through += 1;
        self.index.apply(documents.clone(), &[], place(self.through)).unwrap();
        for document in documents {
            self.know(document);
        }
    }

    fn know(&mut self, document: Document) {
        let next = u32::try_from(self.ordinals.len()).unwrap();
        let ordinal = *self.ordinals.entry(document.id).or_insert(next);
        self.allowed.insert(ordinal);
        self.documents.retain(|known| known.id != document.id);
        self.documents.push(document);
    }

    fn prepare(&self, query: &str) -> Search {
        self.index.prepare(&SearchQuery::parse(query, Typing::Done, &Limits::default()).unwrap()).unwrap()
    }

    fn run(&self, search: &Search, want: Want) -> Hits {
        let ordinal_of = |issue| self.ordinals.get(&issue).copied();
        let within = Within { allowed: &self.allowed, ordinal_of: &ordinal_of, life: 1 };
        search.run(&within, NOW, want).unwrap()
    }

    fn key(&self, issue: IssueId) -> &str {
        &self.documents.iter().find(|document| document.id == issue).unwrap().keys[0]
    }

    /// The keys of what a query finds, best first. The tail finds the same, with the same scores.
    #[track_caller]
    fn find(&self, query: &str) -> String {
        self.find_typing(query, Typing::Done)
    }

    #[track_caller]
    fn find_typing(&self, query: &str, typing: Typing) -> String {
        let query = SearchQuery::parse(query, typing, &Limits::default()).unwrap();
        let search = self.index.prepare(&query).unwrap();
        let hits = self.run(&search, Want::Top { count: 1_000, after: None });
        assert_eq!(hits.total, hits.best.len() as u64);
        self.expect_same_in_tail(&search, &hits);
        let keys: Vec<&str> = hits.best.iter().map(|hit| self.key(hit.rank.issue)).collect();
        keys.join(" ")
    }

    #[track_caller]
    fn expect_same_in_tail(&self, search: &Search, hits: &Hits) {
        let scores: HashMap<IssueId, f32> =
            hits.best.iter().map(|hit| (hit.rank.issue, hit.rank.score)).collect();
        for document in &self.documents {
            let tail = TailDocument::new(document, self.index.language());
            let score = search.matcher().matches(&tail, NOW);
            let indexed = scores.get(&document.id).copied();
            let agree = match (score, indexed) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-4 * a.abs().max(1.0),
                (a, b) => a.is_none() && b.is_none(),
            };
            assert!(agree, "{}: tail {score:?}, index {indexed:?}, {search:#?}", document.keys[0]);
        }
    }
}

/// A place in the only log there is here.
fn place(seq: u64) -> LogPlace {
    LogPlace { seq: Seq(seq), hash: [7; 32] }
}

fn document(number: u32, text: &str) -> Document {
    let mut texts = text.split(" | ").map(str::to_owned);
    Document {
        id: IssueId::generate(),
        keys: vec![format!("T-{number}")],
        title: texts.next().unwrap_or_default(),
        description: texts.next().unwrap_or_default(),
        comments: texts.collect(),
        updated_at: NOW,
        is_open: true,
    }
}
