//! The rows of runs in the room of an installation: their names, how long they are kept, and how many are written at once.

use super::RunId;
use mortise_engine::draft::PluginRecord;
use mortise_engine::{PluginRoom, Result};

/// The beginnings of names: of records, of what their runs knew, of blocks of briefs; and the one name of the sums.
pub(super) const RUN: &[u8] = b"run/";
pub(super) const INPUT: &[u8] = b"rin/";
pub(super) const BRIEF: &[u8] = b"brf/";
pub(super) const SUMS: &[u8] = b"runs";

/// Milliseconds that a record or a brief is kept and shown. It goes when its installation runs again.
pub(super) const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Rows and bytes of one write.
const ROWS_AT_ONCE: usize = 40;
const BYTES_AT_ONCE: usize = 384 << 10;

/// The name of a row.
pub(super) fn name(kind: &[u8], run: RunId) -> Vec<u8> {
    [kind, run.as_bytes()].concat()
}

/// The name of the row of what a run knew.
pub(crate) fn input_of(run: RunId) -> Vec<u8> {
    name(INPUT, run)
}

/// The run that a row of this kind is named by.
pub(super) fn run_of(kind: &[u8], name: &[u8]) -> Option<RunId> {
    let bytes = name.strip_prefix(kind)?;
    <[u8; 16]>::try_from(bytes).ok().map(RunId::from_bytes)
}

/// Writes rows in parts, in order.
pub(super) async fn write_rows(room: &PluginRoom, rows: Vec<PluginRecord>) -> Result<()> {
    let (mut part, mut bytes) = (Vec::new(), 0_usize);
    for row in rows {
        let length = match &row {
            PluginRecord::Entry(_, _, Some(value)) => value.len(),
            _ => 0,
        };
        if part.len() >= ROWS_AT_ONCE || bytes.saturating_add(length) > BYTES_AT_ONCE {
            room.write(std::mem::take(&mut part)).await?;
            bytes = 0;
        }
        bytes = bytes.saturating_add(length);
        part.push(row);
    }
    room.write(part).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_its_run_back() {
        let run = RunId::generate();
        assert_eq!(run_of(BRIEF, &name(BRIEF, run)), Some(run));
        assert_eq!(run_of(RUN, &name(BRIEF, run)), None);
        assert_eq!(run_of(BRIEF, b"brf/short"), None);
    }
}
