//! Many batches, some of them on their way at once, within the room that there is on the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::disk;
use crate::folder::FOLDER_BYTES_MAX;

/// After so many batches the folder is looked at.
const LOOK_EVERY: u32 = 1_000;

/// Watches that the data folder does not grow beyond its bound.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    data: Arc<PathBuf>,
    batches: Arc<AtomicU32>,
}

impl Guard {
    /// Of this folder.
    pub(crate) fn of(data: &Path) -> Self {
        Self { data: Arc::new(data.to_owned()), batches: Arc::default() }
    }

    /// Counts a batch, and looks now and then.
    async fn pass(&self) -> anyhow::Result<()> {
        if !self.batches.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK_EVERY) {
            return Ok(());
        }
        let data = self.data.clone();
        let bytes = tokio::task::spawn_blocking(move || disk::bytes_of(&data)).await??;
        anyhow::ensure!(
            bytes <= FOLDER_BYTES_MAX,
            "the data folder takes {bytes} bytes, more than the {FOLDER_BYTES_MAX} that a benchmark may use: choose fewer issues"
        );
        Ok(())
    }
}

/// Does `one` for each number below `count`, so many at once. The first failure ends it.
pub(crate) async fn in_parallel<F, W>(count: u32, at_once: usize, guard: &Guard, one: F) -> anyhow::Result<()>
where
    F: Fn(u32) -> W + Send + Sync + 'static,
    W: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let (one, next) = (Arc::new(one), Arc::new(AtomicU32::new(0)));
    let work = || {
        let (one, next, guard) = (one.clone(), next.clone(), guard.clone());
        async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(());
                }
                guard.pass().await?;
                one(number).await?;
            }
        }
    };
    let writers: Vec<_> = (0..at_once).map(|_| tokio::spawn(work())).collect();
    for writer in writers {
        writer.await??;
    }
    Ok(())
}
