//! Refuses a document that would cost too much, before anything else walks it.
//!
//! Everything after the parser follows a fragment again at each place it is spread, so a document of 500 bytes can
//! mean a million fields. The guard measures each fragment once and adds up the measures: its cost is the length of
//! the text, whatever the text means. It does not know the schema; a document that it lets pass may still be invalid.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet},
};

use super::{code::ErrorCode, options::DocumentLimits};

/// Lists by which an introspection can go round in circles, from types to fields and back.
const INTROSPECTION_LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// Why a document is refused.
#[derive(Debug)]
pub(super) struct Objection {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

impl Objection {
    /// More of `what` than the limit allows.
    pub(super) fn too_much(what: &str, limit: impl std::fmt::Display) -> Self {
        Self {
            code: ErrorCode::TooCostly,
            message: format!("the document exceeds the limit of {limit} for {what}: ask for less at once"),
        }
    }

    fn malformed(message: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidInput, message: message.into() }
    }
}

/// Measures `document` and refuses it when it exceeds a limit. Answers how many selections were looked at.
pub(super) fn check(
    document: &ExecutableDocument,
    limits: &DocumentLimits,
    introspection: bool,
) -> Result<u64, Objection> {
    let mut walk = Walk {
        fragments: &document.fragments,
        limits,
        introspection,
        measured: HashMap::with_capacity(document.fragments.len()),
        visited: 0,
        spreads: 0,
        directives: 0,
    };
    if document.operations.iter().len() > limits.operations_max {
        return Err(Objection::too_much("operations", limits.operations_max));
    }
    let mut variables = 0;
    let mut total = Extent::default();
    for (_, operation) in document.operations.iter() {
        variables += operation.node.variable_definitions.len();
        if variables > limits.variables_max {
            return Err(Objection::too_much("variables", limits.variables_max));
        }
        walk.count_directives(operation.node.directives.len())?;
        for variable in &operation.node.variable_definitions {
            walk.count_directives(variable.node.directives.len())?;
        }
        total.beside(walk.selections(&operation.node.selection_set.node, 1)?);
        total.within(limits)?;
    }
    // Those that no operation spreads: invalid, but to be counted before validation says so.
    for name in document.fragments.keys() {
        walk.fragment(name, 1)?.within(limits)?;
    }
    Ok(walk.visited)
}

/// How much a part of a document comes to, with its fragments expanded.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    selections: u64,
    aliases: u64,
    /// Levels of fields.
    depth: u32,
    /// Levels of fields, inline fragments and spreads.
    nesting: u32,
    /// Levels of [`INTROSPECTION_LISTS`].
    lists: u32,
}

impl Extent {
    /// This and `other` side by side.
    fn beside(&mut self, other: Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.lists = self.lists.max(other.lists);
    }

    fn within(&self, limits: &DocumentLimits) -> Result<(), Objection> {
        if self.selections > limits.selections_max {
            return Err(Objection::too_much("selections, fragments expanded", limits.selections_max));
        }
        if self.aliases > limits.aliases_max {
            return Err(Objection::too_much("aliases, fragments expanded", limits.aliases_max));
        }
        if self.depth > limits.depth_max {
            return Err(Objection::too_much("levels of fields", limits.depth_max));
        }
        if self.nesting > limits.nesting_max {
            return Err(Objection::too_much("levels of fields and fragments", limits.nesting_max));
        }
        Ok(())
    }
}

/// What is known about a fragment so far.
enum Measure {
    /// It is being measured: meeting it again means that it contains itself.
    Open,
    Done(Extent),
}

struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    limits: &'a DocumentLimits,
    introspection: bool,
    measured: HashMap<&'a str, Measure>,
    visited: u64,
    spreads: u32,
    directives: u32,
}

impl<'a> Walk<'a> {
    /// Measures a selection set that stands `nesting` levels deep. That bound also bounds this recursion.
    fn selections(&mut self, set: &'a SelectionSet, nesting: u32) -> Result<Extent, Objection> {
        if nesting > self.limits.nesting_max {
            return Err(Objection::too_much("levels of fields and fragments", self.limits.nesting_max));
        }
        let mut extent = Extent::default();
        for selection in &set.items {
            self.visited += 1;
            self.count_directives(selection.node.directives().len())?;
            let mut one = match &selection.node {
                Selection::Field(field) => self.field(&field.node, nesting)?,
                Selection::InlineFragment(fragment) => {
                    self.selections(&fragment.node.selection_set.node, nesting + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.spreads += 1;
                    if self.spreads > self.limits.spreads_max {
                        return Err(Objection::too_much("fragment spreads", self.limits.spreads_max));
                    }
                    self.fragment(&spread.node.fragment_name.node, nesting + 1)?
                }
            };
            one.selections = one.selections.saturating_add(1);
            one.nesting = one.nesting.saturating_add(1);
            extent.beside(one);
        }
        Ok(extent)
    }

    fn field(&mut self, field: &'a Field, nesting: u32) -> Result<Extent, Objection> {
        let name = field.name.node.as_str();
        let introspects = matches!(name, "__schema" | "__type");
        if introspects && !self.introspection {
            return Err(Objection::malformed("introspection is turned off on this server"));
        }
        let mut extent = self.selections(&field.selection_set.node, nesting + 1)?;
        if introspects && extent.lists > self.limits.introspection_lists_max {
            return Err(Objection::too_much(
                "lists within lists in an introspection",
                self.limits.introspection_lists_max,
            ));
        }
        extent.depth = extent.depth.saturating_add(1);
        extent.lists += u32::from(INTROSPECTION_LISTS.contains(&name));
        extent.aliases = extent.aliases.saturating_add(u64::from(field.alias.is_some()));
        Ok(extent)
    }

    /// The measure of the fragment `name`, taken once. An unknown one measures nothing; validation refuses it.
    fn fragment(&mut self, name: &str, nesting: u32) -> Result<Extent, Objection> {
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Ok(Extent::default());
        };
        match self.measured.get(name.as_str()) {
            Some(Measure::Done(extent)) => return Ok(*extent),
            Some(Measure::Open) => {
                return Err(Objection::malformed("the document has a fragment that contains itself"));
            }
            None => {}
        }
        self.measured.insert(name, Measure::Open);
        self.count_directives(fragment.node.directives.len())?;
        let extent = self.selections(&fragment.node.selection_set.node, nesting)?;
        self.measured.insert(name, Measure::Done(extent));
        Ok(extent)
    }

    fn count_directives(&mut self, more: usize) -> Result<(), Objection> {
        self.directives = self.directives.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        if self.directives > self.limits.directives_max {
            return Err(Objection::too_much("directives", self.limits.directives_max));
        }
        Ok(())
    }
}
