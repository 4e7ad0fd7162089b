//! The audit log written out, and verified without the data.

use crate::audit::{AuditFilter, AuditHead, Format, check_export};
use crate::command::member::UpdateMember;
use crate::engine::ExportOptions;
use crate::engine::tests::sign_in::Timed;
use crate::error::{ErrorCode, Result};
use crate::identity::PublicKeys;
use crate::model::Role;
use std::borrow::Cow;

async fn exported(timed: &Timed, format: Format, proof: bool) -> Result<String> {
    let options = ExportOptions { filter: AuditFilter::default(), format, proof };
    let mut export = timed.engine().export_audit(&timed.cx(timed.ana()), options).await?;
    let mut text = String::new();
    while let Some(part) = export.next().await? {
        text.push_str(&part);
    }
    Ok(text)
}

fn keys(timed: &Timed) -> PublicKeys {
    PublicKeys::from_json(&serde_json::to_string(&timed.engine().public_keys()).unwrap()).unwrap()
}

/// The head in the last line, and what is found.
fn checked(text: &str, keys: &PublicKeys) -> Result<crate::audit::AuditReport> {
    let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let signed = last["head"].as_str().unwrap_or_default();
    let head = AuditHead::read(signed, keys)?;
    check_export(text.lines().map(Cow::Borrowed), &[head])
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
    let (text, keys) = (exported(&timed, Format::JsonLines, true).await.unwrap(), keys(&timed));
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
    let other = Timed::new().await;
    assert!(checked(&text, &self::keys(&other)).is_err(), "another installation signed nothing of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_ends_when_who_asked_may_no_longer() {
    let timed = Timed::new().await;
    let options = ExportOptions { filter: AuditFilter::default(), format: Format::Csv, proof: false };
    let refused = timed.engine().export_audit(&timed.cx(timed.uwe), options.clone()).await.map(drop);
    assert_eq!(refused.unwrap_err().code(), ErrorCode::Forbidden);
    let become_a = |role| UpdateMember { role: Some(role), ..UpdateMember::of(timed.uwe) };
    timed.engine().execute(timed.cx(timed.ana()), become_a(Role::SuperAdmin)).await.unwrap();
    let mut export = timed.engine().export_audit(&timed.cx(timed.uwe), options).await.unwrap();
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
