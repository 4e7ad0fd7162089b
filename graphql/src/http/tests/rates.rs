//! Limits as a client meets them: statuses, headers, codes, and what an answer says of its cost.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Router, body::Body};
use http::{header, request::Parts};
use serde_json::json;
use tower::ServiceExt;

use super::{Answer, GRAPHQL, JSON, app_for, ask, post, posting, send};
use crate::http::{Account, AuthFailure, Authenticator, Calls, RouterOptions, Spent};

/// One company: what it may, and how many calls it has left today.
struct Company {
    account: Account,
    calls: AtomicU64,
    limit: u64,
    /// Points that answering has come to, whatever is asked.
    work: u64,
}

impl Company {
    fn new(burst: u32, cost: u32) -> Self {
        let account = Account {
            key: 1,
            burst_per_second: NonZeroU32::new(burst),
            cost_per_second: NonZeroU32::new(cost),
        };
        Self { account, calls: AtomicU64::new(0), limit: 1_000, work: 3 }
    }

    fn app(self) -> Router {
        app_for(Arc::new(self), RouterOptions::default())
    }
}

#[async_trait]
impl Authenticator for Arc<Company> {
    type Identity = String;

    async fn authenticate(&self, _: &Parts) -> Result<Option<String>, AuthFailure> {
        Ok(Some("ana".into()))
    }

    fn account(&self, _: &String) -> Option<Account> {
        Some(self.account)
    }

    async fn count(&self, _: &String) -> Result<Option<Calls>, AuthFailure> {
        let used = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let resets_in = Duration::from_secs(3_600);
        let calls = Calls { limit: Some(self.limit), used: used.min(self.limit), resets_at_ms: 0, resets_in };
        if used <= self.limit {
            return Ok(Some(calls));
        }
        Err(AuthFailure::CallsSpent(Box::new(Spent {
            message: "all are spent".into(),
            key: "apiCallsPerDay".into(),
            calls,
            resets_at: "tomorrow".into(),
            upgrade_to: Some("PREMIUM".into()),
        })))
    }

    fn work(&self, _: &String) -> u64 {
        self.work
    }
}

async fn accepting(app: &Router, media: &str) -> Answer {
    let request = http::Request::post("/graphql")
        .header(header::CONTENT_TYPE, JSON)
        .header(header::ACCEPT, media)
        .body(Body::from(r#"{"query":"{hello}"}"#))
        .unwrap();
    send(app, request).await
}

#[tokio::test]
async fn too_fast_is_429_under_either_media_type_and_says_when_to_come_back() {
    for media in [GRAPHQL, JSON] {
        let app = Company::new(1, 500).app();
        let mut refused = None;
        for _ in 0..100 {
            let answer = accepting(&app, media).await;
            if answer.status != 200 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("a hundred requests are more than one a second");
        refused.assert_refused(429, "RATE_LIMITED");
        assert_eq!(refused.header(header::RETRY_AFTER), "1");
        assert_eq!(refused.header("ratelimit"), "\"burst\";r=0;t=1");
        assert_eq!(refused.json()["errors"][0]["extensions"]["retryAfter"], 1);
        assert!(!refused.text.contains("hello"), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_long_body_of_who_is_too_fast_is_not_read_and_the_connection_closed() {
    let long = format!(r#"{{"query":"{{hello}}","variables":{{"x":"{}"}}}}"#, "x".repeat(100_000));
    for (body, connection) in [(r#"{"query":"{hello}"}"#.to_owned(), ""), (long, "close")] {
        let app = Company::new(1, 500).app();
        let mut refused = None;
        for _ in 0..100 {
            let answer = send(&app, posting().body(Body::from(body.clone())).unwrap()).await;
            if answer.status != 200 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.expect("a hundred requests are more than one a second");
        refused.assert_refused(429, "RATE_LIMITED");
        assert_eq!(refused.header(header::CONNECTION), connection);
    }
}

#[tokio::test]
async fn an_answer_says_what_is_left_and_what_it_cost() {
    let app = Company::new(10, 500).app();
    let answer = ask(&app, "{ issues(first: 40) { title } }").await;
    assert_eq!(answer.header("ratelimit-policy"), "\"burst\";q=10;w=1, \"daily\";q=1000;w=86400");
    assert_eq!(answer.header("ratelimit"), "\"burst\";r=9;t=1, \"daily\";r=999;t=3600");
    let cost = &answer.json()["extensions"]["cost"];
    assert_eq!((&cost["requestedQueryCost"], &cost["actualQueryCost"]), (&json!(41), &json!(4)));
    let throttle = &cost["throttleStatus"];
    assert_eq!((&throttle["maximumAvailable"], &throttle["restoreRate"]), (&json!(10_000), &json!(500)));
    assert!(throttle["currentlyAvailable"].as_u64().unwrap() >= 9_996, "{throttle}");
}

#[tokio::test]
async fn the_day_is_spent_for_all_that_follows_and_the_refusal_names_the_key() {
    let app = Company { limit: 2, ..Company::new(100, 500) }.app();
    for _ in 0..2 {
        assert_eq!(ask(&app, "{hello}").await.status, 200);
    }
    for media in [GRAPHQL, JSON] {
        let answer = accepting(&app, media).await;
        answer.assert_refused(429, "RATE_LIMITED");
        assert_eq!(answer.header(header::RETRY_AFTER), "3600");
        assert!(
            answer.header("ratelimit").contains("\"daily\";r=0;t=3600"),
            "{}",
            answer.header("ratelimit")
        );
        let said = &answer.json()["errors"][0]["extensions"];
        assert_eq!(
            (&said["key"], &said["limit"], &said["used"]),
            (&json!("apiCallsPerDay"), &json!(2), &json!(2))
        );
        assert_eq!(said["upgradeTo"], "PREMIUM");
    }
}

#[tokio::test]
async fn what_costs_more_than_is_left_waits_and_more_than_there_ever_is_is_too_costly() {
    let app = Company::new(1_000, 10).app();
    let document = "query($n: Int) { issues(first: $n) { title } }";
    let of = |rows: u32| json!({ "query": document, "variables": { "n": rows } });
    let answer = post(&app, of(250)).await;
    answer.assert_refused(400, "TOO_COSTLY");
    let mut refused = None;
    for _ in 0..200 {
        let answer = post(&app, of(99)).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    refused
        .expect("two hundred of them are more than ten points a second")
        .assert_refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn who_runs_out_of_time_or_hangs_up_pays_for_what_was_done() {
    for hangs_up in [false, true] {
        let mut options = RouterOptions::default();
        if !hangs_up {
            options.limits.request_timeout = Duration::from_millis(20);
        }
        let company = Company { work: 4_000, ..Company::new(1_000, 500) };
        let app = app_for(Arc::new(company), options);
        if hangs_up {
            let never = posting().body(Body::from(r#"{"query":"{never}"}"#)).unwrap();
            let mut request = Box::pin(app.clone().oneshot(never));
            begin(request.as_mut()).await;
        } else {
            ask(&app, "{never}").await.assert_refused(503, "UNAVAILABLE");
        }
        let answer = ask(&app, "{hello}").await.json();
        let left = &answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"];
        assert!(left.as_u64().unwrap() < 5_000, "two have used 8,000 of 10,000: {answer}");
    }
}

#[tokio::test]
async fn invalid_documents_cost_points_though_nothing_is_executed() {
    let app = Company::new(1_000, 1).app();
    for n in 0..3 {
        assert_eq!(ask(&app, &format!("{{ nothing{n} }}")).await.code(), "INVALID_INPUT");
    }
    // What is owed is paid first, before anything is read.
    ask(&app, "{ nothing").await.assert_refused(429, "RATE_LIMITED");
    ask(&app, "{hello}").await.assert_refused(429, "RATE_LIMITED");
}

/// Lets a request that is never answered come as far as it does.
async fn begin<F: Future>(mut request: std::pin::Pin<&mut F>) {
    for _ in 0..100 {
        let looked = std::future::poll_fn(|context| std::task::Poll::Ready(request.as_mut().poll(context)));
        assert!(looked.await.is_pending());
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_that_cannot_keep_up_turns_away_at_the_door_and_counts_nothing() {
    let mut options = RouterOptions::default();
    options.limits.executed_at_once_max = 1;
    // Whatever a turn takes is longer.
    options.limits.turn_timeout = Duration::from_nanos(1);
    let company = Arc::new(Company::new(1_000, 500));
    let app = app_for(Arc::clone(&company), options);
    let never = || posting().body(Body::from(r#"{"query":"{never}"}"#)).unwrap();
    let mut slow = Box::pin(app.clone().oneshot(never()));
    begin(slow.as_mut()).await;
    drop(slow);
    let mut slow = Box::pin(app.clone().oneshot(never()));
    begin(slow.as_mut()).await;
    let counted = company.calls.load(Ordering::Relaxed);
    assert_eq!(counted, 2, "both are at work");
    let answer = ask(&app, "{hello}").await;
    answer.assert_refused(503, "UNAVAILABLE");
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    assert_eq!(company.calls.load(Ordering::Relaxed), counted);
    drop(slow);
    assert_eq!(ask(&app, "{hello}").await.status, 200, "there is a place again");
}

#[tokio::test]
async fn beyond_what_is_executed_at_once_requests_wait_their_turn_and_not_for_ever() {
    for (turn_timeout, status) in [(Duration::from_millis(30), 503), (Duration::from_secs(60), 200)] {
        let mut options = RouterOptions::default();
        options.limits.executed_at_once_max = 1;
        options.limits.turn_timeout = turn_timeout;
        let app = super::app(options);
        let never = posting().body(Body::from(r#"{"query":"{never}"}"#)).unwrap();
        let mut first = Box::pin(app.clone().oneshot(never));
        assert!(tokio::time::timeout(Duration::from_millis(20), &mut first).await.is_err());
        let second = ask(&app, "{hello}");
        let answer = if status == 503 {
            second.await
        } else {
            let end = async {
                tokio::task::yield_now().await;
                drop(first);
            };
            tokio::join!(second, end).0
        };
        assert_eq!(answer.status, status, "{}", answer.text);
        if status == 503 {
            answer.assert_refused(503, "UNAVAILABLE");
            assert_eq!(answer.header(header::RETRY_AFTER), "1");
        }
    }
}
