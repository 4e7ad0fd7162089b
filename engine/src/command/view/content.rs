//! What must hold of a view, whoever makes or changes it.

use crate::command::{World, system_member, text};
use crate::error::{Error, Result};
use crate::filter::{Filter, Test};
use crate::saved_view::SavedView;
use crate::view::{validate, validate_sort};

/// Bytes of a view's description.
const DESCRIPTION_BYTES_MAX: usize = 4096;

/// Characters of the name of a column.
const COLUMN_CHARS_MAX: usize = 40;

/// The view with its texts in good form.
///
/// # Errors
///
/// `INVALID_INPUT` naming the field, `NOT_FOUND` for the team, `TOO_COSTLY` for a filter or an order that is too large.
pub(super) fn checked(world: &World<'_>, view: SavedView) -> Result<SavedView> {
    if let Some(team) = view.team.filter(|team| world.directory.team(*team).is_none()) {
        return Err(Error::not_found(format!("team {team}")).with_field("teamId"));
    }
    if !view.shared && view.owner == system_member() {
        return Err(Error::invalid("shared", "a view that no member owns is shared: nobody could see it"));
    }
    if view.group_by.is_none() && view.sub_group_by.is_some() {
        return Err(Error::invalid("subGroupBy", "there are no groups to cut: say `groupBy` too"));
    }
    if view.group_by.is_some() && view.group_by == view.sub_group_by {
        return Err(Error::invalid("subGroupBy", "groups are cut by something else than `groupBy`"));
    }
    check_filter(world, &view.filter)?;
    validate_sort(&view.sort, world.limits)?;
    Ok(SavedView {
        name: text::line("name", "the view's name", &view.name, world.limits.name_chars_max)?,
        description: text::body(
            "description",
            "the description",
            view.description.as_deref(),
            DESCRIPTION_BYTES_MAX,
        )?,
        columns: columns(&view.columns, world.limits.view_columns_max)?,
        ..view
    })
}

/// A filter that can be asked, and small enough to be kept in memory for ever.
fn check_filter(world: &World<'_>, filter: &Filter) -> Result<()> {
    validate(filter, world.limits)?;
    if !filter.each_test(&mut |test| !matches!(test, Test::Looked(_))) {
        return Err(Error::invalid("filter", "the filter holds what was looked up for another"));
    }
    let bytes = minicbor::to_vec(filter).map_err(|e| Error::internal(e.to_string()))?.len();
    let max = world.limits.view_filter_bytes_max;
    if bytes > max {
        let message = format!("the filter takes {bytes} bytes: at most {max} are kept with a view");
        return Err(Error::invalid("filter", message));
    }
    Ok(())
}

/// The columns, each once, in the given order.
fn columns(names: &[String], max: usize) -> Result<Vec<String>> {
    if names.len() > max {
        return Err(Error::invalid("columns", format!("a view has at most {max} columns")));
    }
    let mut columns = Vec::with_capacity(names.len());
    for name in names {
        let name = text::line("columns", "the name of a column", name, COLUMN_CHARS_MAX)?;
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    Ok(columns)
}
