//! The part of the host functions that reads: for hooks alone, and below what automations stage.

mod list;
mod people;

use crate::convert::{Bounds, Sight, for_guest};
use crate::host::wit::{self, Error, FieldError};
use mortise_engine::command::issue::IssueRef;
use mortise_engine::model::{Installation, Issue};
use std::sync::Arc;

/// What an installation reads of its company.
#[derive(Clone)]
pub(crate) struct Reading {
    installation: Arc<Installation>,
    sight: Sight,
    /// How much of a description is handed out.
    bounds: Bounds,
}

impl Reading {
    /// What this installation reads with this sight.
    #[must_use]
    pub(crate) const fn new(installation: Arc<Installation>, sight: Sight, bounds: Bounds) -> Self {
        Self { installation, sight, bounds }
    }

    /// Whose it is.
    #[must_use]
    pub(crate) const fn installation(&self) -> &Arc<Installation> {
        &self.installation
    }

    /// What may be told.
    #[must_use]
    pub(crate) const fn sight(&self) -> &Sight {
        &self.sight
    }

    /// Refuses what was not granted; `name` is how a manifest asks for it.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`], naming the permission.
    pub(crate) fn expect(&self, granted: bool, name: &str) -> Result<(), Error> {
        if granted { Ok(()) } else { Err(Error::Denied(format!("the permission `{name}` is not granted"))) }
    }

    fn expect_read(&self) -> Result<(), Error> {
        self.expect(self.installation.granted.issues_read, "issues-read")
    }

    /// A row by id or by key, as it may be told.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for what is not there or may not be told of.
    pub(crate) async fn row(&self, named: &str) -> Result<Arc<Issue>, Error> {
        let named: IssueRef = named.parse().map_err(|_| Error::NotFound)?;
        let found = self.sight.app().issue(&named).await.map_err(|error| for_guest(&error))?;
        let found = found.filter(|row| self.sight.sees(row.id));
        found.and_then(|row| self.sight.row(&row)).ok_or(Error::NotFound)
    }

    /// `issues.get`.
    ///
    /// # Errors
    ///
    /// As the contract says.
    pub(crate) async fn issue(&self, named: &str) -> Result<wit::Issue, Error> {
        self.expect_read()?;
        let row = self.row(named).await?;
        self.told(&row, self.bounds).await?.ok_or(Error::NotFound)
    }

    /// `issues.get-many`.
    ///
    /// # Errors
    ///
    /// As the contract says.
    pub(crate) async fn issues(&self, named: &[String]) -> Result<Vec<Option<wit::Issue>>, Error> {
        self.expect_read()?;
        let mut told = Vec::with_capacity(named.len());
        for named in named {
            told.push(match self.row(named).await {
                Ok(row) => self.told(&row, self.bounds.and(Bounds::LISTED)).await?,
                Err(Error::NotFound) => None,
                Err(error) => return Err(error),
            });
        }
        Ok(told)
    }

    /// `issues.comments`.
    ///
    /// # Errors
    ///
    /// As the contract says.
    pub(crate) async fn comments(
        &self,
        named: &str,
        limit: u32,
        after: Option<&str>,
    ) -> Result<wit::issues::CommentPage, Error> {
        self.expect_read()?;
        let row = self.row(named).await?;
        let after = after.map(str::parse).transpose().map_err(|_| not_of_this_list())?;
        let limit = usize::try_from(limit.clamp(1, 100)).unwrap_or(1);
        let found = self.sight.app().comments(&row, after, limit).await;
        let (comments, more) = found.map_err(|error| for_guest(&error))?;
        let next = comments.last().filter(|_| more).map(|last| last.id.to_string());
        let bounds = self.bounds.and(Bounds::LISTED);
        let items = comments.iter().map(|comment| self.sight.comment(comment, bounds)).collect();
        Ok(wit::issues::CommentPage { items, next })
    }

    async fn told(&self, row: &Arc<Issue>, bounds: Bounds) -> Result<Option<wit::Issue>, Error> {
        self.sight.issue(row, bounds).await.map_err(|error| for_guest(&error))
    }
}

fn not_of_this_list() -> Error {
    invalid("after", "this is no place in this list")
}

fn invalid(key: &str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError { key: key.to_owned(), message: message.into() }])
}
