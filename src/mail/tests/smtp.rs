//! Against a real mail server of this machine. Where it is not installed, the tests say so.

use super::world::{SmtpServer, World, for_ana, free_port, next, stop};
use crate::mail::{CarryError, Smtp};
use serde_json::{Value, json};
use std::time::Duration;

/// The client of a server on this port; `trusting` who signed its certificate.
fn smtp(url: &str, trusting: bool) -> Smtp {
    let authority = std::fs::read(SmtpServer::authority()).unwrap();
    let smtp =
        Smtp::new(url.parse().unwrap(), trusting.then_some(authority.as_slice()), "example.com").unwrap();
    smtp.patience(Duration::from_secs(20), Duration::from_secs(20))
}

fn headers(message: &Value) -> Vec<(String, String)> {
    let data = message["data"].as_str().unwrap().replace("\r\n ", " ");
    let head = data.split("\r\n\r\n").next().unwrap().to_owned();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn header(message: &Value, name: &str) -> String {
    let all = headers(message);
    let mut found = all.iter().filter(|(known, _)| known == name);
    let (_, value) = found.next().unwrap_or_else(|| panic!("no {name} in {all:?}"));
    assert!(found.next().is_none(), "{name} twice in {all:?}");
    value.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_goes_out_over_tls_as_whom_it_should_and_leaves_the_outbox() {
    for (tls, scheme) in [("implicit", "smtps"), ("starttls", "smtp")] {
        let mut server = SmtpServer::start(&for_ana(tls));
        let world = World::new().await;
        world.write_to(world.acme, "Evil\u{202e} <script> corp").await;
        let url = format!("{scheme}://ana:p%40ss@localhost:{}", server.port);
        let (post, mut told) = world.post(smtp(&url, true));
        let running = post.start();
        let (parcel, carried) = next(&mut told).await;
        assert_eq!(carried, Ok(()));
        let message = server.message();
        assert_eq!((&message["secure"], &message["user"]), (&json!(true), &json!("ana")), "{tls}");
        assert_eq!(
            (&message["from"], &message["to"]),
            (&json!("no-reply@example.com"), &json!(["ana@acme.test"]))
        );
        assert_eq!(header(&message, "From"), "Post <no-reply@example.com>");
        assert_eq!(header(&message, "To"), "ana@acme.test");
        assert_eq!(header(&message, "Subject"), "Another way to sign in to The acme company");
        assert_eq!(header(&message, "Message-ID"), format!("<{}@example.com>", parcel.id));
        assert_eq!(header(&message, "Auto-Submitted"), "auto-generated");
        assert!(header(&message, "Content-Type").starts_with("multipart/alternative"));
        let data = message["data"].as_str().unwrap();
        assert!(
            data.contains("Content-Type: text/plain") && data.contains("Content-Type: text/html"),
            "{data}"
        );
        world.sent().await;
        assert_eq!(running.counts().sent, 1);
        stop(running).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_in_the_clear_nor_to_a_stranger() {
    // A server without TLS, one whose certificate nobody vouches for, and one that answers to another name.
    for (tls, scheme, trusting, certificate) in [
        ("none", "smtp", true, "cert.pem"),
        ("starttls", "smtp", false, "cert.pem"),
        ("implicit", "smtps", false, "cert.pem"),
        ("implicit", "smtps", true, "other.pem"),
    ] {
        let mut options = for_ana(tls);
        options["certificate"] = json!(certificate);
        let server = SmtpServer::start(&options);
        let world = World::new().await;
        world.write_to(world.acme, "Staff").await;
        let url = format!("{scheme}://ana:p%40ss@localhost:{}", server.port);
        let (post, mut told) = world.post(smtp(&url, trusting));
        let running = post.start();
        for _ in 0..2 {
            let (_, carried) = next(&mut told).await;
            assert!(matches!(carried, Err(CarryError::Away(_))), "{tls} {certificate}: {carried:?}");
        }
        stop(running).await;
        assert_eq!(world.engine.mail_waiting(world.acme).await.unwrap(), 1, "it waits");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_keeps_mail_waiting_until_it_is_right() {
    let mut server = SmtpServer::start(&for_ana("implicit"));
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let url = |password: &str| format!("smtps://ana:{password}@localhost:{}", server.port);
    let (post, mut told) = world.post(smtp(&url("wrong"), true));
    let running = post.start();
    for _ in 0..4 {
        let (_, carried) = next(&mut told).await;
        let Err(CarryError::Away(why)) = carried else { panic!("{carried:?}") };
        assert!(why.contains("535") && !why.contains("wrong"), "{why}");
    }
    assert_eq!(running.counts(), crate::mail::PostCounts::default(), "that is no message's fault");
    stop(running).await;
    let (post, mut told) = world.post(smtp(&url("p%40ss"), true));
    let running = post.start();
    assert_eq!(next(&mut told).await.1, Ok(()));
    assert_eq!(server.message()["to"], json!(["ana@acme.test"]));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_refused_for_now_comes_again_under_the_same_name_and_one_refused_for_good_does_not() {
    let options = json!({ "tls": "implicit", "answers": [451, 452], "refuse": "ana@gone.test" });
    let mut server = SmtpServer::start(&options);
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let (post, mut told) = world.post(smtp(&format!("smtps://localhost:{}", server.port), true));
    let running = post.start();
    let mut tries = Vec::new();
    for _ in 0..3 {
        tries.push(next(&mut told).await);
    }
    let said: Vec<_> = tries.iter().map(|(_, carried)| carried.clone()).collect();
    assert!(
        matches!(said.as_slice(), [Err(CarryError::Later(_)), Err(CarryError::Later(_)), Ok(())]),
        "{said:?}"
    );
    assert!(tries.iter().all(|(parcel, _)| parcel.id == tries[0].0.id));
    assert_eq!(header(&server.message(), "Message-ID"), format!("<{}@example.com>", tries[0].0.id));
    world.sent().await;

    let gone = super::world::found(&world.engine, "gone").await;
    world.write_to(gone, "Staff").await;
    assert!(matches!(next(&mut told).await.1, Err(CarryError::Refused(_))));
    stop(running).await;
    let lost = world.engine.lost_mail(gone).await.unwrap();
    assert_eq!(
        (lost.len(), lost[0].to.as_str(), lost[0].template.as_str()),
        (1, "ana@gone.test", "provider_added")
    );
    assert!(lost[0].why.contains("no such mailbox"), "{lost:?}");
    assert_eq!(world.engine.mail_waiting(gone).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_in_another_script_gets_its_mail_from_every_server_and_a_name_in_one_from_some() {
    for (ascii, email, goes) in [
        (true, "ana@M\u{fc}ller.example", true),
        (true, "\u{e4}nne@m\u{fc}ller.example", false),
        (false, "\u{e4}nne@m\u{fc}ller.example", true),
    ] {
        let mut server = SmtpServer::start(&json!({ "tls": "implicit", "ascii": ascii }));
        let world = World::new().await;
        let company = super::world::found_with(&world.engine, "mueller", email).await;
        world.write_to(company, "Staff").await;
        let (post, mut told) = world.post(smtp(&format!("smtps://localhost:{}", server.port), true));
        let running = post.start();
        let (parcel, carried) = next(&mut told).await;
        if goes {
            assert_eq!(carried, Ok(()), "{email}");
            let message = server.message();
            assert_eq!(message["to"], json!([email.to_lowercase()]), "the server reads the domain back");
            assert_eq!(parcel.to, email.replace("@M", "@m").replace("m\u{fc}ller", "xn--mller-kva"));
            assert_eq!(message["data"].as_str().unwrap().is_ascii(), ascii, "{email}");
        } else {
            assert!(
                matches!(&carried, Err(CarryError::Refused(why)) if why.contains("SMTPUTF8")),
                "{carried:?}"
            );
        }
        stop(running).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_is_not_allowed_keeps_all_mail_waiting_until_it_is() {
    let options = json!({ "tls": "implicit", "refuseSender": 553 });
    let server = SmtpServer::start(&options);
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let (post, mut told) = world.post(smtp(&format!("smtps://localhost:{}", server.port), true));
    let running = post.start();
    for _ in 0..3 {
        let (_, carried) = next(&mut told).await;
        assert!(matches!(&carried, Err(CarryError::Away(why)) if why.contains("553")), "{carried:?}");
    }
    assert_eq!(running.counts(), crate::mail::PostCounts::default(), "that is no message's fault");
    stop(running).await;
    let mut server = SmtpServer::start(&json!({ "tls": "implicit" }));
    let (post, mut told) = world.post(smtp(&format!("smtps://localhost:{}", server.port), true));
    let running = post.start();
    assert_eq!(next(&mut told).await.1, Ok(()));
    assert_eq!(server.message()["to"], json!(["ana@acme.test"]));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_one_message_holds_up_that_message_alone() {
    let options = json!({ "tls": "implicit", "answers": [421, 454, 530] });
    let server = SmtpServer::start(&options);
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let (post, mut told) = world.post(smtp(&format!("smtps://localhost:{}", server.port), true));
    let mut patient = super::world::pace();
    patient.pauses = vec![Duration::from_millis(20); 10];
    let running = post.pace(patient).start();
    for _ in 0..3 {
        let (_, carried) = next(&mut told).await;
        assert!(matches!(carried, Err(CarryError::Later(_))), "{carried:?}");
    }
    assert_eq!(next(&mut told).await.1, Ok(()));
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_waits_for_a_server_that_is_away_and_for_one_that_says_nothing() {
    let port = free_port();
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let url = format!("smtps://localhost:{port}");
    let (post, mut told) = world.post(smtp(&url, true));
    let running = post.start();
    for _ in 0..3 {
        assert!(matches!(next(&mut told).await.1, Err(CarryError::Away(_))));
    }
    let mut server = SmtpServer::start(&json!({ "tls": "implicit", "port": port }));
    while next(&mut told).await.1.is_err() {}
    assert_eq!(server.message()["to"], json!(["ana@acme.test"]));
    stop(running).await;

    let dumb = SmtpServer::start(&json!({ "dumb": true }));
    world.write_to(world.acme, "More").await;
    let dumb_smtp = smtp(&format!("smtps://localhost:{}", dumb.port), true)
        .patience(Duration::from_millis(50), Duration::from_millis(50));
    let (post, mut told) = world.post(dumb_smtp);
    let running = post.start();
    let (_, carried) = next(&mut told).await;
    assert!(matches!(&carried, Err(CarryError::Away(why)) if why.contains("in time")), "{carried:?}");
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_and_not_removed_is_sent_again_under_the_same_name() {
    let mut server = SmtpServer::start(&json!({ "tls": "implicit", "hold": true }));
    let world = World::new().await;
    world.write_to(world.acme, "Staff").await;
    let url = format!("smtps://localhost:{}", server.port);
    let (post, _told) =
        world.post(smtp(&url, true).patience(Duration::from_secs(20), Duration::from_secs(300)));
    let mut hasty = super::world::pace();
    hasty.stop_max = Duration::from_millis(1);
    let running = post.pace(hasty).start();
    // The server has the whole message, and does not say so before the process ends.
    let first = header(&server.message(), "Message-ID");
    stop(running).await;
    let world = world.again().await;
    let mut server = SmtpServer::start(&json!({ "tls": "implicit" }));
    let (post, mut told) = world.post(smtp(&format!("smtps://localhost:{}", server.port), true));
    let running = post.start();
    assert_eq!(next(&mut told).await.1, Ok(()));
    assert_eq!(header(&server.message(), "Message-ID"), first);
    world.sent().await;
    stop(running).await;
}
