//! The past: lists as they were some events ago.

use mortise_engine::model::Seq;
use mortise_engine::query::IssueList;

use super::lists::List;
use super::pages::any;
use super::subject::Subject;
use crate::report::Figures;
use crate::sheet::grouped;
use crate::timing::{Closely, Outcome, measure};
use crate::words::Chance;
use crate::work::Work;

/// So many events ago.
const AGO: [u64; 2] = [1_000, 100_000];

/// Lists of both distances: at another moment every time, so that nothing of it is at hand, and at one and the same.
pub(super) async fn past(of: &Subject) -> anyhow::Result<Vec<Figures>> {
    let now = of.asker.reader().await?.seq().0;
    let mut figures = Vec::new();
    for ago in AGO {
        for (spread, when) in [(ago / 2, "at a moment nobody looked at"), (1, "at one moment again")] {
            let outcome = match now.checked_sub(ago + spread) {
                Some(from) => page_at(of, from, spread).await?,
                None => Outcome::LeftOut(format!("the log has {} events", grouped(now))),
            };
            let what = format!("a list {} events ago, {when}", grouped(ago));
            figures.push(Figures { work: Work::Past, what, outcome });
        }
    }
    Ok(figures)
}

/// Lists at any of so many places of the log.
async fn page_at(of: &Subject, from: u64, places: u64) -> anyhow::Result<Outcome> {
    let next = |chance: &mut Chance| {
        let at = from + chance.below(usize::try_from(places)?) as u64;
        Ok((Seq(at), any(of, chance)?))
    };
    let ask = async |(at, list): &(Seq, List)| of.asker.page_at(*at, &list.filter, &list.sort).await;
    let check = |(_, list): &(Seq, List), page: &IssueList, Closely(closely)| {
        let right = page.issues.iter().all(|issue| (list.holds)(issue));
        anyhow::ensure!(!closely || right, "a list of the past has an issue that did not pass then");
        Ok(page.total)
    };
    measure(of.effort, next, ask, check).await
}
