//! What must hold of an answer.

use std::fmt;

use serde_json::Value;

use super::{Asked, Requests, name};
use crate::client::Answer;
use crate::seed::COMMENTS_READ;

/// Characters of a wrong answer that are shown.
const SHOWN_CHARS: usize = 400;

/// Issues of a page.
const PAGE_MAX: usize = 50;

/// Cards of a lane.
const CARDS_MAX: u64 = 10;

/// Why an answer is not what was asked for, with its beginning.
#[derive(Debug)]
pub(crate) struct Wrong {
    why: String,
    text: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.why, self.text)
    }
}

fn wrong(why: impl Into<String>, text: &str) -> Wrong {
    Wrong { why: why.into(), text: text.chars().take(SHOWN_CHARS).collect() }
}

/// The body of an answer that says neither by status nor by word that something failed.
pub(super) fn of_success(answer: Answer<'_>) -> Result<&str, Wrong> {
    let text = std::str::from_utf8(answer.body).map_err(|_| wrong("the answer is not text", ""))?;
    if answer.status != 200 {
        return Err(wrong(format!("status {}", answer.status), text));
    }
    // Quotes inside texts are escaped, so this word with both of its own is a key.
    if text.contains("\"errors\"") {
        return Err(wrong("the answer has errors", text));
    }
    Ok(text)
}

impl Requests {
    /// The marks that cost next to nothing to find.
    pub(super) fn marks(&self, asked: Asked, text: &str) -> Result<(), Wrong> {
        let found = match asked {
            Asked::Create => text.contains("\"issue\":{\"id\":\"iss_") && text.contains("\"userErrors\":[]"),
            Asked::Read { issue } => {
                text.contains(name(&self.talked_of, issue))
                    && text.matches("\"body\":\"").count() == COMMENTS_READ
            }
            Asked::List { .. } => text.contains("\"nodes\":[{\"id\":\"iss_"),
            Asked::Search { .. } => text.contains("\"nodes\":[{\"issue\":{\"id\":\"iss_"),
            Asked::Board { .. } => {
                text.contains("\"subGroups\":[{") && text.contains("\"nodes\":[{\"id\":\"iss_")
            }
            Asked::UpdateAndComment { .. } => {
                text.contains("\"comment\":{\"id\":\"cmt_") && text.matches("\"userErrors\":[]").count() == 2
            }
        };
        if found { Ok(()) } else { Err(wrong(format!("not an answer to {asked:?}"), text)) }
    }

    /// Everything that can be told from the answer alone.
    pub(super) fn closely(&self, asked: Asked, text: &str) -> Result<(), Wrong> {
        let answer: Value =
            serde_json::from_str(text).map_err(|error| wrong(format!("not JSON ({error})"), text))?;
        let at = |path: &str| answer.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let holds = match asked {
            Asked::Create => !at("/data/issueCreate/issue/identifier").is_empty(),
            Asked::Read { issue } => {
                at("/data/issue/id") == name(&self.talked_of, issue)
                    && !at("/data/issue/description").is_empty()
                    && answer.pointer("/data/issue/comments/nodes").is_some_and(has_five_texts)
            }
            Asked::List { state, person } => {
                let nodes = answer.pointer("/data/issues/nodes").and_then(Value::as_array);
                nodes.is_some_and(|nodes| {
                    is_page(nodes, name(&self.states, state), name(&self.people, person))
                })
            }
            Asked::Search { pair } => {
                let nodes = answer.pointer("/data/search/hits/nodes").and_then(Value::as_array);
                nodes.is_some_and(|nodes| self.pairs.are_in(pair, nodes))
            }
            Asked::Board { team } => {
                let (columns, team) = (answer.pointer("/data/issueGroups/nodes"), name(&self.teams, team));
                columns.and_then(Value::as_array).is_some_and(|columns| {
                    !columns.is_empty() && columns.iter().all(|column| is_column(column, team))
                })
            }
            Asked::UpdateAndComment { issue, state } => {
                let moved = self.moved.borrow();
                let (id, now) = moved.get(issue).map_or(("", 0), |(id, now)| (id.as_str(), *now));
                let shown = at("/data/issueUpdate/issue/state/id");
                // Another client may have moved the same issue on meanwhile.
                at("/data/issueUpdate/issue/id") == id && (now != state || shown == name(&self.states, state))
            }
        };
        if holds { Ok(()) } else { Err(wrong(format!("a wrong answer to {asked:?}"), text)) }
    }
}

fn has_five_texts(comments: &Value) -> bool {
    let texts = comments.as_array().into_iter().flatten().filter_map(|comment| comment.get("body")?.as_str());
    texts.filter(|text| !text.is_empty()).count() == COMMENTS_READ
}

/// Whether the lanes of a column hold as many issues as the column, and show as many as they may, all of them the team's,
/// in the column's state, and open.
fn is_column(column: &Value, team: &str) -> bool {
    let count = |of: &Value| of.get("totalCount").and_then(Value::as_u64).unwrap_or_default();
    let lanes = column.get("subGroups").and_then(Value::as_array);
    let state = column.get("key").and_then(Value::as_str);
    let belongs = |card: &Value| {
        let category = card.pointer("/state/category").and_then(Value::as_str);
        card.pointer("/state/id").and_then(Value::as_str) == state
            && card.pointer("/team/id").and_then(Value::as_str) == Some(team)
            && category.is_some_and(|category| !["COMPLETED", "CANCELED"].contains(&category))
    };
    let is_lane = |lane: &Value| {
        let cards = lane.pointer("/issues/nodes").and_then(Value::as_array);
        cards.is_some_and(|cards| {
            cards.len() as u64 == count(lane).min(CARDS_MAX) && cards.iter().all(belongs)
        })
    };
    lanes.is_some_and(|lanes| {
        count(column) == lanes.iter().map(count).sum::<u64>() && lanes.iter().all(is_lane)
    })
}

/// Whether all are in the state, led by the person, and in order.
fn is_page(nodes: &[Value], state: &str, person: &str) -> bool {
    let is_asked_for = |node: &Value| {
        let at = |path: &str| node.pointer(path).and_then(Value::as_str);
        at("/state/id") == Some(state)
            && at("/assignees/0/id") == Some(person)
            && at("/labels/1/name").is_some()
    };
    let changed = |node: &Value| node.get("updatedAt").and_then(Value::as_str).map(str::to_owned);
    (1..=PAGE_MAX).contains(&nodes.len())
        && nodes.iter().all(is_asked_for)
        && nodes.is_sorted_by(|earlier, later| changed(earlier) >= changed(later))
}
