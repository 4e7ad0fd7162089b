//! The two wrappers that stand in a schema: an object and a list of objects that may answer as bytes.
//!
//! To the schema they are `T!` and `[T!]!`. When they resolve they are bytes if the request asks for it, the place
//! allows it and the selection can be planned; otherwise exactly what async-graphql would have made of `T`.

use std::borrow::Cow;

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, futures_util::future::try_join_all,
    parser::types::Field, registry::Registry,
};

use super::{
    Enabled, object::LeanObject, out::Out, plan::Planner, sole::is_sole, stack::with_room, value::LeanValue,
};

/// One object, `T!`; nullable as `Option<Row<T>>`.
#[derive(Clone, Debug)]
pub struct Row<T>(
    /// The node.
    pub T,
);

/// A list of objects, `[T!]!`; nullable as `Option<Rows<T>>`.
#[derive(Clone, Debug)]
pub struct Rows<T>(
    /// The nodes, in the order of the answer.
    pub Vec<T>,
);

impl<T> FromIterator<T> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(nodes: I) -> Rows<T> {
        Rows(nodes.into_iter().collect())
    }
}

impl<T: LeanObject> OutputType for Row<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match write::<T::Cx, _>(self, ctx) {
            Some(out) => with_room(out.finish()).await,
            None => with_room(self.0.resolve(ctx, field)).await,
        }
    }
}

impl<T: LeanObject> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match write::<T::Cx, _>(self, ctx) {
            Some(out) => with_room(out.finish()).await,
            None => with_room(resolve_stock(&self.0, ctx, field)).await,
        }
    }
}

/// Writes `value` if it may and can be written here.
fn write<'a, Cx, V>(value: &V, ctx: &'a ContextSelectionSet<'a>) -> Option<Out<'a>>
where
    Cx: Send + Sync + 'static,
    V: LeanValue<Cx>,
{
    ctx.data_opt::<Enabled>()?;
    // Without its context the stock object reports the error, field by field.
    let cx = ctx.data_opt::<Cx>()?;
    if !is_sole(ctx) {
        return None;
    }
    let plan = V::plan(&mut Planner::new(ctx), &[ctx.item]).ok()?;
    let mut out = Out::new(ctx);
    value.write(cx, &plan, &mut out);
    Some(out)
}

/// A list of stock objects. The crate's own list cuts the path of an error below an item at the index; here the field
/// that failed stays named.
async fn resolve_stock<T: LeanObject>(
    nodes: &[T],
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    let items = nodes.iter().enumerate().map(|(index, node)| {
        let item_ctx = ctx.with_index(index);
        async move { node.resolve(&item_ctx, field).await }
    });
    Ok(Value::List(try_join_all(items).await?))
}
