//! The archive of a real project, if it is at hand.

use std::path::PathBuf;

use super::super::archive::Archive;
use super::super::item::Note;
use super::*;

#[path = "../../../tests/world/data.rs"]
mod data;

pub(in crate::import) fn real_archive() -> Option<PathBuf> {
    data::archive("tls13-spec.json")
}

#[test]
fn a_real_archive_is_surveyed_completely() {
    let Some(path) = real_archive() else { return };
    let survey = Archive::open(&path).unwrap().survey(&|_| true).unwrap();
    let carried = survey.report.carried;
    assert_eq!((survey.repo.as_str(), survey.problem_count), ("tlswg/tls13-spec", 0));
    assert_eq!((carried.issues, carried.pull_requests, carried.labels), (446, 998, 21));
    assert_eq!((carried.comments, carried.reviews, carried.review_comments), (2_363, 979, 1_306));
    assert_eq!((survey.number_min, survey.number_max, survey.gap_count), (1, 1_454, 10));
    assert_eq!(survey.gaps, [1258, 1259, 1260, 1261, 1262, 1263, 1264, 1265, 1266, 1362]);
    assert_eq!(survey.people.len(), 171);
    assert_eq!(survey.bytes, std::fs::metadata(&path).unwrap().len());
    assert_eq!(survey.report.not_carried["pulls[].headRefOid"].count, 998);
    assert_eq!(survey.report.not_carried["pulls[].mergeCommit.oid"].count, 594);
    assert!(
        survey.report.not_carried.values().all(|left| !left.reason.contains("know")),
        "{}",
        survey.report.to_table()
    );
}

#[test]
fn a_real_archive_converts_the_same_twice_with_unique_keys() {
    let Some(path) = real_archive() else { return };
    let json = std::fs::read_to_string(path).unwrap();
    let issues = imported(&json);
    assert_eq!(issues, imported(&json));
    let mut authors: Vec<_> = issues
        .iter()
        .filter(|issue| issue.kind == Kind::Issue)
        .filter_map(|issue| issue.author.clone())
        .collect();
    authors.sort();
    authors.dedup();
    assert_eq!(authors.len(), 66);
    let mut keys: Vec<_> =
        issues.iter().flat_map(|issue| issue.comments.iter().map(|comment| &comment.key)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 2_363 + 979 + 1_306);
    for issue in &issues {
        for (at, comment) in issue.comments.iter().enumerate() {
            let root = comment.reply_to.map(|root| (root < at, issue.comments[root].reply_to));
            assert!(matches!(root, None | Some((true, None))), "{}", comment.key);
        }
    }
}

#[test]
fn every_archive_at_hand_is_carried_whole_and_what_is_not_is_known() {
    let Ok(folder) = std::fs::read_dir(data::archives()) else { return };
    for path in folder.map(|entry| entry.unwrap().path()) {
        let survey = Archive::open(&path)
            .unwrap()
            .survey(&|_| true)
            .unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let whole: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let list = |of: &serde_json::Value, key: &str| of[key].as_array().cloned().unwrap_or_default();
        let (issues, pulls) = (list(&whole, "issues"), list(&whole, "pulls"));
        let threads = || issues.iter().chain(&pulls);
        let reviews: Vec<_> = pulls.iter().flat_map(|pull| list(pull, "reviews")).collect();
        let empty = survey.report.notes.get(&Note::ReviewEmpty).map_or(0, |noted| noted.count);
        let carried = survey.report.carried;
        assert_eq!(
            (carried.issues, carried.pull_requests),
            (issues.len() as u64, pulls.len() as u64),
            "{path:?}"
        );
        assert_eq!(
            carried.comments as usize,
            threads().map(|thread| list(thread, "comments").len()).sum::<usize>()
        );
        assert_eq!((carried.reviews + empty) as usize, reviews.len(), "{path:?}");
        let remarks = reviews.iter().map(|review| list(review, "comments").len()).sum::<usize>();
        assert_eq!(carried.review_comments as usize, remarks, "{path:?}");
        assert!(survey.people.iter().all(|login| !login.is_empty()));
        let unknown = survey.report.not_carried.iter().find(|(_, left)| left.reason.contains("we know"));
        assert!(unknown.is_none(), "{path:?}: {unknown:?}");
        eprintln!("{}\n{}", survey.repo, survey.report.to_table());
    }
}

#[test]
fn a_real_archive_cut_at_any_offset_is_refused_with_a_position() {
    let Some(path) = real_archive() else { return };
    let json = std::fs::read(path).unwrap();
    // A fixed sequence that strays over the file: a failure repeats.
    let mut stray = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..12 {
        stray = stray.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let cut = usize::try_from(stray >> 33).unwrap() % json.len();
        let error = refused(&json[..cut]);
        assert!(error.position.byte <= cut as u64 && error.position.line > 0, "cut at {cut}: {error}");
    }
}
