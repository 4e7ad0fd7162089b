//! Memory between runs. Permission `kv`. Private to the installation. Writes are staged with the commands, but this call sees
//! them. Keys have up to 256 bytes, values up to 64 KiB; a workflow hook may read only.

pub use crate::bindings::imports::mortise::plugin::kv::{Entry, Expectation};
use crate::prelude::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What stands under a key.
///
/// # Errors
///
/// When it is not granted.
pub fn get(key: &str) -> Result<Option<Entry>, Error> {
    super::ask!(kv::get(key))
}

/// What stands under a key, read as JSON.
///
/// # Errors
///
/// When it is not granted, or something else stands there.
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    get(key)?.map(|entry| serde_json::from_slice(&entry.value)).transpose().map_err(Error::from)
}

/// Puts a value under a key, whatever stood there.
///
/// # Errors
///
/// When it is not granted, or there is no room.
pub fn set(key: &str, value: &[u8]) -> Result<(), Error> {
    put(key, value, Expectation::Anything, None).map(drop)
}

/// Puts a value under a key as JSON, whatever stood there.
///
/// # Errors
///
/// As [`set`].
pub fn set_json<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<(), Error> {
    set(key, &serde_json::to_vec(value)?)
}

/// Puts a value under a key if there stands what is expected, for so many seconds or for good; answers its revision.
///
/// # Errors
///
/// As [`set`]; a conflict when something else stands there.
pub fn put(key: &str, value: &[u8], expect: Expectation, ttl_seconds: Option<u32>) -> Result<String, Error> {
    super::ask!(kv::set(key, value, &expect, ttl_seconds))
}

/// Takes a key away; whether it was there.
///
/// # Errors
///
/// When it is not granted.
pub fn delete(key: &str) -> Result<bool, Error> {
    super::ask!(kv::delete(key))
}

/// Entries whose keys begin so, in order of keys; `after` is the last key of the page before, `limit` is at most 100.
///
/// # Errors
///
/// When it is not granted.
pub fn scan(prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error> {
    super::ask!(kv::scan(prefix, limit, after))
}
