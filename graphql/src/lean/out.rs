//! The bytes being written, and the places in them that wait for a stock field.
//!
//! Writing is synchronous and never waits. A stock field leaves a *hole*: an offset and a future. When all rows are
//! written the futures run together (so a batching loader sees all of them), and their results are spliced in. A
//! nullable place that holds a hole is a *scope*: a failure below turns it into `null`, as in the stock executor.
//! Knows nothing of tables or selection sets.

use async_graphql::{
    ContainerType, ContextSelectionSet, Positioned, QueryPathNode, QueryPathSegment, ServerError,
    ServerResult, Value,
    futures_util::future::{BoxFuture, try_join_all},
    parser::types::Field,
};

use super::json;

/// What a spliced value is assumed to take when the result is allocated.
const PATCH_BYTES: usize = 32;

/// A buffer of JSON with holes.
pub struct Out<'a> {
    pub(super) bytes: Vec<u8>,
    ctx: &'a ContextSelectionSet<'a>,
    /// Where the writer is, below `ctx`; kept only on the way to stock fields.
    path: Vec<QueryPathSegment<'a>>,
    holes: Vec<Hole<'a>>,
    scopes: Vec<Scope>,
    open_scope: Option<usize>,
}

/// A value still missing at `at`.
struct Hole<'a> {
    at: usize,
    scope: Option<usize>,
    value: BoxFuture<'a, ServerResult<Value>>,
}

/// The bytes of a nullable value with holes in it.
struct Scope {
    start: usize,
    end: usize,
    failed: bool,
}

/// A scope that was opened; give it back to [`Out::close_scope`].
pub(super) struct Opened {
    index: usize,
    outer: Option<usize>,
}

impl<'a> Out<'a> {
    pub(super) fn new(ctx: &'a ContextSelectionSet<'a>) -> Out<'a> {
        Out {
            bytes: Vec::new(),
            ctx,
            path: Vec::new(),
            holes: Vec::new(),
            scopes: Vec::new(),
            open_scope: None,
        }
    }

    pub(super) fn enter(&mut self, segment: QueryPathSegment<'a>) {
        self.path.push(segment);
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    pub(super) fn open_scope(&mut self) -> Opened {
        let (index, start) = (self.scopes.len(), self.bytes.len());
        self.scopes.push(Scope { start, end: start, failed: false });
        Opened { index, outer: self.open_scope.replace(index) }
    }

    pub(super) fn close_scope(&mut self, opened: Opened) {
        let end = self.bytes.len();
        if let Some(scope) = self.scopes.get_mut(opened.index) {
            scope.end = end;
        }
        self.open_scope = opened.outer;
    }

    /// Leaves a hole for a stock field of `node`.
    pub(super) fn stock<T: ContainerType + 'static>(&mut self, node: T, field: &'a Positioned<Field>) {
        let (ctx, path) = (self.ctx, self.path.clone());
        let value = Box::pin(async move { resolve_at(ctx, &path, &node, field).await });
        self.holes.push(Hole { at: self.bytes.len(), scope: self.open_scope, value });
    }

    /// Fills the holes and gives the finished value.
    pub(super) async fn finish(mut self) -> ServerResult<Value> {
        if self.holes.is_empty() {
            return Ok(Value::Binary(self.bytes.into()));
        }
        // An error outside every scope fails the whole value, and then nobody waits for the other holes.
        let resolved = try_join_all(std::mem::take(&mut self.holes).into_iter().map(|hole| async move {
            match (hole.value.await, hole.scope) {
                (Ok(value), _) => Ok(Filled::Value(hole.at, value)),
                (Err(error), Some(scope)) => Ok(Filled::Failed(scope, error)),
                (Err(error), None) => Err(error),
            }
        }))
        .await?;
        let patches = self.patches(resolved);
        Ok(Value::Binary(self.patched(patches).into()))
    }

    /// What to put where, in the order of the bytes; reports the first error of each scope on the way.
    fn patches(&mut self, resolved: Vec<Filled>) -> Vec<Patch> {
        let mut patches = Vec::with_capacity(resolved.len());
        for filled in resolved {
            match filled {
                Filled::Value(at, value) => patches.push(Patch { start: at, end: at, value }),
                Filled::Failed(scope, error) => {
                    if let Some(scope) = self.scopes.get_mut(scope)
                        && !std::mem::replace(&mut scope.failed, true)
                    {
                        self.ctx.add_error(error);
                        patches.push(Patch { start: scope.start, end: scope.end, value: Value::Null });
                    }
                }
            }
        }
        patches.sort_by_key(|patch| patch.start);
        patches
    }

    /// The bytes with every patch in place; a patch inside one that already replaced its surroundings is moot.
    fn patched(&self, patches: Vec<Patch>) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes.len() + patches.len() * PATCH_BYTES);
        let mut copied = 0;
        for patch in patches {
            if patch.start < copied {
                continue;
            }
            out.extend_from_slice(self.bytes.get(copied..patch.start).unwrap_or_default());
            json::write_value(&patch.value, &mut out);
            copied = patch.end;
        }
        out.extend_from_slice(self.bytes.get(copied..).unwrap_or_default());
        out
    }
}

/// A value for the bytes from `start` up to `end`.
struct Patch {
    start: usize,
    end: usize,
    value: Value,
}

/// What became of a hole.
enum Filled {
    Value(usize, Value),
    Failed(usize, ServerError),
}

/// Resolves `field` of `node`, which sits at `path` below `ctx`.
///
/// Path nodes are linked by reference, so every segment needs a frame that outlives the resolver: one boxed future
/// each. Usually there is one segment, the row's index.
fn resolve_at<'s, T: ContainerType>(
    ctx: &'s ContextSelectionSet<'s>,
    path: &'s [QueryPathSegment<'s>],
    node: &'s T,
    field: &'s Positioned<Field>,
) -> BoxFuture<'s, ServerResult<Value>> {
    Box::pin(async move {
        let Some((segment, rest)) = path.split_first() else {
            return Ok(node.resolve_field(&ctx.with_field(field)).await?.unwrap_or_default());
        };
        let mut below = ctx.clone();
        below.path_node = Some(QueryPathNode { parent: ctx.path_node.as_ref(), segment: *segment });
        resolve_at(&below, rest, node, field).await
    })
}
