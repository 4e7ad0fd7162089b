//! The GraphQL documents of the load, as a client would write them once and send with other variables each time.
//!
//! What they ask for is what `docs/performance.md` says of each kind of work; nothing here is trimmed for speed.

/// Makes an issue.
pub(crate) const CREATE: &str = "\
mutation CreateIssue($input: IssueCreateInput!) {
  issueCreate(input: $input) {
    issue { id identifier version }
    userErrors { field code message }
    syncCursor
  }
}";

/// The same, so that repeating it has effect once.
pub(crate) const CREATE_ONCE: &str = "\
mutation CreateIssue($input: IssueCreateInput!, $key: String) {
  issueCreate(input: $input, idempotencyKey: $key) {
    issue { id identifier version }
    userErrors { field code message }
    syncCursor
  }
}";

/// One issue as its page shows it.
pub(crate) const READ: &str = "\
query ReadIssue($id: ID!) {
  issue(id: $id) {
    id identifier title description type priority createdAt updatedAt version
    state { id name category }
    team { id key }
    creator { id name }
    assignees { id name }
    labels { id name color }
    comments(first: 5) { totalCount nodes { id body createdAt author { id name } } }
  }
}";

/// One page of a list.
pub(crate) const LIST: &str = "\
query ListIssues($state: ID!, $assignee: ID!) {
  issues(
    filter: { state: { id: { eq: $state } }, assignee: { id: { eq: $assignee } } }
    sort: [{ updatedAt: { order: DESC } }]
    first: 50
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id identifier title priority createdAt updatedAt
      state { id name }
      assignees { id name }
      labels { id name color }
    }
  }
}";

/// The best of what a search finds among the open issues.
pub(crate) const SEARCH: &str = "\
query SearchIssues($text: String!) {
  search(text: $text, filter: { category: { nin: [COMPLETED, CANCELED] } }, first: 20) {
    hits {
      totalCount
      nodes {
        issue {
          id identifier title priority updatedAt
          state { id name category }
          assignees { id name }
          labels { id name color }
        }
      }
    }
  }
}";

/// A team's open issues: a column for each state, a lane for each priority, the first cards of each cell.
pub(crate) const BOARD: &str = "\
query Board($team: ID!) {
  issueGroups(
    filter: { team: { id: { eq: $team } }, category: { nin: [COMPLETED, CANCELED] } }
    groupBy: STATE
    subGroupBy: PRIORITY
  ) {
    nodes {
      key totalCount sumEstimate
      subGroups {
        key totalCount
        issues(first: 10) {
          nodes {
            id identifier title priority
            state { id category }
            team { id }
            assignees { id name }
            labels { id name color }
          }
        }
      }
    }
  }
}";

/// Moves an issue and says something about it: two changes in one request.
pub(crate) const UPDATE_AND_COMMENT: &str = "\
mutation MoveAndComment($id: ID!, $update: IssueUpdateInput!, $comment: CommentCreateInput!) {
  issueUpdate(id: $id, input: $update) {
    issue { id version state { id } }
    userErrors { field code message }
  }
  commentCreate(input: $comment) {
    comment { id createdAt }
    userErrors { field code message }
    syncCursor
  }
}";

/// How many issues there are.
pub(crate) const COUNT: &str = "query CountIssues { issues(first: 1) { totalCount } }";
