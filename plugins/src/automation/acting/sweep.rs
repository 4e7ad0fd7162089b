//! Entries of a plugin's memory that have ended are taken away, a few at a time. Nobody sees them meanwhile.

use super::Work;
use crate::answers::staging::kv::KvWrites;
use crate::automation::books::Books;
use crate::automation::rows::{self, KvEntry};
use mortise_engine::{ErrorCode, Result};

/// Entries at once.
const AT_ONCE: usize = 20;

/// See the module.
pub(super) async fn sweep(work: &Work) -> Result<()> {
    let (room, now) = (work.room().await?, work.now());
    let (mut kv, mut stale) = (KvWrites::default(), Vec::new());
    for (name, _) in room.scan(rows::KV_END, None, AT_ONCE).await? {
        let Some((at, key)) = rows::read_kv_end(&name) else { continue };
        if at > now {
            break;
        }
        let entry = room.get(&rows::at_text(rows::KV, &key)).await?;
        let entry = entry.map(|bytes| rows::decode::<KvEntry>(&bytes)).transpose()?;
        match entry.filter(|entry| entry.ends_at == Some(at)) {
            Some(entry) => {
                // Somebody may write it meanwhile.
                kv.expected.insert(key.clone(), Some(entry.revision));
                kv.writes.insert(key, None);
            }
            None => stale.push(name),
        }
    }
    if kv.is_empty() && stale.is_empty() {
        return Ok(());
    }
    match work.write(Books { kv, stale, ..Books::default() }).await {
        Err(error) if error.code() == ErrorCode::Conflict => Ok(()),
        outcome => outcome,
    }
}
