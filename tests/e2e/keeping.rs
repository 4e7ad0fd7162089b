//! Where companies are kept, from the command line: one is moved and works as before, one is erased and is gone.

use serde_json::{Value, json};

use crate::world::{ACME, OTHER, World};

fn placement(world: &World, slug: &str) -> Option<Value> {
    let listed = world.run(&["tenant", "list", "--json"]).succeeded();
    let all: Value = serde_json::from_str(&listed.stdout).unwrap();
    let one = all.as_array().unwrap().iter().find(|tenant| tenant["slug"] == slug).cloned();
    one.map(|tenant| tenant["placement"].clone())
}

fn a_company_that_was_moved_works_as_before(store: &'static str) {
    let mut world = World::on(store);
    let ana = world.client("ana");
    ana.issue("Before");
    world.stop();
    assert_eq!(placement(&world, ACME.slug), Some("dedicated".into()), "its tier is Platinum");
    for (to, expected) in [
        ("shared", "shard 0"),
        ("dedicated", "dedicated"),
        ("shard:7", "shard 7"),
        ("semi-dedicated", "shard 100"),
        ("tier", "dedicated"),
        ("shared", "shard 0"),
    ] {
        world.run(&["tenant", "move", ACME.slug, "--to", to]).succeeded();
        assert_eq!(placement(&world, ACME.slug), Some(expected.into()), "{to}");
    }
    world.run(&["tenant", "move", ACME.slug, "--to", "dedicated"]).succeeded();
    let again = world.run(&["tenant", "move", ACME.slug, "--to", "dedicated"]).succeeded();
    assert!(again.stdout.contains("lives there already"), "{}", again.stdout);
    world.run(&["tenant", "move", "nowhere", "--to", "tier"]).refused_with(&["nowhere"]);
    world.run(&["tenant", "move", ACME.slug, "--to", "the moon"]).refused_with(&["shard:NUMBER"]);

    world.start();
    let ana = world.client("ana");
    assert_eq!(ana.issue("After")["identifier"], "ENG-2");
    let total = ana.ask("{ issues { totalCount } }", json!({}));
    assert_eq!(total.data()["issues"]["totalCount"], 2);
}

#[test]
fn a_company_that_was_moved_works_as_before_on_sled() {
    a_company_that_was_moved_works_as_before("sled");
}

#[test]
fn a_company_that_was_moved_works_as_before_on_fjall() {
    a_company_that_was_moved_works_as_before("fjall");
}

#[test]
fn a_company_is_erased_only_when_its_name_is_said_twice_and_then_it_is_gone() {
    let mut world = World::new();
    world.client("zoe").issue(OTHER.canary);
    world.stop();
    let erase = |confirm| ["tenant", "erase", OTHER.slug, "--confirm", confirm];
    world.run(&erase("acme")).refused_with(&["--confirm", "nothing was changed"]);
    let erased = world.run(&[&erase(OTHER.slug)[..], &["--json"]].concat()).succeeded();
    let erased: Value = serde_json::from_str(&erased.stdout).unwrap();
    let erased = &erased[0];
    assert_eq!((&erased["tenant"], &erased["resumed"]), (&json!(OTHER.slug), &json!(false)));
    let removed = erased["removed"].as_array().unwrap();
    assert!(removed.contains(&json!("key")) && removed.contains(&json!("rows")), "{removed:?}");
    world.run(&erase(OTHER.slug)).refused_with(&["there is no tenant"]);
    assert_eq!(placement(&world, OTHER.slug), None);
    assert_eq!(placement(&world, ACME.slug), Some("dedicated".into()));
    world.start();
    world.client("ana").issue("Goes on");
}
