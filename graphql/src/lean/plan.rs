//! A selection set turned into a flat list of steps, once for all rows that share it.
//!
//! Fragments and type conditions are resolved, equal response keys merged and `"key":` prefixes written ahead of
//! time. `@skip` and `@include` never show up here: async-graphql removes them before any resolver runs. Knows
//! nothing of nodes or bytes of values: that is the writer's side.

use std::{any::Any, collections::HashMap};

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
};

use super::{
    json,
    object::{LeanObject, TableField},
};

/// How many selections one plan may visit, fragments expanded. A larger one is left to the stock executor: keys are
/// compared pairwise, so this also bounds planning to about a millisecond.
const SELECTIONS_MAX: usize = 1_000;

/// The selection is one only the stock executor can serve; not an error.
#[derive(Debug)]
pub struct Unservable;

/// What to write for every object of one selection, in order. Empty for a leaf.
#[derive(Default)]
pub struct Plan<'a> {
    pub(super) steps: Vec<Step<'a>>,
    /// Whether a stock field is resolved somewhere below, so that paths and nullable places must be tracked.
    pub(super) splices: bool,
    /// What the field was given as its argument, if it takes one.
    argument: Option<Box<dyn Any>>,
}

impl Plan<'_> {
    /// What the field was given as its argument.
    pub fn argument<T: Clone + Default + 'static>(&self) -> T {
        self.argument.as_ref().and_then(|given| given.downcast_ref()).cloned().unwrap_or_default()
    }
}

/// One response key.
pub(super) struct Step<'a> {
    /// `{"key":` or `,"key":`; for a constant the value as well.
    pub(super) lead: Vec<u8>,
    pub(super) key: &'a str,
    pub(super) kind: Kind<'a>,
}

/// Where the value of a response key comes from.
pub(super) enum Kind<'a> {
    /// It is in the lead already (`__typename`).
    Constant,
    /// The line of this index in the object's table.
    Table { index: usize, below: Plan<'a> },
    /// A stock resolver, whose result is spliced in.
    Stock(&'a Positioned<Field>),
}

/// The part of the request that planning looks at, and how much of it may still be visited.
pub struct Planner<'a> {
    ctx: &'a ContextSelectionSet<'a>,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    registry: &'a Registry,
    selections_left: usize,
}

/// All selections of one response key.
struct Merged<'a> {
    key: &'a str,
    field: &'a Positioned<Field>,
    below: Vec<&'a Positioned<SelectionSet>>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(ctx: &'a ContextSelectionSet<'a>) -> Planner<'a> {
        Planner {
            ctx,
            fragments: &ctx.query_env.fragments,
            registry: &ctx.schema_env.registry,
            selections_left: SELECTIONS_MAX,
        }
    }

    /// Plans the object `T` under `sets`, whose selections are merged in order.
    pub(super) fn object<T: LeanObject>(
        &mut self,
        sets: &[&'a Positioned<SelectionSet>],
    ) -> Result<Plan<'a>, Unservable> {
        let type_name = <T as OutputType>::type_name();
        let mut merged = Vec::new();
        for set in sets {
            self.collect(&type_name, set, &mut merged)?;
        }
        let mut plan = Plan::default();
        for entry in merged {
            let mut lead = vec![if plan.steps.is_empty() { b'{' } else { b',' }];
            json::write_str(entry.key, &mut lead);
            lead.push(b':');
            let kind = self.kind::<T>(&type_name, &entry, &mut lead)?;
            let splices = match &kind {
                Kind::Constant => false,
                Kind::Table { below, .. } => below.splices,
                Kind::Stock(_) => true,
            };
            // Stock resolves each occurrence by itself, so one can fail and the other not: only it can say what
            // the merged value is then.
            if splices && entry.below.len() > 1 {
                return Err(Unservable);
            }
            plan.splices |= splices;
            plan.steps.push(Step { lead, key: entry.key, kind });
        }
        Ok(plan)
    }

    fn kind<T: LeanObject>(
        &mut self,
        type_name: &str,
        entry: &Merged<'a>,
        lead: &mut Vec<u8>,
    ) -> Result<Kind<'a>, Unservable> {
        let field = &entry.field.node;
        if field.name.node == "__typename" {
            json::write_str(type_name, lead);
            return Ok(Kind::Constant);
        }
        Ok(match T::table_field(&field.name.node) {
            Some(TableField { index, plan, argument }) => {
                let given = argument.map(|argument| argument.read(&self.ctx.with_field(entry.field)));
                // What cannot be read is for stock to report.
                let argument = given.transpose().map_err(|_| Unservable)?;
                Kind::Table { index, below: Plan { argument, ..plan(self, &entry.below)? } }
            }
            None => Kind::Stock(entry.field),
        })
    }

    fn collect(
        &mut self,
        type_name: &str,
        set: &'a Positioned<SelectionSet>,
        merged: &mut Vec<Merged<'a>>,
    ) -> Result<(), Unservable> {
        for selection in &set.node.items {
            self.selections_left = self.selections_left.checked_sub(1).ok_or(Unservable)?;
            match &selection.node {
                Selection::Field(field) => merge(field, merged)?,
                Selection::FragmentSpread(spread) => {
                    let fragment =
                        &self.fragments.get(&spread.node.fragment_name.node).ok_or(Unservable)?.node;
                    if self.applies(type_name, &fragment.type_condition.node.on.node) {
                        self.collect(type_name, &fragment.selection_set, merged)?;
                    }
                }
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    if condition.is_none_or(|on| self.applies(type_name, &on.node.on.node)) {
                        self.collect(type_name, &inline.node.selection_set, merged)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a fragment on `condition` speaks about an object of `type_name`: itself, or an interface of it.
    fn applies(&self, type_name: &str, condition: &str) -> bool {
        type_name == condition
            || self
                .registry
                .implements
                .get(type_name)
                .is_some_and(|interfaces| interfaces.contains(condition))
    }
}

/// Adds a selected field to those of its response key.
fn merge<'a>(field: &'a Positioned<Field>, merged: &mut Vec<Merged<'a>>) -> Result<(), Unservable> {
    // What is left after @skip and @include wraps the resolver, and only the stock executor calls it.
    if !field.node.directives.is_empty() {
        return Err(Unservable);
    }
    let key = field.node.response_key().node.as_str();
    let below = &field.node.selection_set;
    match merged.iter_mut().find(|entry| entry.key == key) {
        Some(entry) if is_same(&entry.field.node, &field.node) => entry.below.push(below),
        // A document with two fields under one key is invalid; what stock answers is for stock to say.
        Some(_) => return Err(Unservable),
        None => merged.push(Merged { key, field, below: vec![below] }),
    }
    Ok(())
}

fn is_same(one: &Field, other: &Field) -> bool {
    one.name.node == other.name.node && one.arguments == other.arguments
}
