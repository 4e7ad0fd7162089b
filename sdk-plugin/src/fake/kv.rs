//! A fake store. Entries do not run out of time.

use crate::host::kv::{Entry, Expectation};
use crate::prelude::{Error, Quota};

pub(crate) fn get(key: &str) -> Result<Option<Entry>, Error> {
    Ok(super::state::with(|host| host.kv.get(key).map(|(value, revision)| entry(key, value, *revision))))
}

pub(crate) fn set(
    key: &str,
    value: &[u8],
    expect: &Expectation,
    _ttl_seconds: Option<u32>,
) -> Result<String, Error> {
    if key.is_empty() || key.len() > 256 {
        return Err(Error::invalid("key", "a key has 1 to 256 bytes"));
    }
    if value.len() > 64 * 1024 {
        return Err(Error::QuotaExceeded(Quota::KvBytes));
    }
    super::state::with(|host| {
        let is = host.kv.get(key).map(|(_, revision)| *revision);
        let fits = match expect {
            Expectation::Anything => true,
            Expectation::Absent => is.is_none(),
            Expectation::At(revision) => is.is_some_and(|is| is.to_string() == *revision),
        };
        if !fits {
            return Err(Error::Conflict(is.map(|is| is.to_string()).unwrap_or_default()));
        }
        let revision = is.unwrap_or_default() + 1;
        host.kv.insert(key.to_owned(), (value.to_vec(), revision));
        Ok(revision.to_string())
    })
}

pub(crate) fn delete(key: &str) -> Result<bool, Error> {
    Ok(super::state::with(|host| host.kv.remove(key).is_some()))
}

pub(crate) fn scan(prefix: &str, limit: u32, after: Option<&str>) -> Result<Vec<Entry>, Error> {
    Ok(super::state::with(|host| {
        let behind = host
            .kv
            .iter()
            .filter(|(key, _)| key.starts_with(prefix) && after.is_none_or(|a| key.as_str() > a));
        behind.take(limit.clamp(1, 100) as usize).map(|(key, (value, at))| entry(key, value, *at)).collect()
    }))
}

fn entry(key: &str, value: &[u8], revision: u32) -> Entry {
    Entry { key: key.to_owned(), value: value.to_vec(), revision: revision.to_string() }
}
