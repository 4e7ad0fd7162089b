//! The language of a tenant's texts: how its words are stemmed, and which of them say little.
//!
//! It does not guess: a tenant says its language, and words of another are found by their exact forms.

use super::fold::fold;
use rustc_hash::FxHashMap;
use tantivy::tokenizer::{
    Language as Algorithm, RawTokenizer, Stemmer as StemmerFilter, StopWordFilter, TokenFilter,
    TokenStream as _, Tokenizer as _,
};

pub use crate::model::SearchLanguage as Language;

impl Language {
    const fn algorithm(self) -> Option<Algorithm> {
        Some(match self {
            Self::None => return None,
            Self::Arabic => Algorithm::Arabic,
            Self::Danish => Algorithm::Danish,
            Self::Dutch => Algorithm::Dutch,
            Self::English => Algorithm::English,
            Self::Finnish => Algorithm::Finnish,
            Self::French => Algorithm::French,
            Self::German => Algorithm::German,
            Self::Greek => Algorithm::Greek,
            Self::Hungarian => Algorithm::Hungarian,
            Self::Italian => Algorithm::Italian,
            Self::Norwegian => Algorithm::Norwegian,
            Self::Portuguese => Algorithm::Portuguese,
            Self::Romanian => Algorithm::Romanian,
            Self::Russian => Algorithm::Russian,
            Self::Spanish => Algorithm::Spanish,
            Self::Swedish => Algorithm::Swedish,
            Self::Tamil => Algorithm::Tamil,
            Self::Turkish => Algorithm::Turkish,
        })
    }

    /// Which of these words, in lower case, say so little that a query need not insist on them.
    pub(super) fn stop_words(self, words: &[&str]) -> Vec<bool> {
        let Some(filter) = self.algorithm().and_then(StopWordFilter::new) else {
            return vec![false; words.len()];
        };
        let mut filter = filter.transform(RawTokenizer::default());
        words.iter().map(|word| !filter.token_stream(word).advance()).collect()
    }
}

type Filter = <StemmerFilter as TokenFilter>::Tokenizer<RawTokenizer>;

/// Finds the stems of words, and remembers those of the words it met: texts repeat themselves.
#[derive(Clone)]
pub(super) struct Stemmer {
    filter: Option<Filter>,
    known: FxHashMap<Box<str>, Box<str>>,
}

/// Stems remembered; then all are forgotten, which costs less than to choose.
const KNOWN_MAX: usize = 16_384;

/// A word this short, in bytes, is its own stem.
const SHORT_BYTES: usize = 2;

impl Stemmer {
    pub(super) fn new(language: Language) -> Self {
        let filter = language
            .algorithm()
            .map(|algorithm| StemmerFilter::new(algorithm).transform(RawTokenizer::default()));
        Self { filter, known: FxHashMap::default() }
    }

    /// The stem of a word in lower case, folded: accents matter to the stemmer and to nobody after it.
    pub(super) fn stem(&mut self, lower: &str) -> Option<&str> {
        let filter = self.filter.as_mut()?;
        if lower.len() <= SHORT_BYTES || !lower.chars().any(char::is_alphabetic) {
            return None;
        }
        if !self.known.contains_key(lower) {
            if self.known.len() >= KNOWN_MAX {
                self.known.clear();
            }
            let mut stream = filter.token_stream(lower);
            let stem = if stream.advance() { fold(&stream.token().text) } else { String::new() };
            self.known.insert(lower.into(), stem.into_boxed_str());
        }
        self.known.get(lower).map(AsRef::as_ref).filter(|stem| !stem.is_empty())
    }
}
