//! What a document asks of each group: in which places it shows issues, and how many in each.
//!
//! All rows of an answer are read at once, before any group is resolved, so that the document is read ahead. It does not
//! know what a list falls into.

use crate::error::Result;
use crate::schema::page::PAGE_SIZE_DEFAULT;
use async_graphql::{InputType as _, SelectionField};
use mortise_engine::Error;
use mortise_engine::query::ListGroup;

/// What one place of a document asks of each group that it shows.
#[derive(Debug, Default)]
pub(super) struct Ask {
    /// Issues of each of its pages, one for each key of the answer.
    issues: Vec<usize>,
    /// What it asks of each part of the group, one for each key of the answer.
    parts: Vec<Self>,
}

impl Ask {
    /// What the places of this name ask, one for each key of the answer.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a number of issues that is none.
    pub(super) fn all(of: &[SelectionField<'_>], name: &str) -> Result<Vec<Self>> {
        let ask = |place: Vec<SelectionField<'_>>| {
            let issues = places(&place, "issues").into_iter().map(most_of).collect::<Result<_>>()?;
            Ok(Self { issues, parts: Self::all(&place, "subGroups")? })
        };
        places(of, name).into_iter().map(ask).collect()
    }

    /// How many issues of each group have to be read, and of each part.
    pub(super) fn most(asks: &[Self]) -> (usize, usize) {
        let most = |asks: &mut dyn Iterator<Item = &Self>| asks.flat_map(|ask| &ask.issues).copied().max();
        let parts = most(&mut asks.iter().flat_map(|ask| &ask.parts));
        (most(&mut asks.iter()).unwrap_or_default(), parts.unwrap_or_default())
    }

    /// What a group counts for: in each place itself, the issues that are shown of it, and its parts.
    pub(super) fn units(asks: &[Self], group: &ListGroup) -> usize {
        let units = |ask: &Self| {
            let issues = ask.issues.iter().map(|first| group.list.issues.len().min(*first)).sum::<usize>();
            let parts = group.groups.iter().map(|part| Self::units(&ask.parts, part)).sum::<usize>();
            1 + issues + parts
        };
        asks.iter().map(units).sum()
    }
}

/// The fields of this name below `of`, those of one key together: they are one place of the answer.
fn places<'a>(of: &[SelectionField<'a>], name: &str) -> Vec<Vec<SelectionField<'a>>> {
    let mut places: Vec<(&str, Vec<_>)> = Vec::new();
    for field in of.iter().flat_map(SelectionField::selection_set).filter(|field| field.name() == name) {
        let key = field.alias().unwrap_or_else(|| field.name());
        match places.iter_mut().find(|(other, _)| *other == key) {
            Some((_, fields)) => fields.push(field),
            None => places.push((key, vec![field])),
        }
    }
    places.into_iter().map(|(_, fields)| fields).collect()
}

/// How many issues the pages of one place ask for at most. They ask for the same, unless the document says it in a way
/// that validation does not see through.
fn most_of(pages: Vec<SelectionField<'_>>) -> Result<usize> {
    pages.iter().try_fold(0, |most, page| Ok(first_of(page)?.max(most)))
}

/// How many issues a page asks for.
fn first_of(page: &SelectionField<'_>) -> Result<usize> {
    let unread = || Error::invalid("issues.first", "`first` is not a number");
    let given = page.arguments().map_err(|_| unread())?;
    let first = given.into_iter().find(|(name, _)| name == "first").map(|(_, value)| value);
    let first = Option::<i32>::parse(first).map_err(|_| unread())?;
    if let Some(first) = first.filter(|first| *first < 0) {
        let message = format!("`first` is {first}: ask for 0 or more issues of each group");
        return Err(Error::invalid("issues.first", message).into());
    }
    Ok(count(first))
}

/// How many issues are meant by the argument `first` of a group's issues.
pub(super) fn count(first: Option<i32>) -> usize {
    first.map_or(PAGE_SIZE_DEFAULT, |first| usize::try_from(first).unwrap_or_default())
}
