//! Waiting until the index has come so far: it follows the log at its own pace.

use std::time::{Duration, Instant};

use mortise_engine::model::Seq;

use crate::ask::Asker;

/// Between two looks at how far the index has come: the precision of what is measured with it.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// How long the index may take for one company.
const PATIENCE: Duration = Duration::from_secs(600);

/// Waits until the index has come to this place. None when the engine cannot be asked how far it is.
pub(crate) async fn reach(asker: &Asker, place: Seq) -> anyhow::Result<Option<()>> {
    let began = Instant::now();
    loop {
        let Some(through) = asker.indexed_through().await? else { return Ok(None) };
        if through >= place {
            return Ok(Some(()));
        }
        anyhow::ensure!(began.elapsed() < PATIENCE, "the index does not come to {place} in {PATIENCE:?}");
        pause().await;
    }
}

/// The same to the end of the log.
pub(crate) async fn catch_up(asker: &Asker) -> anyhow::Result<Option<()>> {
    let end = asker.reader().await?.seq();
    reach(asker, end).await
}

#[expect(clippy::disallowed_methods, reason = "the pause between two looks at the index, under a deadline")]
async fn pause() {
    tokio::time::sleep(LOOK_EVERY).await;
}
