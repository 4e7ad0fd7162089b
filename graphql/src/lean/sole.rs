//! May the value at this place be bytes? Only if nobody will look into it: nothing merged, no custom directive.
//!
//! The stock executor resolves `a { x } a { y }` twice and merges the two results, level by level. Bytes cannot be
//! merged, so a wrapper first walks the operation along its own path and asks that every response key on it occurs
//! once, and carries no directive (`@skip` and `@include` are gone by then). Type conditions are not looked at: two
//! branches that exclude each other count as two, which costs speed, never correctness. Knows nothing of plans.

use async_graphql::{
    ContextSelectionSet, Positioned, QueryPathNode, QueryPathSegment,
    parser::types::{Field, Selection, SelectionSet},
};

/// How many selections one walk may visit, fragments expanded; past it the answer is no.
const SELECTIONS_MAX: usize = 2_000;

/// Whether each response key on the path of `ctx` is selected exactly once in the operation, without a directive.
pub(super) fn is_sole(ctx: &ContextSelectionSet<'_>) -> bool {
    let Some(node) = &ctx.path_node else { return false };
    let mut walk = Walk { ctx, selections_left: SELECTIONS_MAX };
    let mut set = &ctx.query_env.operation.node.selection_set;
    for key in keys(node) {
        let mut found = None;
        if walk.find(key, set, &mut found).is_none() {
            return false;
        }
        match found {
            Some(field) if field.node.directives.is_empty() => set = &field.node.selection_set,
            _ => return false,
        }
    }
    true
}

/// The response keys from the root to `node`; list indices carry no key.
fn keys<'a>(node: &'a QueryPathNode<'a>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = std::iter::once(node)
        .chain(node.parents())
        .filter_map(|node| match node.segment {
            QueryPathSegment::Name(name) => Some(name),
            QueryPathSegment::Index(_) => None,
        })
        .collect();
    keys.reverse();
    keys
}

struct Walk<'c, 'a> {
    ctx: &'c ContextSelectionSet<'a>,
    selections_left: usize,
}

impl<'c> Walk<'c, '_> {
    /// Puts the one field of `key` below `set` into `found`; `None` means there is a second one, or too much to see.
    fn find(
        &mut self,
        key: &str,
        set: &'c Positioned<SelectionSet>,
        found: &mut Option<&'c Positioned<Field>>,
    ) -> Option<()> {
        for selection in &set.node.items {
            self.selections_left = self.selections_left.checked_sub(1)?;
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    if found.replace(field).is_some() {
                        return None;
                    }
                }
                Selection::Field(_) => {}
                Selection::FragmentSpread(spread) => {
                    let fragment = self.ctx.query_env.fragments.get(&spread.node.fragment_name.node)?;
                    self.find(key, &fragment.node.selection_set, found)?;
                }
                Selection::InlineFragment(inline) => {
                    self.find(key, &inline.node.selection_set, found)?;
                }
            }
        }
        Some(())
    }
}
