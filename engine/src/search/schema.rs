//! The fields of the index, and how a document of ours becomes documents of tantivy.
//!
//! Each text is indexed twice: as its words are written (folded), and as the stems of those words whose stem differs.
//! Prefixes, phrases in quotes and typos look at the first, plain words at both. Texts are not stored. The names of the
//! analyzers carry their version and language, so that an index made otherwise is told by its schema alone.

use super::document::{Document, Field, Part};
use super::fold::{fold, fold_into, lower_into};
use super::language::{Language, Stemmer};
use super::split::Words;
use crate::id::IssueId;
use tantivy::schema::{
    BytesOptions, FAST, Field as Column, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{TantivyDocument, Term};

/// Counts the changes of what is indexed and how. An index of another version is made anew.
const VERSION: u32 = 1;

/// Bit of the flags: work is still to be done.
pub(super) const OPEN: u64 = 1;

/// Bit of the flags: the issue has further parts.
pub(super) const PARTED: u64 = 2;

/// The columns of the index.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) id: Column,
    pub(super) keys: Column,
    pub(super) written: [Column; 3],
    pub(super) stems: [Column; 3],
    high: Column,
    low: Column,
    updated: Column,
    flags: Column,
}

/// Names of the fast columns: the two halves of the id, when it changed, its flags.
pub(super) const FAST_COLUMNS: [&str; 4] = ["id_high", "id_low", "updated", "flags"];

impl Columns {
    /// The schema for texts of a language.
    pub(super) fn schema(language: Language) -> (Schema, Self) {
        let [high, low, updated, flags] = FAST_COLUMNS;
        let mut schema = Schema::builder();
        let id = schema.add_bytes_field("id", BytesOptions::default().set_indexed());
        let keys = schema.add_text_field("keys", indexed("raw", IndexRecordOption::Basic, false));
        let [written, stems] = analyzers(language);
        let with_positions =
            |name: &str, norms| indexed(name, IndexRecordOption::WithFreqsAndPositions, norms);
        let written = ["title", "description", "comments"]
            .map(|name| schema.add_text_field(name, with_positions(&written, true)));
        let stems = ["title_stems", "description_stems", "comments_stems"]
            .map(|name| schema.add_text_field(name, with_positions(&stems, false)));
        let columns = Self {
            id,
            keys,
            written,
            stems,
            high: schema.add_u64_field(high, FAST),
            low: schema.add_u64_field(low, FAST),
            updated: schema.add_i64_field(updated, FAST),
            flags: schema.add_u64_field(flags, FAST),
        };
        (schema.build(), columns)
    }

    /// What finds all parts of an issue, to remove them.
    pub(super) fn id_term(&self, issue: IssueId) -> Term {
        Term::from_field_bytes(self.id, issue.as_bytes())
    }

    /// A part of an issue as tantivy takes it.
    pub(super) fn document(&self, document: &Document, part: &Part<'_>, is_parted: bool) -> TantivyDocument {
        let (high, low) = document.id.uuid().as_u64_pair();
        let mut out = TantivyDocument::new();
        out.add_bytes(self.id, document.id.as_bytes());
        out.add_u64(self.high, high);
        out.add_u64(self.low, low);
        out.add_i64(self.updated, document.updated_at.millis());
        let open = if document.is_open { OPEN } else { 0 };
        out.add_u64(self.flags, open | if is_parted { PARTED } else { 0 });
        for key in &document.keys {
            out.add_text(self.keys, key_term(key));
        }
        for (text, field) in part.iter().zip(Field::ALL) {
            for columns in [&self.written, &self.stems] {
                if let Some(column) = columns.get(field.place()).filter(|_| !text.is_empty()) {
                    out.add_text(*column, text);
                }
            }
        }
        out
    }
}

/// A key as it is compared.
pub(super) fn key_term(key: &str) -> String {
    fold(&key.to_lowercase())
}

fn indexed(analyzer: &str, record: IndexRecordOption, norms: bool) -> TextOptions {
    let indexing =
        TextFieldIndexing::default().set_tokenizer(analyzer).set_index_option(record).set_fieldnorms(norms);
    TextOptions::default().set_indexing_options(indexing)
}

fn analyzers(language: Language) -> [String; 2] {
    let language = language.as_str().to_lowercase();
    [format!("mortise-{VERSION}-written"), format!("mortise-{VERSION}-stems-{language}")]
}

/// The analyzers of a language, by the names that its schema calls them.
pub(super) fn tokenizers(language: Language) -> TokenizerManager {
    let [written, stems] = analyzers(language);
    let manager = TokenizerManager::default();
    manager.register(&written, TextAnalyzer::from(Written));
    manager.register(&stems, TextAnalyzer::from(Stems(Stemmer::new(language))));
    manager
}

/// Words as they are written, folded.
#[derive(Clone)]
struct Written;

struct WrittenStream<'a> {
    words: Words<'a>,
    lower: String,
    token: Token,
}

impl Tokenizer for Written {
    type TokenStream<'a> = WrittenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WrittenStream<'a> {
        WrittenStream { words: Words::of(text), lower: String::new(), token: Token::default() }
    }
}

impl TokenStream for WrittenStream<'_> {
    fn advance(&mut self) -> bool {
        for word in self.words.by_ref() {
            lower_into(word.raw, &mut self.lower);
            fold_into(&self.lower, &mut self.token.text);
            self.token.position = word.position as usize;
            if !self.token.text.is_empty() {
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The stems of those words whose stem differs from how they are written, at the same places.
#[derive(Clone)]
struct Stems(Stemmer);

struct StemStream<'a> {
    stemmer: &'a mut Stemmer,
    written: WrittenStream<'a>,
}

impl Tokenizer for Stems {
    type TokenStream<'a> = StemStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> StemStream<'a> {
        let written = WrittenStream { words: Words::of(text), lower: String::new(), token: Token::default() };
        StemStream { stemmer: &mut self.0, written }
    }
}

impl TokenStream for StemStream<'_> {
    fn advance(&mut self) -> bool {
        while self.written.advance() {
            let token = &mut self.written.token;
            if let Some(stem) = self.stemmer.stem(&self.written.lower).filter(|stem| *stem != token.text) {
                token.text.clear();
                token.text.push_str(stem);
                return true;
            }
        }
        false
    }

    fn token(&self) -> &Token {
        self.written.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.written.token_mut()
    }
}
