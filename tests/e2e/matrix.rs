//! Every place of the schema where an id may stand × whose it is × who asks.
//!
//! The list of places is the live schema itself: an argument that is added is in the matrix, and one whose name does not say
//! what it names fails it. Nobody learns whether an id that is not theirs is somebody else's or nobody's: status and answer
//! are the same to the byte. Every answer is searched for words of the other company, by the client itself.

mod kind;
pub(crate) mod place;
pub(crate) mod schema;

use std::collections::BTreeSet;

use place::Place;
use schema::Schema;

use crate::isolation::{Things, nobodys, without};
use crate::world::{ACME, Client, OTHER, World};

/// People of one company, one of each role.
const ROLES: [&str; 3] = ["ana", "adam", "uwe"];

/// Ids of no kind at all.
pub(crate) const MALFORMED: [&str; 4] =
    ["", "iss_", "'; drop table issues; --", "iss_\u{1F4A5}0000000000000000000000000"];

/// Places whose answer is the same for an id of our own: the id that a new thing is to have says nothing of it.
fn chooses(place: &Place<'_>) -> bool {
    place.slot().ends_with("CreateInput.id")
}

/// Places that say nothing of our own things here: nobody in this world has a second factor, no approval was asked for, no
/// plugin has run, and none is installed without its code or told what to rehearse.
const SILENT: &[&str] = &[
    "secondFactor(memberId)",
    "ApprovalWithdrawInput.stateId",
    "PluginInstallInput.teamIds",
    "PluginRunFilter.issueId",
    "pluginRehearse(id)",
    "pluginRun(id)",
    "TargetStateFilter.id.in",
    "TargetStateFilter.id.neq",
    "TargetStateFilter.id.nin",
];

/// One asker's walk through all places.
struct Walk<'a> {
    schema: &'a Schema,
    client: Client,
    ours: &'a Things,
    theirs: &'a Things,
    visited: usize,
    asks_nonsense: bool,
    /// Slots where an id of our own made a difference.
    told: BTreeSet<String>,
}

impl Walk<'_> {
    fn ask(&self, place: &Place<'_>, root: &str, id: &str) -> (u16, String) {
        let (document, variables) =
            place.request(self.schema, root, id, &|kind| self.ours.id(kind).to_owned());
        without(id, &self.client.ask(&document, variables))
    }

    fn visit(&mut self, place: &Place<'_>, root: &str) {
        let kind = place.kind();
        let (own, foreign) = (self.ours.id(kind), self.theirs.id(kind));
        let theirs = self.ask(place, root, foreign);
        assert_eq!(theirs, self.ask(place, root, &nobodys(foreign)), "{root} {place}: another's or nobody's");
        let ours = self.ask(place, root, own);
        // What is no id at all is told from ids before it matters who asks.
        if self.asks_nonsense {
            let malformed = MALFORMED[self.visited % MALFORMED.len()];
            let (status, text) = self.ask(place, root, malformed);
            assert!(status < 500, "{root} {place} with {malformed:?}: {status} {text}");
        }
        self.visited += 1;
        for (status, text) in [&theirs, &ours] {
            assert!(*status < 500 && !text.contains("INTERNAL"), "{root} {place}: {status} {text}");
        }
        if ours != theirs || chooses(place) {
            self.told.insert(place.slot());
        }
    }
}

/// The places of a root.
pub(crate) fn places<'a>(schema: &'a Schema, root: &str) -> Vec<Place<'a>> {
    schema.get(root).fields.iter().flat_map(|field| Place::all(schema, None, field)).collect()
}

/// The places of objects that a root field gives by their id.
fn inner_places(schema: &Schema) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    for (name, object) in schema.objects() {
        for field in &object.fields {
            let gives = |root: &&schema::Field| {
                let required: Vec<_> = root.arguments.iter().filter(|argument| argument.required).collect();
                root.gives.of == name && matches!(required.as_slice(), [only] if only.name == "id")
            };
            let outer = schema.get("Query").fields.iter().find(gives);
            let inner = Place::all(schema, outer, field);
            assert!(
                inner.is_empty() || outer.is_some(),
                "nothing leads to {name}.{}, which takes an id",
                field.name
            );
            places.extend(inner);
        }
    }
    places
}

#[test]
fn wherever_an_id_may_stand_another_companys_is_nobodys() {
    let mut world = World::new();
    world.visit(&[ACME, OTHER], "to be seen");
    let (ana, zoe) = (world.client("ana"), world.client("zoe"));
    let things = |client, word| Things::made_by(client, word).with_ways_in(client, word);
    let (ours, theirs) = (things(&ana, ACME.canary), things(&zoe, OTHER.canary));
    let heads = (ana.log_head(), zoe.log_head());
    let schema = Schema::of(&ana);
    let roots = [
        ("mutation", places(&schema, "Mutation")),
        ("query", inner_places(&schema)),
        ("query", places(&schema, "Query")),
    ];
    let told = std::thread::scope(|scope| {
        let walks = ROLES.map(|person| {
            let mut walk = Walk {
                schema: &schema,
                client: world.client(person),
                ours: &ours,
                theirs: &theirs,
                visited: 0,
                asks_nonsense: person == ROLES[0],
                told: BTreeSet::new(),
            };
            let roots = &roots;
            scope.spawn(move || {
                for (root, places) in roots {
                    // One function reads filters wherever they are taken. The list of issues is asked by all roles, and by one
                    // of them in every way; the others by that one in one way.
                    let here = |place: &&Place<'_>| {
                        let (is_first, compared_otherwise) =
                            (person == ROLES[0], place.is_compared_otherwise());
                        let in_every_way = is_first && place.is_of_issues();
                        let in_one_way = !compared_otherwise && (is_first || place.is_of_issues());
                        !place.is_in_filter() || in_every_way || in_one_way
                    };
                    places.iter().filter(here).for_each(|place| walk.visit(place, root));
                }
                walk.told
            })
        });
        walks.into_iter().flat_map(|walk| walk.join().unwrap()).collect::<BTreeSet<_>>()
    });
    // An id that makes no difference whoever asks was not asked about: the request was refused for something else.
    let slots: BTreeSet<String> =
        roots.iter().flat_map(|(_, places)| places.iter().map(Place::slot)).collect();
    let untold: Vec<_> = slots.difference(&told).filter(|slot| !SILENT.contains(&slot.as_str())).collect();
    assert!(slots.len() > 50, "{slots:?}");
    assert!(untold.is_empty(), "an id of our own makes no difference in {untold:?}");
    assert_eq!((ana.log_head(), zoe.log_head()), heads, "nothing was written");
}
