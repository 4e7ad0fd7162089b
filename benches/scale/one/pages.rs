//! Pages of a list: the first, one far behind it, the last; and how many there are in all.

use anyhow::Context as _;
use mortise_engine::query::{IssueList, Window};

use super::lists::{KINDS, Kind, List};
use super::subject::Subject;
use crate::ask::PAGE;
use crate::report::Listed;
use crate::timing::{Closely, Outcome, measure};
use crate::words::Chance;

/// Issues that lie before a page far behind; half of a list that is shorter than twice as long.
const FAR: u64 = 10_000;

/// Issues of a page while one walks there: the most that the engine gives.
const STRIDE: usize = 250;

/// All pages of a kind of list.
pub(super) async fn pages(of: &Subject, kind: &Kind) -> anyhow::Result<Listed> {
    let first = page(of, kind, Window::First(PAGE, None)).await?;
    let last = page(of, kind, Window::Last(PAGE, None)).await?;
    Ok(Listed { what: kind.name.to_owned(), first, far: far(of, kind).await?, last })
}

/// One page of lists of a kind, each with other values.
pub(super) async fn page(of: &Subject, kind: &Kind, window: Window) -> anyhow::Result<Outcome> {
    let ask = async |list: &List| of.asker.page(&list.filter, &list.sort, &window).await.map(Some);
    let next = |chance: &mut Chance| make(of, kind, chance);
    measure(of.effort, next, ask, |list, page, closely| check(kind, list, page, closely)).await
}

/// A page that lies far behind the first of one list, by the cursor that whoever reads on has.
async fn far(of: &Subject, kind: &Kind) -> anyhow::Result<Outcome> {
    let list = make(of, kind, &mut Chance::of(0))?;
    let Some(cursor) = walk(of, &list).await? else {
        return Ok(Outcome::LeftOut("the list has one page".to_owned()));
    };
    let window = Window::First(PAGE, Some(cursor));
    let ask = async |(): &()| of.asker.page(&list.filter, &list.sort, &window).await.map(Some);
    measure(of.effort, |_| Ok(()), ask, |(), page, closely| check(kind, &list, page, closely)).await
}

/// The cursor behind as many issues as lie before a page far behind.
async fn walk(of: &Subject, list: &List) -> anyhow::Result<Option<String>> {
    let (mut cursor, mut passed) = (None, 0);
    loop {
        let window = Window::First(STRIDE, cursor.clone());
        let page = of.asker.page(&list.filter, &list.sort, &window).await?;
        let wanted = FAR.min(page.total / 2).saturating_sub(passed);
        let here = usize::try_from(wanted)?.min(page.issues.len());
        let Some(at) = here.checked_sub(1) else { return Ok(cursor) };
        cursor = Some(page.cursors.of(at).context("a page has a cursor for each issue")?);
        passed += here as u64;
        if here < STRIDE {
            return Ok(cursor);
        }
    }
}

/// How many there are, of any of the ten lists.
pub(super) async fn counts(of: &Subject) -> anyhow::Result<Outcome> {
    let ask = async |list: &List| of.asker.count(&list.filter).await.map(Some);
    measure(of.effort, |chance: &mut Chance| any(of, chance), ask, |_, count, _| Ok(*count)).await
}

/// A list of any of the ten kinds.
pub(super) fn any(of: &Subject, chance: &mut Chance) -> anyhow::Result<List> {
    make(of, chance.pick(&KINDS).context("there are ten kinds of lists")?, chance)
}

/// A list of this kind.
pub(super) fn make(of: &Subject, kind: &Kind, chance: &mut Chance) -> anyhow::Result<List> {
    let made = (kind.make)(of, chance);
    made.with_context(|| format!("the company has not what `{}` needs", kind.name))
}

/// How many are found; looking closely, that every issue of the page passes and is there once.
fn check(kind: &Kind, list: &List, page: &IssueList, Closely(closely): Closely) -> anyhow::Result<u64> {
    for (index, issue) in page.issues.iter().enumerate().filter(|_| closely) {
        anyhow::ensure!((list.holds)(issue), "`{}` gives an issue that does not pass: {issue:?}", kind.name);
        let again = page.issues.iter().skip(index + 1).any(|other| other.id == issue.id);
        anyhow::ensure!(!again, "`{}` gives an issue twice: {issue:?}", kind.name);
    }
    anyhow::ensure!(page.issues.len() as u64 <= page.total, "`{}` gives more than it counts", kind.name);
    Ok(page.total)
}
