use super::*;
use crate::error::ErrorCode;
use crate::view::View;
use roaring::RoaringBitmap;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::{JoinHandle, yield_now};

/// Some tenants that ask for moments. What is made stays unfinished until it is told to end.
struct Asking {
    room: Arc<Room>,
    lines: [Arc<PastLine>; 2],
    moments_max: usize,
    begun: Arc<Mutex<Vec<(usize, u64)>>>,
    ended: Arc<Semaphore>,
}

impl Asking {
    fn new(at_once: usize, moments_max: usize) -> Self {
        let limits = Limits { past_made_at_once: at_once, ..Limits::default() };
        Self {
            room: Arc::new(Room::new(&limits, at_once)),
            lines: <[Arc<PastLine>; 2]>::default(),
            moments_max,
            begun: Arc::default(),
            ended: Arc::new(Semaphore::new(0)),
        }
    }

    /// One asks a tenant for a moment. Everybody has come as far as they can when this returns.
    async fn ask(&self, tenant: usize, moment: u64) -> JoinHandle<Result<Arc<PastView>>> {
        let (line, room, moments_max) = (self.lines[tenant].clone(), self.room.clone(), self.moments_max);
        let (begun, ended) = (self.begun.clone(), self.ended.clone());
        let asks = tokio::spawn(async move {
            let make = |turn| async move {
                begun.lock().push((tenant, moment));
                ended.acquire().await.unwrap().forget();
                drop(turn);
                Ok(Arc::new(PastView { view: View::new(), later: RoaringBitmap::new() }))
            };
            line.view(Seq(moment), moments_max, &room, make).await
        });
        settle().await;
        asks
    }

    /// Lets what is being made be done, so many times; what had begun by then.
    async fn end(&self, times: usize) -> Vec<(usize, u64)> {
        for _ in 0..times {
            self.ended.add_permits(1);
            settle().await;
        }
        self.begun.lock().clone()
    }

    fn asked_for(&self, tenant: usize) -> usize {
        self.lines[tenant].moments.lock().len()
    }
}

/// Lets every task go on until it waits for another. There is one thread, so that this is so.
async fn settle() {
    for _ in 0..64 {
        yield_now().await;
    }
}

#[tokio::test]
async fn those_who_ask_for_one_moment_get_one_view() {
    let asking = Asking::new(2, 1);
    let (first, second) = (asking.ask(0, 5).await, asking.ask(0, 5).await);
    assert_eq!(asking.end(1).await, [(0, 5)]);
    assert!(Arc::ptr_eq(&first.await.unwrap().unwrap(), &second.await.unwrap().unwrap()));
    assert_eq!(asking.asked_for(0), 0);
}

#[tokio::test]
async fn one_is_made_at_a_time_for_a_tenant_though_there_is_room_for_more() {
    let asking = Asking::new(8, 8);
    for moment in 1..=4 {
        asking.ask(0, moment).await;
    }
    asking.ask(1, 9).await;
    assert_eq!(asking.end(0).await, [(0, 1), (1, 9)]);
    assert_eq!(asking.end(3).await, [(0, 1), (1, 9), (0, 2), (0, 3)]);
}

#[tokio::test]
async fn tenants_take_turns_however_much_one_of_them_asks() {
    let asking = Asking::new(1, 8);
    for moment in 1..=4 {
        asking.ask(0, moment).await;
    }
    asking.ask(1, 8).await;
    asking.ask(1, 9).await;
    assert_eq!(asking.end(5).await, [(0, 1), (1, 8), (0, 2), (1, 9), (0, 3), (0, 4)]);
}

#[tokio::test]
async fn beyond_the_bound_another_moment_is_refused_and_one_that_is_asked_for_is_not() {
    let asking = Asking::new(2, 2);
    let mut asks = vec![asking.ask(0, 1).await, asking.ask(0, 2).await];
    let refused = asking.ask(0, 3).await.await.unwrap().unwrap_err();
    assert_eq!((refused.code(), refused.field()), (ErrorCode::Unavailable, Some("at")));
    assert!(refused.message().contains("past_moments_max"), "{refused}");
    asks.extend([asking.ask(0, 2).await, asking.ask(1, 3).await]);
    asking.end(3).await;
    for asks in asks {
        asks.await.unwrap().unwrap();
    }
    asking.ask(0, 3).await;
    assert_eq!(asking.begun.lock().last(), Some(&(0, 3)));
}

#[tokio::test]
async fn who_goes_away_leaves_his_place() {
    let asking = Asking::new(1, 2);
    let (made, waits) = (asking.ask(0, 1).await, asking.ask(0, 2).await);
    let other = asking.ask(1, 9).await;
    for gone in [waits, other] {
        gone.abort();
        gone.await.unwrap_err();
    }
    assert_eq!((asking.asked_for(0), asking.asked_for(1)), (1, 0));
    let next = asking.ask(0, 3).await;
    made.abort();
    made.await.unwrap_err();
    assert_eq!(asking.end(1).await, [(0, 1), (0, 3)]);
    next.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_one_who_went_away_had_begun_the_next_begins_again() {
    let asking = Asking::new(1, 2);
    let (first, second) = (asking.ask(0, 1).await, asking.ask(0, 1).await);
    first.abort();
    first.await.unwrap_err();
    settle().await;
    assert_eq!(asking.end(1).await, [(0, 1), (0, 1)]);
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_failed_is_tried_again_by_the_next() {
    let (line, room, tries) =
        (PastLine::default(), Room::new(&Limits::default(), 1), Arc::new(AtomicUsize::new(0)));
    let make = |_| -> Pin<Box<dyn Future<Output = Result<Arc<PastView>>> + Send>> {
        let tries = tries.clone();
        Box::pin(async move {
            yield_now().await;
            if tries.fetch_add(1, Ordering::Relaxed) == 0 {
                return Err(Error::unavailable("the disk is away"));
            }
            Ok(Arc::new(PastView { view: View::new(), later: RoaringBitmap::new() }))
        })
    };
    let (first, second) = tokio::join!(line.view(Seq(1), 1, &room, make), line.view(Seq(1), 1, &room, make));
    assert_eq!((first.is_err(), second.is_ok()), (true, true));
    assert!(line.moments.lock().is_empty());
}
