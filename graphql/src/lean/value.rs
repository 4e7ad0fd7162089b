//! What may stand as the type of a table's line, and how each is planned and written.
//!
//! Leaves, lists of leaves, [`Row`] and [`Rows`], and `Option` of those. Knows nothing of requests: that is
//! [`rows`](super::rows).

use async_graphql::{OutputType, Positioned, QueryPathSegment, parser::types::SelectionSet};

use super::{
    leaf::Leaf,
    object::LeanObject,
    out::Out,
    plan::{Kind, Plan, Planner, Unservable},
    rows::{Row, Rows},
};

/// A value a table's line can have, with `Cx` as the object's context.
pub trait LeanValue<Cx>: OutputType {
    /// Plans the merged selections below a field of this type.
    ///
    /// # Errors
    /// When only the stock executor can answer them.
    fn plan<'a>(
        planner: &mut Planner<'a>,
        below: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable>;

    /// Writes the value.
    fn write<'a>(&self, cx: &Cx, plan: &Plan<'a>, out: &mut Out<'a>);
}

impl<L: Leaf, Cx> LeanValue<Cx> for L {
    fn plan<'a>(_: &mut Planner<'a>, _: &[&'a Positioned<SelectionSet>]) -> Result<Plan<'a>, Unservable> {
        Ok(Plan::default())
    }

    fn write<'a>(&self, _: &Cx, _: &Plan<'a>, out: &mut Out<'a>) {
        self.write_json(&mut out.bytes);
    }
}

impl<L: Leaf, Cx> LeanValue<Cx> for Vec<L> {
    fn plan<'a>(_: &mut Planner<'a>, _: &[&'a Positioned<SelectionSet>]) -> Result<Plan<'a>, Unservable> {
        Ok(Plan::default())
    }

    fn write<'a>(&self, _: &Cx, _: &Plan<'a>, out: &mut Out<'a>) {
        super::json::write_list(self, &mut out.bytes, L::write_json);
    }
}

impl<V: LeanValue<Cx>, Cx> LeanValue<Cx> for Option<V> {
    fn plan<'a>(
        planner: &mut Planner<'a>,
        below: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable> {
        V::plan(planner, below)
    }

    fn write<'a>(&self, cx: &Cx, plan: &Plan<'a>, out: &mut Out<'a>) {
        match self {
            None => out.bytes.extend_from_slice(b"null"),
            Some(value) if plan.splices => {
                let scope = out.open_scope();
                value.write(cx, plan, out);
                out.close_scope(scope);
            }
            Some(value) => value.write(cx, plan, out),
        }
    }
}

impl<T: LeanObject> LeanValue<T::Cx> for Row<T> {
    fn plan<'a>(
        planner: &mut Planner<'a>,
        below: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable> {
        planner.object::<T>(below)
    }

    fn write<'a>(&self, cx: &T::Cx, plan: &Plan<'a>, out: &mut Out<'a>) {
        write_object(&self.0, cx, plan, out);
    }
}

impl<T: LeanObject> LeanValue<T::Cx> for Rows<T> {
    fn plan<'a>(
        planner: &mut Planner<'a>,
        below: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable> {
        planner.object::<T>(below)
    }

    fn write<'a>(&self, cx: &T::Cx, plan: &Plan<'a>, out: &mut Out<'a>) {
        out.bytes.push(b'[');
        let start = out.bytes.len();
        for (index, node) in self.0.iter().enumerate() {
            if index > 0 {
                out.bytes.push(b',');
            }
            within(QueryPathSegment::Index(index), plan, out, |out| write_object(node, cx, plan, out));
            if index == 0 {
                // Rows of one plan are of a size, so the first one tells what the rest will need.
                out.bytes.reserve((out.bytes.len() - start) * self.0.len());
            }
        }
        out.bytes.push(b']');
    }
}

/// So that a table can lend a row it holds (`&Row<T>`) instead of copying it.
impl<T: LeanObject> LeanValue<T::Cx> for &Row<T> {
    fn plan<'a>(
        planner: &mut Planner<'a>,
        below: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable> {
        planner.object::<T>(below)
    }

    fn write<'a>(&self, cx: &T::Cx, plan: &Plan<'a>, out: &mut Out<'a>) {
        Row::write(self, cx, plan, out);
    }
}

/// So that a table can lend rows it holds (`&Rows<T>`) instead of copying them.
impl<T: LeanObject> LeanValue<T::Cx> for &Rows<T> {
    fn plan<'a>(
        planner: &mut Planner<'a>,
        below: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable> {
        planner.object::<T>(below)
    }

    fn write<'a>(&self, cx: &T::Cx, plan: &Plan<'a>, out: &mut Out<'a>) {
        Rows::write(self, cx, plan, out);
    }
}

fn write_object<'a, T: LeanObject>(node: &T, cx: &T::Cx, plan: &Plan<'a>, out: &mut Out<'a>) {
    if plan.steps.is_empty() {
        out.bytes.push(b'{');
    }
    for step in &plan.steps {
        out.bytes.extend_from_slice(&step.lead);
        match &step.kind {
            Kind::Constant => {}
            Kind::Table { index, below } => {
                within(QueryPathSegment::Name(step.key), below, out, |out| {
                    node.write_field(cx, *index, below, out);
                });
            }
            Kind::Stock(field) => out.stock(node.clone(), field),
        }
    }
    out.bytes.push(b'}');
}

/// Writes one level deeper; the path is kept only if a stock field below will need it.
fn within<'a>(
    segment: QueryPathSegment<'a>,
    plan: &Plan<'a>,
    out: &mut Out<'a>,
    write: impl FnOnce(&mut Out<'a>),
) {
    if plan.splices {
        out.enter(segment);
        write(out);
        out.leave();
    } else {
        write(out);
    }
}
