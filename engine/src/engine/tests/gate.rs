//! A real store that answers when it is told to: what was written can be read before, as with any store.

use crate::id::TenantId;
use crate::storage::{
    Capabilities, Commit, CommitOutcome, Head, Page, Scan, StorageError, Store, StoreStats, Ticket,
};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// What the gate does with answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    /// Gives them.
    Given,
    /// Keeps them back.
    Held,
    /// Gives this many, counted from the first that was ever asked for, and keeps the others back.
    First(usize),
    /// Says that the outcome is not known, of what was written.
    Lost,
    /// Says so of what was not written.
    Dropped,
    /// Neither reads nor writes anything.
    Away,
}

pub(super) struct Gate {
    store: Arc<dyn Store>,
    answers: watch::Sender<Answers>,
    submitted: AtomicUsize,
    /// How many commits still pass, what is done with the next one, and with all behind it.
    plan: Mutex<Option<(usize, Answers, Answers)>>,
}

impl Gate {
    pub(super) fn around(store: Arc<dyn Store>) -> Arc<Self> {
        let (answers, submitted) = (watch::Sender::new(Answers::Given), AtomicUsize::new(0));
        Arc::new(Self { store, answers, submitted, plan: Mutex::default() })
    }

    /// How many commits were handed over.
    pub(super) fn submitted(&self) -> usize {
        self.submitted.load(Ordering::SeqCst)
    }

    pub(super) fn set(&self, answers: Answers) {
        self.answers.send_replace(answers);
    }

    /// Lets so many commits pass, does this with the next one, and that from then on.
    pub(super) fn plan(&self, passed: usize, once: Answers, then: Answers) {
        *self.plan.lock() = Some((passed, once, then));
    }

    /// What is done with a commit that comes now, if it was planned.
    fn planned(&self) -> Option<Answers> {
        let mut plan = self.plan.lock();
        let (passed, once, then) = plan.as_mut()?;
        if *passed > 0 {
            *passed -= 1;
            return None;
        }
        let (once, then) = (*once, *then);
        *plan = None;
        self.set(then);
        Some(once)
    }

    fn here(&self) -> Result<&dyn Store, StorageError> {
        match *self.answers.borrow() {
            Answers::Away => Err(StorageError::unavailable("told to be away")),
            _ => Ok(&*self.store),
        }
    }
}

#[async_trait]
impl Store for Gate {
    async fn get(&self, tenant: TenantId, key: &[u8]) -> Result<Option<Bytes>, StorageError> {
        self.here()?.get(tenant, key).await
    }

    async fn get_many(&self, tenant: TenantId, keys: &[Vec<u8>]) -> Result<Vec<Option<Bytes>>, StorageError> {
        self.here()?.get_many(tenant, keys).await
    }

    async fn scan(&self, tenant: TenantId, scan: Scan) -> Result<Page, StorageError> {
        self.here()?.scan(tenant, scan).await
    }

    async fn submit(&self, commit: Commit) -> Ticket {
        let number = self.submitted.fetch_add(1, Ordering::SeqCst) + 1;
        let planned = self.planned();
        let now = planned.unwrap_or_else(|| *self.answers.borrow());
        if matches!(now, Answers::Dropped | Answers::Away) {
            return Ticket::answered(CommitOutcome::Indeterminate { reason: "told to be lost".to_owned() });
        }
        let written = self.store.submit(commit).await;
        if now == Answers::Lost && planned.is_some() {
            written.await;
            return Ticket::answered(CommitOutcome::Indeterminate { reason: "told to be lost".to_owned() });
        }
        let (answer, ticket) = Ticket::pair();
        let mut answers = self.answers.subscribe();
        tokio::spawn(async move {
            let outcome = written.await;
            let held = |answers: &Answers| match answers {
                Answers::Held => true,
                Answers::First(given) => number > *given,
                Answers::Given | Answers::Lost | Answers::Dropped | Answers::Away => false,
            };
            let told = answers.wait_for(|answers| !held(answers)).await.map(|told| *told);
            let given = matches!(told, Ok(Answers::Given | Answers::First(_)));
            let lost = CommitOutcome::Indeterminate { reason: "told to be lost".to_owned() };
            drop(answer.send(if given { outcome } else { lost }));
        });
        ticket
    }

    async fn changes(
        &self,
        tenant: TenantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Bytes)>, StorageError> {
        self.here()?.changes(tenant, after, limit).await
    }

    async fn head(&self, tenant: TenantId) -> Result<Head, StorageError> {
        self.here()?.head(tenant).await
    }

    async fn fence(&self, tenant: TenantId) -> Result<Head, StorageError> {
        self.here()?.fence(tenant).await
    }

    async fn erase_tenant(&self, tenant: TenantId) -> Result<(), StorageError> {
        self.here()?.erase_tenant(tenant).await
    }

    async fn adopt(
        &self,
        tenant: TenantId,
        entries: Vec<(Vec<u8>, Option<Bytes>)>,
    ) -> Result<(), StorageError> {
        self.here()?.adopt(tenant, entries).await
    }

    fn capabilities(&self) -> Capabilities {
        // As a store that shows rows before they are on disk.
        Capabilities { reads_are_durable: false, ..self.store.capabilities() }
    }

    async fn stats(&self) -> Result<StoreStats, StorageError> {
        self.store.stats().await
    }

    async fn close(&self) {
        self.store.close().await;
    }
}
