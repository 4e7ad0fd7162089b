//! An engine in a folder, without a server: `cargo run --example embed`.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]

use mortise::command::issue::CreateIssue;
use mortise::context::{OpContext, Principal};
use mortise::filter::Filter;
use mortise::query::{IssuePageRequest, Window};
use mortise::{Engine, NewTenant};

#[tokio::main]
async fn main() -> mortise::Result<()> {
    let engine = Engine::builder(std::env::temp_dir().join("mortise-embed")).open().await?;
    let tenant = match engine.tenant_by_slug("acme") {
        Some(tenant) => tenant,
        None => engine.create_tenant(NewTenant::new("acme", "Acme").with_team("ENG")).await?.tenant,
    };

    let us = Principal::trusted_system(tenant.id);
    let reader = engine.reader(&us).await?;
    if let Some(team) = reader.directory().team_by_key("ENG") {
        let command = CreateIssue { title: "Login fails".into(), ..CreateIssue::in_team(team.id) };
        engine.execute(OpContext::new(us.clone()), command).await?;
    }

    let filter = Filter::everything();
    let page = IssuePageRequest { filter, sort: vec![], window: Window::First(10, None) };
    let newest = reader.issues(&page).await?;
    println!("{} issues; the newest:", newest.total);
    for issue in newest.issues {
        println!("{}  {}", reader.directory().identifier(issue.team, issue.number), issue.title);
    }
    engine.close().await;
    Ok(())
}
