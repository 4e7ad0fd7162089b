//! The filter on issues: a line for each thing that can be asked.

use super::collection::{Collection, Sides};
use super::comment::CommentCollectionFilter;
use super::comparator::{BooleanComparator, Choice, Name, NullComparator, Ordered};
use super::deep::Deep;
use super::family::filters;
use super::history::IssueHistoryFilter;
use super::people::{MemberCollectionFilter, NullableMemberFilter};
use super::refer::{
    ApprovalCollectionFilter, LabelCollectionFilter, SourceFilter, TeamFilter, WorkflowFilter,
    WorkflowStateFilter, WorkflowVersionFilter,
};
use super::text::StringComparator;
use super::{At, Conditions, each};
use crate::lean::with_room_for;
use crate::schema::scalar::{DateOrDuration, DateTimeOrDuration, Duration};
use crate::schema::word::{IssueType, Priority, Resolution, StateCategory};
use async_graphql::{ID, InputObject};
use mortise_engine::Result;
use mortise_engine::filter::{
    DateField, DurationField, Filter, Link, Many, ParentTest, Test, TextSearch, TimeField,
};
use mortise_engine::model::RelationKind;

filters! {
    /// Which issues are wanted. Fields side by side must all hold. A missing value passes `null: true`, `neq` and `nin`,
    /// and nothing else. At most 200 conditions, 12 deep, 250 values in a list, 2 KiB in a text.
    IssueFilter of Filter {
        /// At least one of these holds.
        "or" or: Vec<Deep<IssueFilter>> = |filters, at| Ok(vec![Filter::Any(all(filters, at)?)]);
        /// This does not hold.
        "not" not: Deep<IssueFilter> = |filter, at| Ok(vec![Filter::Not(Box::new(filter.into_inner().filter(at)?))]);
        /// The issue itself.
        "id" id: Name<ID> = |ids, at| tests(ids.ids(at), Test::Id);
        /// The key people call it by, such as `ENG-12`; former team keys work.
        "identifier" identifier: Name<String> = |keys, at| tests(keys.keys(at), Test::Key);
        /// Its number in the team.
        "number" number: Ordered<u32> = |number, at| tests(number.compares(at), Test::Number);
        /// Its team.
        "team" team: TeamFilter = |team, at| tests(team.tests(at), Test::Team);
        /// Its state.
        "state" state: WorkflowStateFilter = |state, at| tests(state.tests(at), |test| test);
        /// What its state means: short for `state: {category: …}`.
        "category" category: Ordered<StateCategory> = |category, at| tests(category.compares(at), Test::Category);
        /// What kind of work it is.
        "type" kind: Choice<IssueType> = |kind, at| tests(kind.compares(at), Test::Kind);
        /// How pressing it is.
        "priority" priority: Ordered<Priority> = |priority, at| tests(priority.compares(at), Test::Priority);
        /// Why it was closed.
        "resolution" resolution: Choice<Resolution> = |why, at| tests(why.compares(at), Test::Resolution);
        /// Anybody of those who work on it; with `neq`, `nin` and the like, nobody of them is that one.
        "assignee" assignee: NullableMemberFilter = |member, at| tests(member.any_of_many(at), Test::Assignees);
        /// All who work on it.
        "assignees" assignees: MemberCollectionFilter = |members, at| tests(members.many(at), Test::Assignees);
        /// Who made it; none when the program that embeds the engine did.
        "creator" creator: NullableMemberFilter = |member, at| tests(member.tests(at), Test::Creator);
        /// Its labels.
        "labels" labels: LabelCollectionFilter = |labels, at| tests(labels.many(at), Test::Labels);
        /// The issue it is a part of, unless that is deleted.
        "parent" parent: Deep<NullableIssueFilter> = |parent, at| tests(parent.into_inner().parent(at), Test::Parent);
        /// The issues that are a part of it, deleted ones left out.
        "children" children: Deep<IssueCollectionFilter> = |many, at| tests(several(many, at), Test::Children);
        /// The issues that cannot be finished before this one is.
        "blocks" blocks: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Blocks, false);
        /// The issues that must be finished before this one can be.
        "blockedBy" blocked_by: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Blocks, true);
        /// The issues that say already what this one says.
        "duplicates" duplicates: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Duplicates, false);
        /// The issues that say again what this one says.
        "duplicatedBy" duplicated_by: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Duplicates, true);
        /// The issues that it has to do with.
        "relatesTo" relates_to: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Relates, false);
        /// The issues that come after it.
        "precedes" precedes: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Precedes, false);
        /// The issues that come before it.
        "follows" follows: Deep<IssueCollectionFilter> = |many, at| related(many, at, RelationKind::Precedes, true);
        /// Its comments, deleted ones left out.
        "comments" comments: CommentCollectionFilter = |comments, at| tests(comments.many(at), Test::Comments);
        /// How many comments it has: short for `comments: {length: …}`.
        "commentCount" comment_count: Ordered<u32> = |count, at| {
            tests(each(count.compares(at), Many::Length), Test::Comments)
        };
        /// Its size.
        "estimate" estimate: Ordered<u32> = |size, at| tests(size.compares(at), Test::Estimate);
        /// How often it was reopened.
        "reopenCount" reopen_count: Ordered<u32> = |count, at| tests(count.compares(at), Test::Reopened);
        /// When it was made.
        "createdAt" created_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Created);
        /// When it last changed.
        "updatedAt" updated_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Updated);
        /// When it left triage.
        "triagedAt" triaged_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Triaged);
        /// When work started.
        "startedAt" started_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Started);
        /// When it was completed.
        "completedAt" completed_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Completed);
        /// When it was canceled.
        "canceledAt" canceled_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Canceled);
        /// When it was archived. Lets archived ones pass.
        "archivedAt" archived_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Archived);
        /// When it was deleted. Lets deleted ones pass.
        "deletedAt" deleted_at: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::Deleted);
        /// When it entered its present state.
        "stateSince" state_since: Ordered<DateTimeOrDuration> = |when, at| time(when, at, TimeField::StateSince);
        /// The day work is meant to start.
        "startDate" start_date: Ordered<DateOrDuration> = |day, at| date(day, at, DateField::Start);
        /// The day it is due.
        "dueDate" due_date: Ordered<DateOrDuration> = |day, at| date(day, at, DateField::Due);
        /// From the start of work to completion; only completed issues that were started have one.
        "cycleTime" cycle_time: Ordered<Duration> = |span, at| duration(span, at, DurationField::Cycle);
        /// From creation to completion; only completed issues have one.
        "leadTime" lead_time: Ordered<Duration> = |span, at| duration(span, at, DurationField::Lead);
        /// From creation to leaving triage; only issues that left triage have one.
        "triageTime" triage_time: Ordered<Duration> = |span, at| duration(span, at, DurationField::Triage);
        /// Since creation; only open issues have one.
        "ageTime" age_time: Ordered<Duration> = |span, at| duration(span, at, DurationField::Age);
        /// Since it entered its present state.
        "timeInState" time_in_state: Ordered<Duration> = |span, at| duration(span, at, DurationField::InState);
        /// Its title.
        "title" title: StringComparator = |title, at| tests(title.tests(at), Test::Title);
        /// Its description. What it says is reached by `text`.
        "description" description: NullComparator = |there, _| tests(Ok(there.wanted()), |missing| Test::Described(!missing));
        /// Where it was imported from.
        "source" source: SourceFilter = |source, at| tests(source.tests(at), Test::Source);
        /// Whether it is archived. Archived ones are left out unless the filter speaks of it.
        "archived" archived: BooleanComparator = |wanted, _| tests(Ok(wanted.wanted()), Test::Archived);
        /// Whether it is deleted. Deleted ones are left out unless the filter speaks of it.
        "deleted" deleted: BooleanComparator = |wanted, _| tests(Ok(wanted.wanted()), Test::Deleted);
        /// Whether it is confidential.
        "confidential" confidential: BooleanComparator = |wanted, _| tests(Ok(wanted.wanted()), Test::Confidential);
        /// Who is named to see it, while it is confidential.
        "participants" participants: MemberCollectionFilter = |members, at| tests(members.many(at), Test::Participants);
        /// The workflow it follows.
        "workflow" workflow: WorkflowFilter = |workflow, at| tests(workflow.tests(at), Test::Workflow);
        /// The version of the workflow that it follows until it is moved to another.
        "workflowVersion" workflow_version: WorkflowVersionFilter = |version, at| tests(version.tests(at), Test::WorkflowVersion);
        /// The moves out of its present state that approval was asked for and that have not been made.
        "approvals" approvals: ApprovalCollectionFilter = |asked, at| tests(asked.many(at), Test::Approvals);
        /// Its place where people order by hand; compares letter by letter, as the order does. At most 2 KiB.
        "rank" rank: Ordered<String> = |rank, at| tests(rank.compares(at), Test::Rank);
        /// How often it was written, from 1.
        "version" version: Ordered<u32> = |version, at| tests(version.compares(at), Test::Version);
        /// What was true of it once.
        "history" history: Vec<IssueHistoryFilter> = |items, at| histories(items, at);
        /// Its texts: title, description, comments. Gives the issues their relevance.
        "text" text: TextSearchFilter = |search, _| tests(Ok([search.search()]), Test::Text);
    }
    null NullableIssueFilter = "Which issue is wanted, where there may be none. Fields side by side must all hold.";
    many IssueCollectionFilter = "Which of several issues are wanted. Fields side by side must all hold.";
}

impl Conditions for IssueFilter {
    type Test = Filter;

    fn tests(self, at: &At<'_>) -> Result<Vec<Filter>> {
        with_room_for(|| self.side_by_side(at))
    }

    fn item(self, at: &At<'_>) -> Result<Vec<Filter>> {
        Ok(vec![self.filter(at)?])
    }
}

impl IssueFilter {
    /// The filter as the engine takes it. An `and` is kept as a group, so that the JSON of a filter reads back as the same
    /// tree.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    pub(crate) fn filter(self, at: &At<'_>) -> Result<Filter> {
        let grouped = self.and.is_some();
        let mut parts = self.tests(at)?;
        match parts.pop() {
            Some(only) if parts.is_empty() && !grouped => Ok(only),
            last => Ok(Filter::All(parts.into_iter().chain(last).collect())),
        }
    }
}

impl NullableIssueFilter {
    fn parent(self, at: &At<'_>) -> Result<Vec<ParentTest>> {
        let (null, filter) = self.split();
        let grouped = filter.and.is_some();
        let mut tests: Vec<_> = null.map(ParentTest::Null).into_iter().collect();
        match filter.filter(at)? {
            // Nothing said asks nothing.
            Filter::All(parts) if parts.is_empty() && !grouped => {}
            filter => tests.push(ParentTest::Passes(Box::new(filter))),
        }
        Ok(tests)
    }
}

/// Words that are searched in the texts of issues.
#[derive(Debug, InputObject)]
pub(crate) struct TextSearchFilter {
    /// The words, at most 2 KiB: words, `"phrases"`, `prefix*`, `-not`, `title:word`.
    matches: String,
}

impl TextSearchFilter {
    fn search(self) -> TextSearch {
        TextSearch { text: self.matches }
    }
}

fn tests<T>(tests: Result<impl IntoIterator<Item = T>>, test: impl Fn(T) -> Test) -> Result<Vec<Filter>> {
    Ok(tests?.into_iter().map(|one| Filter::Test(test(one))).collect())
}

fn all(filters: Vec<Deep<IssueFilter>>, at: &At<'_>) -> Result<Vec<Filter>> {
    filters.into_iter().enumerate().map(|(index, f)| f.into_inner().filter(&at.item(index))).collect()
}

fn several(many: Deep<IssueCollectionFilter>, at: &At<'_>) -> Result<Vec<Many<Filter>>> {
    many.into_inner().many(at)
}

fn related(
    many: Deep<IssueCollectionFilter>,
    at: &At<'_>,
    kind: RelationKind,
    reversed: bool,
) -> Result<Vec<Filter>> {
    tests(several(many, at), |many| Test::Related(Link { kind, reversed }, many))
}

fn time(when: Ordered<DateTimeOrDuration>, at: &At<'_>, field: TimeField) -> Result<Vec<Filter>> {
    tests(when.compares(at), |test| Test::Time(field, test))
}

fn date(day: Ordered<DateOrDuration>, at: &At<'_>, field: DateField) -> Result<Vec<Filter>> {
    tests(day.compares(at), |test| Test::Date(field, test))
}

fn duration(span: Ordered<Duration>, at: &At<'_>, field: DurationField) -> Result<Vec<Filter>> {
    tests(span.compares(at), |test| Test::Duration(field, test))
}

fn histories(items: Vec<IssueHistoryFilter>, at: &At<'_>) -> Result<Vec<Filter>> {
    let items: Vec<Vec<_>> = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| item.tests(&at.item(index)))
        .collect::<Result<_>>()?;
    tests(Ok(items.into_iter().flatten()), Test::History)
}
