use std::ffi::OsString;

use mortise::context::Principal;
use mortise::filter::Filter;
use mortise::identity::Password;
use mortise::query::Reader;
use mortise::{SignIn, model::StateCategory};

use super::*;
use crate::cli::{Command, settings};

fn place(folder: &std::path::Path) -> Place {
    let arguments: [OsString; 4] = ["mortise".into(), "demo".into(), "--data".into(), folder.into()];
    let cli = settings::parse(arguments).unwrap();
    assert!(matches!(cli.command, Command::Demo(_)));
    cli.shared.place
}

/// The founder, asking for herself.
fn ada(reader: &Reader) -> Principal {
    let member = reader.directory().member_by_email(&company::address(company::FIRST)).unwrap().id;
    Principal::trusted_member(reader.tenant().id, member)
}

#[test]
fn the_tables_of_the_demo_agree_with_each_other() {
    assert_eq!(company::ISSUES.len(), 60);
    for (index, sample) in company::ISSUES.iter().enumerate() {
        let known =
            |name: &str| name == company::FIRST || company::PEOPLE.iter().any(|(short, ..)| *short == name);
        assert!(sample.assignees.split(' ').all(|name| name.is_empty() || known(name)), "{}", sample.title);
        let label = |name: &str| company::LABELS.iter().any(|(label, ..)| *label == name);
        assert!(sample.labels.split(',').all(|name| name.is_empty() || label(name)), "{}", sample.title);
        assert!(sample.parent.is_none_or(|number| (1..=index).contains(&number)), "{}", sample.title);
        assert!(sample.steps <= 3, "{}", sample.title);
    }
    for (issue, _, other) in company::RELATIONS {
        assert!([issue, other].iter().all(|number| (1..=60).contains(*number)) && issue != other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_the_company_and_the_second_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(&folder.path().join("demo"));
    prepare(&place).await.unwrap();
    prepare(&place).await.unwrap();

    let engine = place.engine().open().await.unwrap();
    let tenant = engine.tenant_by_slug(SLUG).unwrap().id;
    let reader = engine.reader(&Principal::trusted_system(tenant)).await.unwrap();
    assert_eq!(reader.count(&Filter::everything()).await.unwrap(), 60);
    let first = reader.issue(&"ENG-1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(first.title, company::ISSUES[0].title);
    assert!(first.created_at < engine.clock().now().plus_millis(-40 * 24 * 60 * 60 * 1000));
    let closed = reader.issue(&"ENG-2".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((closed.category, closed.parent), (StateCategory::Completed, Some(first.id)));
    let ada = engine.reader(&ada(&reader)).await.unwrap();
    let count = async |query: &str| ada.count(&ada.parse_query(query).unwrap().filter).await.unwrap();
    for (query, issues) in [
        ("is:blocked", 3),
        ("duplicates:any resolution:duplicate", 1),
        ("relates:any", 6),
        ("precedes:any is:open", 1),
        ("is:overdue", 1),
        ("is:open due:any", 6),
    ] {
        assert_eq!(count(query).await, issues, "{query}");
    }
    let at_hand: Vec<_> = ada.favorites().iter().map(|view| view.name.clone()).collect();
    assert_eq!(at_hand, ["My issues", "Due soon", "Blocked"]);
    for (name, _, query, ..) in views::VIEWS {
        assert!(ada.views().iter().any(|view| view.name == *name));
        assert_ne!(count(query).await, 0, "{name} shows something");
    }
    let sign_in = SignIn {
        tenant: SLUG.to_owned(),
        email: company::address(company::FIRST),
        password: Password::new(PASSWORD.to_owned()),
        client: Default::default(),
    };
    assert!(engine.sign_in(sign_in).await.is_ok());
    let report = engine.check(tenant).await.unwrap();
    assert_eq!(report.differences, [""; 0]);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_keeps_out_of_other_companies_data() {
    let folder = tempfile::tempdir().unwrap();
    let place = place(folder.path());
    let engine = place.engine().open().await.unwrap();
    engine.create_tenant(mortise::NewTenant::new("real", "Real")).await.unwrap();
    engine.close().await;
    drop(engine);
    assert!(prepare(&place).await.unwrap_err().to_string().contains("other companies"));
}
