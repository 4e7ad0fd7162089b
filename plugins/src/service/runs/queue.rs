//! What waits to be written of runs. Whoever notes one wakes nobody, but for the first and for so many that they are to be written
//! soon: a hook notes its run while somebody's change waits.

use super::RunId;
use super::recorder::{Noted, NotedBrief};
use super::waiting::COMPANY_RUNS_MAX;
use mortise_engine::id::{InstallationId, TenantId};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// Runs that wait at most: those of eight companies that flood.
const WAITING_MAX: usize = 8 * COMPANY_RUNS_MAX;

/// Runs that are written at once, without waiting for more.
const AT_ONCE: usize = 256;

/// What the writer is told.
pub(super) enum Told {
    /// A run with its record.
    Run(Box<Noted>),
    /// A run with its brief.
    Brief(Box<NotedBrief>),
    /// Somebody made an installation begin anew: the runs before this id say nothing of it any more.
    Begun(TenantId, InstallationId, RunId),
}

/// All that came, in order, and those who wait until it is written.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) told: Vec<Told>,
    pub(super) readers: Vec<oneshot::Sender<()>>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Queue {
    inside: Mutex<Inside>,
    /// There is something.
    came: Notify,
    /// It is not to wait for more.
    hurry: Notify,
}

#[derive(Default)]
struct Inside {
    batch: Batch,
    closed: bool,
}

impl Queue {
    /// Takes a run; false where there is no room.
    pub(super) fn note(&self, run: Told) -> bool {
        self.put(run, WAITING_MAX)
    }

    /// Takes what there is always room for: a change that was committed came before it.
    pub(super) fn begun(&self, told: Told) {
        self.put(told, usize::MAX);
    }

    fn put(&self, told: Told, max: usize) -> bool {
        let waiting = {
            let mut inside = self.inside.lock();
            if inside.closed || inside.batch.told.len() >= max {
                return false;
            }
            inside.batch.told.push(told);
            inside.batch.told.len()
        };
        match waiting {
            1 => self.came.notify_one(),
            AT_ONCE => self.hurry.notify_one(),
            _ => {}
        }
        true
    }

    /// Waits until all that came before is written, or nothing is any more.
    pub(super) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        {
            let mut inside = self.inside.lock();
            if inside.closed {
                return;
            }
            // Those who do not wait any more make room for who does.
            inside.batch.readers.retain(|reader| !reader.is_closed());
            inside.batch.readers.push(done);
        }
        self.came.notify_one();
        self.hurry.notify_one();
        drop(written.await);
    }

    /// All there is, once there is something; none when nothing comes any more.
    pub(super) async fn take(&self) -> Option<Batch> {
        loop {
            {
                let mut inside = self.inside.lock();
                if inside.closed {
                    return None;
                }
                if !(inside.batch.told.is_empty() && inside.batch.readers.is_empty()) {
                    return Some(std::mem::take(&mut inside.batch));
                }
            }
            self.came.notified().await;
        }
    }

    /// Waits for so long, but not for longer than is good for those who read and for what waits.
    pub(super) async fn rest(&self, time: Duration) {
        // Somebody may have hurried before: then it is written a little early.
        let _ = tokio::time::timeout(time, self.hurry.notified()).await;
    }
}

/// One end of a queue: with either, the queue is closed, and who waits for it is let go.
pub(super) struct End(pub(super) Arc<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        let left = {
            let mut inside = self.0.inside.lock();
            inside.closed = true;
            std::mem::take(&mut inside.batch)
        };
        drop(left);
        self.0.came.notify_one();
        self.0.hurry.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Much longer than any of this takes.
    const LONG: Duration = Duration::from_secs(600);

    fn begun() -> Told {
        Told::Begun(TenantId::generate(), InstallationId::generate(), RunId::generate())
    }

    #[tokio::test]
    async fn it_hurries_when_there_is_much_and_is_full_at_some_point() {
        let queue = Queue::default();
        for _ in 1..AT_ONCE {
            assert!(queue.note(begun()));
        }
        let rests = |time| tokio::time::timeout(time, queue.rest(LONG));
        assert!(rests(Duration::from_millis(20)).await.is_err(), "there is time");
        assert!(queue.note(begun()));
        rests(LONG / 2).await.expect("so many are written soon");
        while queue.note(begun()) {}
        assert_eq!(queue.take().await.unwrap().told.len(), WAITING_MAX);
        assert!(queue.note(begun()), "there is room again");
    }

    #[tokio::test]
    async fn who_reads_waits_until_it_is_written_and_takes_no_room() {
        let queue = Arc::new(Queue::default());
        assert!(queue.note(begun()));
        let flush = || {
            let queue = Arc::clone(&queue);
            tokio::spawn(async move { queue.flush().await })
        };
        let gone = flush();
        tokio::task::yield_now().await;
        gone.abort();
        assert!(gone.await.is_err());
        let waits = flush();
        tokio::task::yield_now().await;
        let batch = queue.take().await.unwrap();
        assert_eq!((batch.told.len(), batch.readers.len()), (1, 1), "who hung up is forgotten");
        assert!(!waits.is_finished());
        batch.readers.into_iter().for_each(|reader| reader.send(()).unwrap());
        waits.await.unwrap();
    }

    #[tokio::test]
    async fn when_the_writer_ends_nobody_waits_for_it() {
        let queue = Arc::new(Queue::default());
        let writer = End(Arc::clone(&queue));
        let waits = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.flush().await }
        });
        tokio::task::yield_now().await;
        drop(writer);
        waits.await.unwrap();
        queue.flush().await;
        assert!(!queue.note(begun()));
        assert!(queue.take().await.is_none());
    }
}
