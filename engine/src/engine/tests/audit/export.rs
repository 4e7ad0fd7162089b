//! The audit log written out, and verified without the data.

use crate::audit::{AuditFilter, AuditHead, Format, check_export};
use crate::command::member::UpdateMember;
use crate::engine::ExportOptions;
use crate::engine::tests::sign_in::Timed;
use crate::error::{ErrorCode, Result};
use crate::event::{Actor, EventBody, Subject};
use crate::identity::PublicKeys;
use crate::log::{LogRecord, SecurityRecord};
use crate::model::{Role, Tier};
use crate::rows::SecurityRow;
use crate::storage::{decode, encode};
use data_encoding::BASE64;
use serde_json::{Value, json};

async fn exported(timed: &Timed, format: Format, proof: bool) -> Result<String> {
    let options = ExportOptions { filter: AuditFilter::default(), format, proof };
    let mut export = timed.engine().export_audit(&timed.cx(timed.ana()), options, None).await?;
    let mut text = String::new();
    while let Some(part) = export.next().await? {
        text.push_str(&part);
    }
    Ok(text)
}

fn keys(timed: &Timed) -> PublicKeys {
    PublicKeys::from_json(&serde_json::to_string(&timed.engine().public_keys()).unwrap()).unwrap()
}

/// What is found.
fn checked(text: &str, keys: &PublicKeys) -> Result<crate::audit::AuditReport> {
    Ok(check_export(text.lines().map(|line| Ok(line.to_owned())), keys, &[])?.1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_holds_every_entry_once_the_oldest_first() {
    let timed = Timed::new().await;
    timed.sign_in("uwe").await;
    let table = exported(&timed, Format::Csv, false).await.unwrap();
    let rows: Vec<_> = table.lines().collect();
    assert!(
        rows[0].starts_with("id,at,") && rows.iter().any(|row| row.contains("audit.exported")),
        "{table}"
    );
    let report = timed.engine().verify_audit(timed.world.founded.tenant.id, Vec::new()).await.unwrap();
    assert_eq!(rows.len() as u64 - 1, report.events + report.security_events);
    let lines = exported(&timed, Format::JsonLines, false).await.unwrap();
    let values: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        values
            .windows(2)
            .all(|two| two[1].get("at").is_none() || two[0]["at"].as_str() <= two[1]["at"].as_str())
    );
    assert!(values.last().unwrap()["head"].is_string());
    assert!(values.iter().any(|value| value["actorName"] == "Ana"));
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_with_proofs_is_verified_with_the_public_keys_alone_and_any_change_is_seen() {
    let timed = Timed::new().await;
    timed.sign_in("uwe").await;
    timed.try_sign_in("uwe", "wrong", Some([192, 0, 2, 1].into())).await.unwrap_err();
    timed.world.issue(Some("plover of nobody else".into())).await;
    let (text, keys) = (exported(&timed, Format::JsonLines, true).await.unwrap(), keys(&timed));
    let inner = text.lines().count() - 1;
    let bytes: Vec<u8> = text.lines().take(inner).skip(1).flat_map(record_of).collect();
    assert!(!bytes.windows(6).any(|part| part == b"plover"), "no record holds what issues say");
    let report = checked(&text, &keys).unwrap();
    assert!(report.is_clean(), "{report:#?}");
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len() - 1;
    let found = |lines: Vec<String>| checked(&lines.join("\n"), &keys).is_ok_and(|report| report.is_clean());
    let with = |at: usize, line: &str| {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[at] = line.to_owned();
        changed
    };
    for at in 1..last {
        let mut without: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        without.remove(at);
        assert!(!found(without), "line {at} taken out");
        let line = lines[at];
        for (from, to) in [
            ("192.0.2.1", "192.0.2.2"),
            ("\"actorId\":\"usr_", "\"actorId\":\"usr_0"),
            ("\"at\":\"20", "\"at\":\"19"),
        ] {
            if line.contains(from) {
                assert!(!found(with(at, &line.replacen(from, to, 1))), "line {at}: {from}");
            }
        }
        if at + 1 < last {
            let mut swapped: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            swapped.swap(at, at + 1);
            // Neighbours of different chains may change places: they are in order each by itself.
            let same = lines[at].contains("\"id\":\"log_") == lines[at + 1].contains("\"id\":\"log_");
            assert!(!same || !found(swapped), "lines {at} and the next");
        }
    }
    for (from, to) in [("\"actorName\":\"Ana\"", "\"actorName\":\"Eve\""), ("member.joined", "label.created")]
    {
        assert!(
            text.contains(from) && !found(text.replacen(from, to, 1).lines().map(str::to_owned).collect())
        );
    }
    let other = Timed::new().await;
    assert!(checked(&text, &self::keys(&other)).is_err(), "another installation signed nothing of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_ends_when_who_asked_may_no_longer() {
    let timed = Timed::new().await;
    let options = ExportOptions { filter: AuditFilter::default(), format: Format::Csv, proof: false };
    let refused = timed.engine().export_audit(&timed.cx(timed.uwe), options.clone(), None).await.map(drop);
    assert_eq!(refused.unwrap_err().code(), ErrorCode::Forbidden);
    let become_a = |role| UpdateMember { role: Some(role), ..UpdateMember::of(timed.uwe) };
    timed.engine().execute(timed.cx(timed.ana()), become_a(Role::SuperAdmin)).await.unwrap();
    let mut export = timed.engine().export_audit(&timed.cx(timed.uwe), options, None).await.unwrap();
    export.next().await.unwrap();
    timed.engine().execute(timed.cx(timed.ana()), become_a(Role::Admin)).await.unwrap();
    assert_eq!(export.next().await.unwrap_err().code(), ErrorCode::Forbidden);
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_is_believed_with_the_keys_that_signed_it_and_unchanged() {
    let timed = Timed::new().await;
    let tenant = timed.world.founded.tenant.id;
    let (head, signed) = timed.engine().audit_head(&timed.cx(timed.ana())).await.unwrap();
    assert_eq!(AuditHead::read(&signed, &keys(&timed)).unwrap(), head);
    timed.sign_in("uwe").await;
    let report = timed.engine().verify_audit(tenant, vec![head.clone()]).await.unwrap();
    assert!(report.is_clean() && report.heads == 1, "{report:#?}");
    assert!(timed.engine().authenticate(&signed).await.is_err(), "nobody signs in with it");
    let mut ahead = head.clone();
    ahead.log.seq = crate::model::Seq(head.log.seq.0 + 1);
    let mut other = head.clone();
    other.log.hash[0] ^= 1;
    let mut elsewhere = head;
    elsewhere.tenant = crate::id::TenantId::generate();
    for wrong in [ahead, other, elsewhere] {
        let report = timed.engine().verify_audit(tenant, vec![wrong]).await.unwrap();
        assert!(!report.is_clean());
    }
    let refused = timed.engine().audit_head(&timed.cx(timed.uwe)).await.map(drop).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);
    timed.check().await;
}

/// The record of a line.
fn record_of(line: &str) -> Vec<u8> {
    let value: Value = serde_json::from_str(line).unwrap();
    BASE64.decode(value["record"].as_str().unwrap().as_bytes()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_added_to_an_export_behind_its_head() {
    let timed = Timed::new().await;
    let (text, keys) = (exported(&timed, Format::JsonLines, true).await.unwrap(), keys(&timed));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let newest = lines.iter().rfind(|line| line.contains("\"id\":\"log_")).unwrap();
    let newest: LogRecord = decode(&record_of(newest)).unwrap();
    let mut event = newest.event().unwrap();
    event.seq = event.seq.next();
    (event.actor, event.subject) = (Actor::System, Subject::Tenant);
    event.body = Some(EventBody::KeyRevoked { member: timed.uwe });
    // The chain needs no secret.
    let forged = LogRecord::of(&event, &newest.hash(), [1; 16]).unwrap();
    let mut line: Value = serde_json::from_str(&lines[lines.len() - 2]).unwrap();
    let entry = crate::audit::AuditEntry::of_log(forged.erase(), true).unwrap();
    line["record"] = json!(BASE64.encode(entry.record.as_ref().unwrap()));
    for (name, said) in crate::audit::tests::as_json(&entry).as_object().unwrap() {
        line[name] = said.clone();
    }
    lines.insert(lines.len() - 1, line.to_string());
    let report = checked(&lines.join("\n"), &keys).unwrap();
    assert!(report.differences.iter().any(|what| what.contains("its own head")), "{report:#?}");
    assert!(report.differences.iter().any(|what| what.contains("signed")), "{report:#?}");
    let mut behind: Vec<&str> = text.lines().collect();
    behind.push(behind[1]);
    assert!(!checked(&behind.join("\n"), &keys).unwrap().is_clean(), "a line behind the last");
    let mut among: Vec<&str> = text.lines().collect();
    among.insert(1, "{\"head\":\"\",\"kind\":\"made.up\"}");
    assert!(!checked(&among.join("\n"), &keys).unwrap().is_clean(), "a line that looks like the last");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_front_of_an_export_is_not_cut_off_unseen() {
    let timed = Timed::new().await;
    timed.sign_in("uwe").await;
    let (text, keys) = (exported(&timed, Format::JsonLines, true).await.unwrap(), keys(&timed));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.contains("\"id\":\"log_1\"")).unwrap();
    let first: LogRecord = decode(&record_of(&lines.remove(at))).unwrap();
    let mut begin: Value = serde_json::from_str(&lines[0]).unwrap();
    begin["after"]["log"] = json!({ "seq": 1, "hash": data_encoding::HEXLOWER.encode(&first.hash()) });
    lines[0] = begin.to_string();
    let report = checked(&lines.join("\n"), &keys).unwrap();
    assert!(!report.is_clean() && report.before == 1, "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_and_from_where_are_not_taken_out_of_an_export_unseen() {
    let timed = Timed::new().await;
    timed.try_sign_in("uwe", "wrong", Some([192, 0, 2, 1].into())).await.unwrap_err();
    let (text, keys) = (exported(&timed, Format::JsonLines, true).await.unwrap(), keys(&timed));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.contains("192.0.2.1")).unwrap();
    let SecurityRow::Event(record) = decode(&record_of(&lines[at])).unwrap() else { panic!() };
    let erased: SecurityRecord = record.erase();
    let entry = crate::audit::AuditEntry::of_security(erased.clone(), false).unwrap();
    let mut line = crate::audit::tests::as_json(&entry);
    line["record"] = json!(BASE64.encode(&encode(&SecurityRow::Event(erased)).unwrap()));
    lines[at] = line.to_string();
    let report = checked(&lines.join("\n"), &keys).unwrap();
    assert!(!report.is_clean() && report.erased == 1, "{report:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_is_broken_off_when_what_it_had_not_come_to_was_let_go_meanwhile() {
    const DAY: i64 = 24 * 60 * 60;
    let timed = Timed::new().await;
    timed.engine().set_tier(timed.world.cx(), Tier::Basic).await.unwrap();
    timed.sign_in("uwe").await;
    timed.pass(29 * DAY);
    timed.sign_in("uwe").await;
    let proof = ExportOptions { filter: AuditFilter::default(), format: Format::JsonLines, proof: true };
    let mut export = timed.engine().export_audit(&timed.world.cx(), proof, None).await.unwrap();
    export.next().await.unwrap();
    timed.pass(2 * DAY);
    let live = timed.engine().live(timed.world.founded.tenant.id).await.unwrap();
    live.sweep().await.unwrap();
    assert_eq!(export.next().await.unwrap_err().code(), ErrorCode::Unavailable);
    drop(live);
    let whole = exported(&timed, Format::JsonLines, true).await.unwrap();
    let report = checked(&whole, &keys(&timed)).unwrap();
    assert!(report.is_clean(), "{report:#?}");
    timed.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_goes_on_when_its_access_token_is_over_and_ends_with_the_session() {
    let timed = Timed::new().await;
    let tokens = timed.sign_in("ana").await;
    let signed_in = timed.engine().authenticate(tokens.access.expose()).await.unwrap();
    let options = ExportOptions { filter: AuditFilter::default(), format: Format::Csv, proof: false };
    let begin = async || {
        let (cx, session) = (timed.cx(timed.ana()), signed_in.session);
        let mut export = timed.engine().export_audit(&cx, options.clone(), session).await.unwrap();
        export.next().await.unwrap();
        export
    };
    let mut export = begin().await;
    timed.pass(11 * 60);
    assert!(!timed.is_in(&tokens).await);
    while export.next().await.unwrap().is_some() {}
    let mut export = begin().await;
    timed.engine().sign_out(tokens.refresh.expose(), "a browser").await.unwrap();
    assert_eq!(export.next().await.unwrap_err().code(), ErrorCode::Unauthenticated);
}
