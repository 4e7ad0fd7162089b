//! What a request is reckoned at before it runs: a point for each object it may show, and some for each change.
//!
//! A field that takes `first` or `last` shows so many rows, each with what is selected of it; so pages within pages
//! multiply. One that takes a list `ids` shows as many, or changes as many. What an operation costs is worked out once for
//! its text, and once per request only the sizes of pages that are variables are put in. It does not know the schema: a list
//! without a size is reckoned as so many rows as [`Prices`] say of its name, else as one object and what they say of a field of
//! its name, and the correction after the work makes good what that is wrong by.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
        OperationType, Selection, SelectionSet,
    },
};

use super::{options::RateLimits, prices::Prices};

/// Arguments that say how many rows a field shows.
const SIZES: [&str; 2] = ["first", "last"];

/// Arguments that list what a field shows or changes, and as how many of them a longer list is reckoned: it is refused.
const LISTS: [&str; 1] = ["ids"];
const LISTED_MAX: u32 = 1_000;

/// Fields that show the rows of a page, so that one without a size is known as a page.
const ROWS: [&str; 2] = ["nodes", "edges"];

/// Fields of a page that are the page itself, not something within it.
const PARTS: [&str; 5] = ["nodes", "edges", "node", "pageInfo", "hits"];

/// What the operations of a document cost.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    only: Option<Cost>,
    named: HashMap<Name, Cost>,
}

/// What one operation costs.
#[derive(Debug, Default)]
pub(crate) struct Cost {
    /// For the request itself, and for changes.
    base: u64,
    work: Work,
    page_rows_max: u32,
    /// Fields of the root that prove who asks.
    pub(crate) proving: u32,
    /// Fields of the root that exchange one token for another.
    pub(crate) refreshing: u32,
}

/// Objects, and pages of more of them.
#[derive(Debug, Default)]
struct Work {
    objects: u64,
    pages: Vec<Page>,
}

#[derive(Debug)]
struct Page {
    rows: Rows,
    each: Work,
}

/// How many rows a page has.
#[derive(Debug)]
enum Rows {
    Said(u32),
    Asked { variable: Name, otherwise: u32 },
    Listed(u32),
    ListAsked(Name),
}

impl Costs {
    /// Works out the operations of a document, which the guard has let pass: it bounds how often fragments are followed.
    pub(crate) fn of(document: &ExecutableDocument, limits: &RateLimits) -> Self {
        let cost = |operation: &Positioned<OperationDefinition>| {
            Reckoning {
                fragments: &document.fragments,
                operation: &operation.node,
                prices: &limits.prices,
                mutation_points: limits.mutation_points,
            }
            .cost()
        };
        match &document.operations {
            DocumentOperations::Single(only) => Self { only: Some(cost(only)), named: HashMap::new() },
            DocumentOperations::Multiple(named) => Self {
                only: None,
                named: named.iter().map(|(name, operation)| (name.clone(), cost(operation))).collect(),
            },
        }
    }

    /// What the operation of this name costs, or the only one.
    pub(crate) fn find(&self, name: Option<&str>) -> Option<&Cost> {
        match name {
            Some(name) => self.named.get(name),
            None => self.only.as_ref().or_else(|| self.named.values().next()),
        }
    }
}

impl Cost {
    /// The points of a request with these variables.
    pub(crate) fn points(&self, variables: &Variables) -> u64 {
        self.base.saturating_add(self.work.points(variables, self.page_rows_max))
    }

    /// The points of the request apart from what it shows.
    pub(crate) const fn base(&self) -> u64 {
        self.base
    }
}

impl Costs {
    /// How many pages are kept for its operations: what they take of memory.
    pub(crate) fn pages(&self) -> usize {
        self.only.iter().chain(self.named.values()).map(|cost| cost.work.pages()).sum()
    }
}

impl Work {
    fn pages(&self) -> usize {
        self.pages.iter().map(|page| page.each.pages().saturating_add(1)).sum()
    }

    fn points(&self, variables: &Variables, page_rows_max: u32) -> u64 {
        self.pages.iter().fold(self.objects, |points, Page { rows, each }| {
            let rows = rows.number(variables, page_rows_max);
            let each = each.points(variables, page_rows_max).saturating_add(1);
            points.saturating_add(each.saturating_mul(u64::from(rows)))
        })
    }

    fn add(&mut self, other: Self) {
        self.objects = self.objects.saturating_add(other.objects);
        self.pages.extend(other.pages);
    }
}

impl Rows {
    fn number(&self, variables: &Variables, page_rows_max: u32) -> u32 {
        match self {
            Self::Said(rows) => *rows.min(&page_rows_max),
            Self::Asked { variable, otherwise } => {
                variables.get(variable).and_then(number).unwrap_or(*otherwise).min(page_rows_max)
            }
            Self::Listed(things) => *things,
            Self::ListAsked(variable) => match variables.get(variable) {
                Some(Value::List(things)) => listed(things.len()),
                _ => 1,
            },
        }
    }
}

/// As how many a list of this length is reckoned.
fn listed(things: usize) -> u32 {
    u32::try_from(things).map_or(LISTED_MAX, |things| things.min(LISTED_MAX))
}

/// A number of rows; what is no such number is refused elsewhere.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::Number(number) => Some(u32::try_from(number.as_i64()?.max(0)).unwrap_or(u32::MAX)),
        _ => None,
    }
}

struct Reckoning<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    operation: &'a OperationDefinition,
    prices: &'a Prices,
    mutation_points: u64,
}

impl Reckoning<'_> {
    fn cost(&self) -> Cost {
        let root = &self.operation.selection_set.node;
        let (mut work, mut fields) = (Work::default(), 0_u64);
        let (mut proving, mut refreshing) = (0_u32, 0_u32);
        let mutation = self.operation.ty == OperationType::Mutation;
        self.set(root, false, &mut work);
        self.each_field(root, &mut |field| {
            let name = field.name.node.as_str();
            fields = fields.saturating_add(1);
            proving = proving.saturating_add(u32::from(self.prices.proving_fields.contains(&name)));
            refreshing = refreshing.saturating_add(u32::from(self.prices.refreshing_fields.contains(&name)));
            // Each thing of a list is a change of its own.
            if let Some(rows) = list(field).filter(|_| mutation) {
                let each = Work { objects: self.mutation_points.saturating_sub(1), pages: Vec::new() };
                work.pages.push(Page { rows, each });
            }
        });
        let changes = if mutation { fields } else { 0 };
        let base = changes.saturating_mul(self.mutation_points).saturating_add(1);
        Cost { base, work, page_rows_max: self.prices.page_rows_max, proving, refreshing }
    }

    /// Adds what a selection set shows. In that of a page, the parts of the page are no objects of their own.
    fn set(&self, set: &SelectionSet, of_page: bool, work: &mut Work) {
        self.each_field(set, &mut |field| {
            let (inner_set, name) = (&field.selection_set.node, field.name.node.as_str());
            work.objects = work.objects.saturating_add(self.beside(field));
            if inner_set.items.is_empty() {
                return;
            }
            let part = of_page && PARTS.contains(&name);
            let rows = if part { None } else { self.rows(field) };
            let mut inner = Work::default();
            if rows.is_some() {
                inner.objects = said_of(&self.prices.rows, name);
            }
            self.set(inner_set, part || rows.is_some(), &mut inner);
            match rows {
                Some(rows) => work.pages.push(Page { rows, each: inner }),
                None => {
                    work.objects = work.objects.saturating_add(u64::from(!part));
                    work.add(inner);
                }
            }
        });
    }

    /// Points of a field beside what it shows.
    fn beside(&self, field: &Field) -> u64 {
        let arguments = field.arguments.iter();
        let of_arguments = arguments.map(|(name, _)| said_of(&self.prices.arguments, &name.node)).sum();
        said_of(&self.prices.fields, &field.name.node).saturating_add(of_arguments)
    }

    /// How many rows a field shows; none for one that is no page.
    fn rows(&self, field: &Field) -> Option<Rows> {
        if self.operation.ty != OperationType::Mutation
            && let Some(rows) = list(field)
        {
            return Some(rows);
        }
        let bound = self.prices.lists.iter().find(|(name, _)| *name == field.name.node.as_str());
        if let Some((_, rows)) = bound {
            return Some(Rows::Said(*rows));
        }
        let usual = self.prices.page_rows;
        let said = SIZES.iter().find_map(|size| field.get_argument(size)).map(|value| value.node.to_string());
        match said.as_deref().map(|text| (text.strip_prefix('$'), text.parse::<i64>())) {
            Some((Some(name), _)) => Some(Rows::Asked { variable: Name::new(name), otherwise: usual }),
            Some((None, Ok(rows))) => Some(Rows::Said(u32::try_from(rows.max(0)).unwrap_or(u32::MAX))),
            Some((None, Err(_))) => Some(Rows::Said(usual)),
            None => {
                let mut page = false;
                self.each_field(&field.selection_set.node, &mut |inner| {
                    page |= ROWS.contains(&inner.name.node.as_str());
                });
                page.then_some(Rows::Said(usual))
            }
        }
    }

    /// Every field of a selection set, those of its fragments included.
    fn each_field<'s>(&'s self, set: &'s SelectionSet, take: &mut dyn FnMut(&'s Field)) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => take(&field.node),
                Selection::InlineFragment(fragment) => {
                    self.each_field(&fragment.node.selection_set.node, take);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        self.each_field(&fragment.node.selection_set.node, take);
                    }
                }
            }
        }
    }
}

/// What is said of a name; nothing otherwise.
fn said_of(points: &[(&'static str, u64)], name: &str) -> u64 {
    points.iter().find(|(of, _)| *of == name).map_or(0, |(_, points)| *points)
}

/// How many things a field lists; none for one that takes no list.
fn list(field: &Field) -> Option<Rows> {
    let value = &LISTS.iter().find_map(|name| field.get_argument(name))?.node;
    if let Some(variable) = value.to_string().strip_prefix('$') {
        return Some(Rows::ListAsked(Name::new(variable)));
    }
    // A variable within it is one thing, whatever it is.
    let whole = value.clone().into_const_with(|_| Ok::<_, ()>(Value::Null));
    Some(Rows::Listed(match whole {
        Ok(Value::List(things)) => listed(things.len()),
        _ => 1,
    }))
}

#[cfg(test)]
mod tests;
