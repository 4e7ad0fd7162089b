//! Opening, writing, crashing, and what is found in between.

use super::*;
use std::fs;
use tantivy::TantivyDocument;

#[track_caller]
fn reopened(world: &World, language: Language) -> TextIndex {
    match TextIndex::open(&world.path(), language).unwrap() {
        Opened::Ready(index) => index,
        Opened::MustRebuild(why) => panic!("{why}: {why:?}"),
    }
}

#[track_caller]
fn why_rebuild(world: &World, language: Language) -> WhyRebuild {
    match TextIndex::open(&world.path(), language).unwrap() {
        Opened::Ready(index) => panic!("{index:?} is whole"),
        Opened::MustRebuild(why) => why,
    }
}

fn files(world: &World, ending: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(world.path()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

#[test]
fn an_index_reopens_as_of_its_last_commit() {
    let mut world = World::of(&["one", "two"]);
    {
        let mut writer = TextWriter::open(&world.index).unwrap();
        writer.put(&document(3, "one more")).unwrap();
    }
    world.index = reopened(&world, Language::English);
    assert_eq!(world.index.place(), place(1));
    assert_eq!(world.find("one"), "T-1");
}

#[test]
fn an_index_that_does_not_say_of_which_log_it_is_must_be_made_anew() {
    let world = World::of(&["one"]);
    let mut writer =
        world.index.tantivy().0.writer_with_num_threads::<TantivyDocument>(1, 15_000_000).unwrap();
    // So did earlier versions.
    let mut commit = writer.prepare_commit().unwrap();
    commit.set_payload("1");
    commit.commit().unwrap();
    assert!(matches!(why_rebuild(&world, Language::English), WhyRebuild::Outdated));
}

#[test]
fn a_crash_while_writing_leaves_the_last_commit() {
    let mut world = World::of(&["alpha"]);
    let mut writer = TextWriter::open(&world.index).unwrap();
    let changed = Document { title: "omega".to_owned(), ..world.documents[0].clone() };
    writer.put(&changed).unwrap();
    writer.put(&document(2, "alpha")).unwrap();
    // What a crash leaves: the files as they are, with no one left to finish them.
    let left = world.folder.path().join("left");
    fs::create_dir(&left).unwrap();
    for file in files(&world, "") {
        match fs::copy(&file, left.join(file.file_name().unwrap())) {
            // The writer was about to remove it: no commit speaks of it.
            Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => {}
            copied => drop(copied.unwrap()),
        }
    }
    drop(writer);
    fs::rename(world.path(), world.folder.path().join("gone")).unwrap();
    fs::rename(left, world.path()).unwrap();
    world.index = reopened(&world, Language::English);
    assert_eq!(world.index.through(), Seq(1));
    assert_eq!(world.find("alpha"), "T-1");
    world.write(vec![changed]);
    assert_eq!((world.find("alpha"), world.find("omega")), (String::new(), "T-1".to_owned()));
}

#[test]
fn an_index_without_a_commit_is_at_the_beginning_of_the_log() {
    let world = World::new(Language::German);
    assert_eq!(reopened(&world, Language::German).through(), Seq(0));
    assert_eq!(world.find("-anything"), "");
}

#[test]
fn an_update_replaces_an_issue_and_a_removal_removes_it() {
    let mut world = World::of(&["alpha", "beta", "gamma"]);
    let mut changed = world.documents[0].clone();
    changed.title = "omega".to_owned();
    world.write(vec![changed]);
    assert_eq!(world.find("alpha"), "");
    assert_eq!(world.find("omega"), "T-1");
    let removed = world.documents.remove(0);
    world.index.apply([], &[removed.id], place(9)).unwrap();
    assert_eq!(removed.keys, ["T-2"]);
    assert_eq!(world.find("beta"), "");
    assert_eq!(world.run(&world.prepare("-nothing"), Want::All { scored: 0 }).total, 2);
    assert_eq!(world.index.through(), Seq(9));
}

#[test]
fn the_same_issue_twice_in_a_batch_is_there_once_as_it_was_last() {
    let mut world = World::new(Language::English);
    let first = document(1, "alpha");
    let mut second = first.clone();
    second.title = "beta".to_owned();
    world.index.apply([first, second.clone()], &[], place(2)).unwrap();
    world.know(second);
    assert_eq!(world.find("alpha"), "");
    assert_eq!(world.find("beta"), "T-1");
}

#[test]
fn a_search_sees_one_commit_from_beginning_to_end() {
    let mut world = World::of(&["alpha"]);
    let before = world.prepare("alpha");
    world.write(vec![document(2, "alpha")]);
    assert_eq!(before.through(), Seq(1));
    assert_eq!(world.run(&before, Want::All { scored: 0 }).total, 1);
    assert_eq!(world.find("alpha").len(), "T-1 T-2".len());
}

#[test]
fn the_place_in_the_log_never_goes_back() {
    let world = World::of(&["alpha"]);
    world.index.apply([], &[], place(7)).unwrap();
    assert!(world.index.apply([], &[], place(6)).is_err());
    assert_eq!(world.index.through(), Seq(7));
}

#[test]
fn of_one_index_there_is_one_writer_at_a_time() {
    let world = World::of(&["alpha"]);
    let writer = TextWriter::open(&world.index).unwrap();
    let error = TextWriter::open(&world.index).err().unwrap();
    assert_eq!(error.code(), crate::error::ErrorCode::Unavailable);
    assert!(!world.index.needs_rebuild());
    writer.close().unwrap();
    TextWriter::open(&world.index).unwrap();
}

#[test]
fn a_missing_index_must_be_made() {
    let world = World::of(&["alpha"]);
    fs::remove_dir_all(world.path()).unwrap();
    assert!(matches!(why_rebuild(&world, Language::English), WhyRebuild::Missing));
}

#[test]
fn an_index_of_another_language_must_be_made_anew() {
    let world = World::of(&["alpha"]);
    assert!(matches!(why_rebuild(&world, Language::German), WhyRebuild::Outdated));
}

#[test]
fn a_damaged_index_says_so_and_can_be_made_anew() {
    for damage in ["{", "", "\u{0}"] {
        let world = World::of(&["alpha"]);
        fs::write(world.path().join("meta.json"), damage).unwrap();
        assert!(matches!(why_rebuild(&world, Language::English), WhyRebuild::Damaged(_)), "{damage:?}");
    }
    for ending in [".term", ".idx", ".pos", ".fast", ".fieldnorm", ".store"] {
        let mut world = World::of(&["alpha"]);
        for file in files(&world, ending) {
            fs::remove_file(file).unwrap();
        }
        let why = TextIndex::open(&world.path(), Language::English).unwrap();
        // Positions are the one file that an index may lack.
        if ending != ".pos" {
            assert!(matches!(why, Opened::MustRebuild(WhyRebuild::Damaged(_))), "{ending}: {why:?}");
        }
        world.index = TextIndex::create(&world.path(), Language::English).unwrap();
        assert_eq!(world.index.through(), Seq(0));
        world.through = 0;
        let documents = world.documents.clone();
        world.write(documents);
        assert_eq!(world.find("alpha"), "T-1");
    }
}

#[test]
fn a_cut_file_says_so() {
    for ending in [".term", ".idx", ".fast", ".fieldnorm"] {
        let world = World::of(&["alpha beta gamma"]);
        for file in files(&world, ending) {
            let bytes = fs::read(&file).unwrap();
            fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        }
        assert!(matches!(why_rebuild(&world, Language::English), WhyRebuild::Damaged(_)), "{ending}");
    }
}

#[test]
fn a_changed_byte_ends_no_caller_and_is_found_by_verifying() {
    for ending in [".term", ".idx", ".pos", ".fast", ".fieldnorm"] {
        let text = "alpha beta gamma | ".to_owned() + &"delta epsilon ".repeat(50);
        let world = World::of(&[&text, "alpha epsilon"]);
        assert!(world.index.verify().unwrap());
        for file in files(&world, ending) {
            let mut bytes = fs::read(&file).unwrap();
            let end = bytes.len() / 2;
            bytes[..end].iter_mut().for_each(|byte| *byte ^= 0x5A);
            fs::write(&file, bytes).unwrap();
        }
        if let Ok(Opened::Ready(index)) = TextIndex::open(&world.path(), Language::English) {
            let query =
                SearchQuery::parse("alpha \"delta epsilon\" gam*", Typing::Done, &Limits::default()).unwrap();
            let ordinal_of = |issue| world.ordinals.get(&issue).copied();
            let within = Within { allowed: &world.allowed, ordinal_of: &ordinal_of, life: 1 };
            let searched = index
                .prepare(&query)
                .and_then(|search| search.run(&within, NOW, Want::Top { count: 9, after: None }));
            if let Err(error) = searched {
                assert_eq!(error.code(), crate::error::ErrorCode::Unavailable);
            }
            assert!(!index.verify().unwrap(), "{ending}");
            assert!(index.needs_rebuild());
        }
    }
}

#[test]
fn an_error_names_no_file() {
    let world = World::of(&["alpha"]);
    let writer = TextWriter::open(&world.index).unwrap();
    let error = TextWriter::open(&world.index).err().unwrap();
    assert!(!error.to_string().contains('/') && !error.to_string().contains("lock"), "{error}");
    writer.close().unwrap();
}

#[test]
fn only_what_is_allowed_and_known_is_found_and_counted() {
    let mut world = World::of(&["alpha", "alpha", "alpha", "alpha"]);
    let search = world.prepare("alpha");
    world.allowed.remove(1);
    let hits = world.run(&search, Want::Top { count: 1, after: None });
    assert_eq!((hits.total, hits.best.len()), (3, 1));
    assert_eq!(world.run(&search, Want::All { scored: 0 }).all.iter().collect::<Vec<_>>(), [0, 2, 3]);
}

#[test]
fn an_issue_that_the_view_learns_of_late_is_found_then() {
    let mut world = World::of(&["alpha", "alpha"]);
    let late = world.documents[1].id;
    let ordinal = world.ordinals.remove(&late).unwrap();
    assert_eq!(world.run(&world.prepare("alpha"), Want::All { scored: 0 }).total, 1);
    world.ordinals.insert(late, ordinal);
    assert_eq!(world.run(&world.prepare("alpha"), Want::All { scored: 0 }).total, 2);
}

#[test]
fn what_a_view_calls_an_issue_is_asked_once_in_its_life() {
    let world = World::of(&["alpha", "alpha", "beta"]);
    let search = world.prepare("alpha");
    let run = |life, ordinal: u32| {
        let ordinal_of = |issue| world.ordinals.get(&issue).map(|known| known + ordinal);
        let allowed: RoaringBitmap = (0..100).collect();
        let within = Within { allowed: &allowed, ordinal_of: &ordinal_of, life };
        search.run(&within, NOW, Want::All { scored: 0 }).unwrap().all.iter().collect::<Vec<_>>()
    };
    assert_eq!(run(1, 0), [0, 1]);
    assert_eq!(run(1, 50), [0, 1]);
    assert_eq!(run(2, 50), [50, 51]);
}

#[test]
fn an_issue_with_several_parts_is_one_hit() {
    let long = "filler ".repeat(super::super::bounds::PART_BYTES_MAX / 6);
    let mut world = World::new(Language::English);
    let mut large = document(1, "Enormous log");
    large.description = format!("alpha {long} beta");
    large.comments = vec![format!("gamma {long}"), "delta epsilon".to_owned()];
    world.write(vec![large, document(2, "alpha beta")]);
    assert!(world.index.documents() > 4);
    assert_eq!(world.find("delta enormous"), "T-1");
    assert_eq!(world.find("alpha beta").len(), "T-1 T-2".len());
    assert_eq!(world.find("alpha -epsilon"), "T-2");
    assert_eq!(world.find("\"delta epsilon\" gamma"), "T-1");
    assert_eq!(world.find("-filler"), "T-2");
    let removed = world.documents.remove(0);
    world.index.apply([], &[removed.id], place(5)).unwrap();
    assert_eq!(world.find("alpha"), "T-2");
}

#[test]
fn many_small_commits_leave_few_segments() {
    let mut world = World::new(Language::English);
    for number in 1..=30 {
        world.write(vec![document(number, "alpha")]);
    }
    assert!(files(&world, ".term").len() <= 6, "{:?}", files(&world, ".term"));
    assert_eq!(world.run(&world.prepare("alpha"), Want::All { scored: 0 }).total, 30);
}
