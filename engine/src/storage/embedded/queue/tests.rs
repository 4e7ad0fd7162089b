use super::*;
use std::sync::mpsc;
use std::thread;

/// Much longer than any of this takes.
const LONG: Duration = Duration::from_secs(60);

async fn push(queue: &Queue, followed: bool) {
    let (answer, _answered) = oneshot::channel();
    let commit = Commit { followed, ..Commit::new(TenantId::generate()) };
    queue.push(Job::Commit { commit, answer }).await.unwrap();
}

fn group(work: Work) -> usize {
    match work {
        Work::Group(jobs, _) => jobs.len(),
        _ => panic!("no group"),
    }
}

/// Takes the next group on a thread of its own, as the committer does.
fn taking(queue: &Arc<Queue>) -> mpsc::Receiver<usize> {
    let (taken, group_of) = mpsc::sync_channel(1);
    let queue = Arc::clone(queue);
    thread::spawn(move || taken.send(group(queue.next(None))));
    group_of
}

#[tokio::test]
async fn commits_that_are_followed_share_a_group_with_the_one_behind_them() {
    let queue = Queue::default();
    for followed in [true, true, false, true] {
        push(&queue, followed).await;
    }
    assert_eq!(group(queue.next(None)), 4, "nobody waits once one is behind which nothing comes");
}

#[tokio::test]
async fn what_is_expected_and_does_not_come_is_not_waited_for() {
    let queue = Arc::new(Queue::default());
    push(&queue, true).await;
    assert_eq!(taking(&queue).recv_timeout(LONG).unwrap(), 1);
    assert!(!queue.state.lock().gathers);
}

#[tokio::test]
async fn whoever_gathers_is_woken_by_the_last_and_by_too_many() {
    for followed_first in [1, FOLLOWED_JOBS_MAX - 1] {
        let queue = Arc::new(Queue::default());
        let taken = taking(&queue);
        for _ in 0..followed_first {
            push(&queue, true).await;
        }
        push(&queue, followed_first > 1).await;
        // A thread that was slow has taken a part; what came behind is there for the next.
        let first = taken.recv_timeout(LONG).unwrap();
        let rest = followed_first + 1 - first;
        assert!(rest == 0 || group(queue.next(Some(LONG))) == rest);
    }
}

#[tokio::test]
async fn a_queue_that_is_closed_waits_for_nothing() {
    let queue = Arc::new(Queue::default());
    push(&queue, true).await;
    queue.close();
    assert!(queue.state.lock().is_ready());
    assert_eq!(group(queue.next(None)), 1);
    assert!(matches!(queue.next(None), Work::Closed));
}
