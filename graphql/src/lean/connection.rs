//! A page of a longer list, in the shape Relay prescribes plus `nodes` and `totalCount`, written in one go.
//!
//! Lean itself, so a page costs what its rows cost. Knows nothing of how pages are found or what a cursor means.

use std::{borrow::Cow, fmt, marker::PhantomData, sync::Arc};

use async_graphql::{OutputType, TypeName};

use super::{
    object::LeanObject,
    rows::{Row, Rows},
};

/// Makes the cursor of a node, given its place on the page. Called only for the cursors that were asked for.
pub type CursorOf<T> = Arc<dyn Fn(usize, &T) -> String + Send + Sync>;

/// A page of `T`; in the schema `{T}Connection` with `{T}Edge`. Return it as [`Row<Connection<T>>`](Row).
#[derive(Clone)]
pub struct Connection<T> {
    nodes: Rows<T>,
    cursor: CursorOf<T>,
    has_next_page: bool,
    has_previous_page: bool,
    total_count: i32,
}

impl<T: LeanObject> Connection<T> {
    /// A page that is the whole list: no page before it, none after it, and its own length as the total.
    pub fn new(nodes: Vec<T>, cursor: CursorOf<T>) -> Connection<T> {
        let total_count = gql_int(nodes.len());
        Connection { nodes: Rows(nodes), cursor, has_next_page: false, has_previous_page: false, total_count }
    }

    /// Says whether there are pages before and after this one.
    #[must_use]
    pub fn with_neighbours(self, has_previous_page: bool, has_next_page: bool) -> Connection<T> {
        Connection { has_previous_page, has_next_page, ..self }
    }

    /// Says how long the list is over all pages. GraphQL's `Int` ends at 2³¹ − 1; a longer list reports that.
    #[must_use]
    pub fn with_total(self, total: usize) -> Connection<T> {
        Connection { total_count: gql_int(total), ..self }
    }

    /// This page, cut behind so many nodes.
    #[must_use]
    pub fn first(&self, count: usize) -> Connection<T> {
        let cut = self.nodes.0.get(..count).filter(|nodes| nodes.len() < self.nodes.0.len());
        let (nodes, has_next_page) = match cut {
            Some(nodes) => (Rows(nodes.to_vec()), true),
            None => (self.nodes.clone(), self.has_next_page),
        };
        Connection { nodes, has_next_page, cursor: Arc::clone(&self.cursor), ..*self }
    }

    fn edges_of_page(&self) -> Rows<Edge<T>> {
        let edge =
            |(index, node): (usize, &T)| Edge { index, node: node.clone(), cursor: Arc::clone(&self.cursor) };
        self.nodes.0.iter().enumerate().map(edge).collect()
    }

    fn info(&self) -> PageInfo<T::Cx> {
        let cursor = |index: usize| self.nodes.0.get(index).map(|node| (self.cursor)(index, node));
        PageInfo {
            has_next_page: self.has_next_page,
            has_previous_page: self.has_previous_page,
            start_cursor: cursor(0),
            end_cursor: self.nodes.0.len().checked_sub(1).and_then(cursor),
            cx: PhantomData,
        }
    }
}

fn gql_int(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl<T> fmt::Debug for Connection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("nodes", &self.nodes.0.len())
            .field("total_count", &self.total_count)
            .finish_non_exhaustive()
    }
}

impl<T: LeanObject> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", <T as OutputType>::type_name()).into()
    }
}

crate::lean_object! {
    /// A page of a list.
    for<T: LeanObject> Connection, cx T::Cx {
        /// The nodes of this page, each with its cursor.
        "edges" edges: Rows<Edge<T>> = |page, _| page.edges_of_page();
        /// The nodes of this page.
        "nodes" nodes: &Rows<T> = |page, _| &page.nodes;
        /// Where this page lies in the list.
        "pageInfo" page_info: Row<PageInfo<T::Cx>> = |page, _| Row(page.info());
        /// How many nodes there are over all pages.
        "totalCount" total_count: i32 = |page, _| page.total_count;
    }
}

/// A node of a page with its cursor.
#[derive(Clone)]
pub struct Edge<T> {
    index: usize,
    node: T,
    cursor: CursorOf<T>,
}

impl<T: LeanObject> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", <T as OutputType>::type_name()).into()
    }
}

crate::lean_object! {
    /// A node of a page with its cursor.
    for<T: LeanObject> Edge, cx T::Cx {
        /// Names this place in the list: pass it as `after` or `before` to continue from here.
        "cursor" cursor: String = |edge, _| (edge.cursor)(edge.index, &edge.node);
        /// The node.
        "node" node: Row<T> = |edge, _| Row(edge.node.clone());
    }
}

/// Where a page lies in its list. `Cx` is the context of the tables it is used with; one per schema.
pub struct PageInfo<Cx> {
    has_next_page: bool,
    has_previous_page: bool,
    start_cursor: Option<String>,
    end_cursor: Option<String>,
    cx: PhantomData<fn(&Cx)>,
}

impl<Cx> PageInfo<Cx> {
    /// For a page that is not a [`Connection`]: whether there are pages before and after it, and its first and last
    /// cursors.
    pub fn new(neighbours: (bool, bool), cursors: (Option<String>, Option<String>)) -> Self {
        let (has_previous_page, has_next_page) = neighbours;
        let (start_cursor, end_cursor) = cursors;
        PageInfo { has_next_page, has_previous_page, start_cursor, end_cursor, cx: PhantomData }
    }
}

/// By hand, because a derive would ask for `Cx: Clone`.
impl<Cx> Clone for PageInfo<Cx> {
    fn clone(&self) -> PageInfo<Cx> {
        PageInfo { start_cursor: self.start_cursor.clone(), end_cursor: self.end_cursor.clone(), ..*self }
    }
}

crate::lean_object! {
    /// Where a page lies in its list.
    for<Cx: Context> PageInfo, name "PageInfo", cx Cx {
        /// Whether there are nodes after this page.
        "hasNextPage" has_next_page: bool = |info, _| info.has_next_page;
        /// Whether there are nodes before this page.
        "hasPreviousPage" has_previous_page: bool = |info, _| info.has_previous_page;
        /// The cursor of the first node; null on an empty page.
        "startCursor" start_cursor: Option<&str> = |info, _| info.start_cursor.as_deref();
        /// The cursor of the last node; null on an empty page.
        "endCursor" end_cursor: Option<&str> = |info, _| info.end_cursor.as_deref();
    }
}

/// What every table's context is.
pub trait Context: Send + Sync + 'static {}

impl<Cx: Send + Sync + 'static> Context for Cx {}
