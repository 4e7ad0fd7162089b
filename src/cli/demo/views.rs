//! The views that the demo's company keeps, written in the query language, so that a newcomer sees it at work.
//!
//! It does not know the issues: a view holds what passes on the day it is opened.

use anyhow::Context as _;
use mortise::Engine;
use mortise::command::favorites::SetFavorites;
use mortise::command::view::CreateView;
use mortise::context::OpContext;
use mortise::filter::GroupBy;
use mortise::id::ViewId;
use mortise::saved_view::{Layout, ready_made};

/// Name, purpose, query, how it is laid out, and whether it is shared.
pub(super) const VIEWS: &[(&str, &str, &str, Layout, bool)] = &[
    ("Due soon", "Open, and due within a week", "is:open due<=1w sort:due", Layout::List, true),
    ("Blocked", "What waits for something else", "is:blocked sort:-priority", Layout::List, true),
    ("Bugs", "Open bugs, by how pressing they are", "type:bug is:open sort:-updated", Layout::Board, true),
    ("Waiting for a review", "The longest first", "state:\"in review\" sort:statesince", Layout::List, false),
];

/// How many of them are kept at hand, behind the first that every company has.
const AT_HAND: usize = 2;

/// Makes the views, and keeps some at hand for who makes them: an admin, since they are shared.
///
/// # Errors
/// Whatever the engine refuses with.
pub(super) async fn keep(engine: &Engine, admin: &OpContext) -> anyhow::Result<()> {
    let reader = engine.reader(&admin.principal).await?;
    let mut views: Vec<ViewId> = ready_made().first().map(|view| view.id).into_iter().collect();
    for &(name, purpose, query, layout, shared) in VIEWS {
        let id = ViewId::generate();
        let query = reader
            .parse_query(query)
            .ok()
            .with_context(|| format!("the query of the view {name} cannot be read"))?;
        let create = CreateView {
            id: Some(id),
            description: Some(purpose.to_owned()),
            shared,
            filter: query.filter,
            sort: query.sort,
            group_by: (layout == Layout::Board).then_some(GroupBy::Priority),
            layout,
            ..CreateView::named(name)
        };
        engine.execute(admin.clone(), create).await?;
        views.push(id);
    }
    views.truncate(1 + AT_HAND);
    engine.execute(admin.clone(), SetFavorites { views }).await?;
    Ok(())
}
