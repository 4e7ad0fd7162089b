//! Questions of a guest on their way out, and answers on their way in; never more than one.

use super::ask::{Ask, Left, Reply};
use parking_lot::Mutex;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// Between a guest and whoever answers it, who may be on one thread and polled in turns, or on two.
#[derive(Default)]
pub(super) struct Mail(Mutex<Letters>);

#[derive(Default)]
struct Letters {
    letter: Letter,
    /// Who waits for the other: they never wait at once.
    waits: Option<Waker>,
}

#[derive(Default)]
#[expect(clippy::large_enum_variant, reason = "there is one for each running guest")]
enum Letter {
    #[default]
    None,
    Ask(Ask, Left),
    Reply(Reply),
}

impl Letters {
    fn put(&mut self, letter: Letter) -> Option<Waker> {
        self.letter = letter;
        self.waits.take()
    }

    fn take_ask(&mut self) -> Option<(Ask, Left)> {
        match std::mem::take(&mut self.letter) {
            Letter::Ask(ask, left) => Some((ask, left)),
            other => {
                self.letter = other;
                None
            }
        }
    }

    fn take_reply(&mut self) -> Option<Reply> {
        match std::mem::take(&mut self.letter) {
            Letter::Reply(reply) => Some(reply),
            other => {
                self.letter = other;
                None
            }
        }
    }

    fn wait(&mut self, cx: &Context<'_>) {
        if !self.waits.as_ref().is_some_and(|waits| waits.will_wake(cx.waker())) {
            self.waits = Some(cx.waker().clone());
        }
    }
}

impl Mail {
    /// The question that a guest waits with, if it does.
    pub(super) fn take(&self) -> Option<(Ask, Left)> {
        self.0.lock().take_ask()
    }

    /// The same, and has whoever polls woken when one comes.
    pub(super) fn poll_take(&self, cx: &Context<'_>) -> Option<(Ask, Left)> {
        let mut letters = self.0.lock();
        let asked = letters.take_ask();
        if asked.is_none() {
            letters.wait(cx);
        }
        asked
    }

    /// Puts a letter, and wakes who waits for it once the lock is free: who is woken looks at once, and whoever wakes may have
    /// to stand back for that.
    fn put(&self, letter: Letter) {
        let waits = self.0.lock().put(letter);
        if let Some(waits) = waits {
            waits.wake();
        }
    }

    /// The answer to the question that was taken.
    pub(super) fn answer(&self, reply: Reply) {
        self.put(Letter::Reply(reply));
    }

    /// Hands a question out and waits for its answer.
    pub(super) async fn ask(&self, ask: Ask, left: Left) -> Reply {
        self.put(Letter::Ask(ask, left));
        poll_fn(|cx| {
            let mut letters = self.0.lock();
            match letters.take_reply() {
                Some(reply) => Poll::Ready(reply),
                None => {
                    // Its question may not be taken yet: then the other is awake, and takes it.
                    letters.wait(cx);
                    Poll::Pending
                }
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::task::Wake;

    /// Looks into the mail as it is woken.
    struct Looks(Arc<Mail>, AtomicBool);

    impl Wake for Looks {
        fn wake(self: Arc<Self>) {
            self.1.store(self.0.0.try_lock().is_some(), Relaxed);
        }
    }

    #[test]
    fn nobody_is_locked_out_while_somebody_is_woken() {
        let mail = Arc::new(Mail::default());
        let looks = Arc::new(Looks(Arc::clone(&mail), AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&looks));
        let mut cx = Context::from_waker(&waker);
        assert!(mail.poll_take(&cx).is_none());
        let mut asking = pin!(mail.ask(Ask::Settings, Left { query_cost: 0, answer_bytes: 0 }));
        assert!(asking.as_mut().poll(&mut cx).is_pending());
        assert!(looks.1.load(Relaxed), "the lock was held");
        assert!(mail.take().is_some());
        mail.answer(Reply::Text("{}".to_owned()));
        assert!(matches!(asking.as_mut().poll(&mut cx), Poll::Ready(Reply::Text(_))));
    }
}
