//! What is read of GitHub's payloads: a few of their many fields.

use serde::Deserialize;

/// A repository.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Repository {
    /// Such as `acme/web`.
    pub(crate) full_name: String,
    pub(crate) html_url: String,
    pub(crate) default_branch: String,
}

/// The event `push`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Push {
    /// Such as `refs/heads/main`.
    #[serde(rename = "ref")]
    pub(crate) reference: String,
    pub(crate) deleted: bool,
    pub(crate) compare: String,
    pub(crate) commits: Vec<Commit>,
    pub(crate) repository: Repository,
}

/// One commit of a push.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Commit {
    pub(crate) id: String,
    pub(crate) message: String,
    pub(crate) url: String,
    /// Whether it came with this push, or had come with another.
    pub(crate) distinct: bool,
    pub(crate) author: Person,
}

/// Who wrote a commit.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Person {
    pub(crate) name: Option<String>,
}

/// The event `pull_request`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PullRequestEvent {
    /// Such as `opened`.
    pub(crate) action: String,
    pub(crate) pull_request: PullRequest,
    pub(crate) repository: Repository,
}

/// A pull request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PullRequest {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) html_url: String,
    pub(crate) draft: bool,
    pub(crate) merged: Option<bool>,
    pub(crate) head: Branch,
    pub(crate) user: Option<Login>,
}

/// A branch of a pull request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Branch {
    #[serde(rename = "ref")]
    pub(crate) reference: String,
}

/// Somebody at GitHub.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Login {
    pub(crate) login: String,
}
