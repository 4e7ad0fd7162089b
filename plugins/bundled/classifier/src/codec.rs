//! A model as entries of the plugin's own room: a head, and chunks of words.
//!
//! A word is its length, its bytes, in how many issues it was, the number of its counts, and the counts: the place of an
//! answer, and how often.

use crate::model::{Count, Task};
use mortise_sdk::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "model/head";
/// The longest chunk, in bytes: below the 64 KiB that an entry may have.
const CHUNK: usize = 60_000;
/// Chunks of a model; words that do not fit are left out.
const CHUNKS: usize = 16;

#[derive(Default, Deserialize, Serialize)]
struct Head {
    tasks: Vec<Task>,
    chunks: usize,
}

/// What was learned, as far as it concerns an issue.
pub(crate) struct Model {
    pub(crate) tasks: Vec<Task>,
    pub(crate) words: BTreeMap<String, Count>,
}

/// Keeps a model in place of the one before.
pub(crate) fn save(tasks: Vec<Task>, words: &BTreeMap<String, Count>) -> Result<(), Error> {
    let before = head()?.map_or(0, |head| head.chunks);
    let chunks = chunks(words);
    for (at, chunk) in chunks.iter().enumerate() {
        host::kv::set(&key(at), chunk)?;
    }
    for at in chunks.len()..before {
        host::kv::delete(&key(at))?;
    }
    let head = Head { tasks, chunks: chunks.len() };
    let head = serde_json::to_vec(&head).map_err(|error| Error::Internal(error.to_string()))?;
    host::kv::set(HEAD, &head)?;
    Ok(())
}

/// What was learned, as far as it concerns these words; none when nothing was.
pub(crate) fn load(features: &BTreeSet<String>) -> Result<Option<Model>, Error> {
    let Some(head) = head()? else { return Ok(None) };
    let mut words = BTreeMap::new();
    for at in 0..head.chunks.min(CHUNKS) {
        let Some(entry) = host::kv::get(&key(at))? else { return Ok(None) };
        read(&entry.value, features, &mut words);
    }
    Ok(Some(Model { tasks: head.tasks, words }))
}

fn head() -> Result<Option<Head>, Error> {
    let entry = host::kv::get(HEAD)?;
    Ok(entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()))
}

fn key(at: usize) -> String {
    format!("model/{at}")
}

pub(crate) fn chunks(words: &BTreeMap<String, Count>) -> Vec<Vec<u8>> {
    let mut chunks = vec![Vec::new()];
    for (word, count) in words {
        let mut one = Vec::with_capacity(word.len() + 3 * count.of.len() + 4);
        let (Ok(length), Ok(number)) = (u8::try_from(word.len()), u8::try_from(count.of.len())) else {
            continue;
        };
        one.push(length);
        one.extend(word.as_bytes());
        one.extend(count.issues.to_le_bytes());
        one.push(number);
        for (place, count) in &count.of {
            one.push(*place);
            one.extend(count.to_le_bytes());
        }
        if chunks.last().is_some_and(|chunk| chunk.len() + one.len() > CHUNK) {
            if chunks.len() == CHUNKS {
                break;
            }
            chunks.push(Vec::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.extend(one);
        }
    }
    chunks
}

/// Reads a chunk; what is not as it should be ends it.
pub(crate) fn read(mut chunk: &[u8], features: &BTreeSet<String>, words: &mut BTreeMap<String, Count>) {
    while let Some((word, issues, counts, rest)) = first(chunk) {
        chunk = rest;
        if features.contains(word) {
            let counts = counts.chunks_exact(3).filter_map(|count| match count {
                [place, low, high] => Some((*place, u16::from_le_bytes([*low, *high]))),
                _ => None,
            });
            words.insert(word.to_owned(), Count { issues, of: counts.collect() });
        }
    }
}

fn first(chunk: &[u8]) -> Option<(&str, u16, &[u8], &[u8])> {
    let (length, rest) = chunk.split_first()?;
    let (word, rest) = rest.split_at_checked(usize::from(*length))?;
    let (issues, rest) = rest.split_first_chunk::<2>()?;
    let (number, rest) = rest.split_first()?;
    let (counts, rest) = rest.split_at_checked(usize::from(*number) * 3)?;
    Some((std::str::from_utf8(word).ok()?, u16::from_le_bytes(*issues), counts, rest))
}
