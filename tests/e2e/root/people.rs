//! The commands of `member` at a running server: the same people as in its folder, and nobody let in.

use serde_json::{Value, json};

use super::{Root, at, at_with_key, world_with_keys};
use crate::mail::{letters, token};
use crate::world::{ACME, Client, OTHER, PASSWORD, Run, World, email, until};

const WHY: [&str; 2] = ["--reason", "ticket 4711: they asked for it"];

/// Every command that changes somebody, without its reason.
fn changes(member: &str) -> Vec<Vec<&str>> {
    let on = ["--tenant", "acme", "--member", member];
    let within = ["--tenant", "acme"];
    vec![
        [&["member", "invite", "--email", "ida@example.com"][..], &within].concat(),
        [&["member", "role", "--role", "admin"][..], &on].concat(),
        [&["member", "suspend"][..], &on].concat(),
        [&["member", "reactivate"][..], &on].concat(),
        [&["member", "remove"][..], &on].concat(),
        [&["member", "add-service", "--name", "Deployer"][..], &within].concat(),
        [&["member", "reset-second-factor", "--email", member][..], &within].concat(),
    ]
}

fn people(client: &Client) -> Value {
    client
        .ask("{ members(first: 250) { nodes { name email role status version } } }", json!({}))
        .data()
        .clone()
}

/// Runs it for a reason.
fn done(world: &World, root: &Root, words: &[&str]) -> Run {
    at(world, root, &[words, &WHY].concat()).succeeded()
}

#[test]
fn people_are_changed_at_a_running_server_and_their_company_reads_why() {
    let (world, [root]) = world_with_keys(["admin"]);
    let (ana, uwe, zoe) = (world.client("ana"), world.client("uwe"), world.client("zoe"));
    let others = people(&zoe);
    let (me, uwes) = ("{ viewer { role } }", email("uwe"));
    let on_uwe = ["--tenant", "acme", "--member", uwes.as_str()];

    let raised = done(&world, &root, &[&["member", "role", "--role", "admin"][..], &on_uwe].concat());
    assert_eq!(raised.stdout, "uwe@example.com is admin\n");
    assert_eq!(uwe.ask(me, json!({})).data()["viewer"]["role"], "ADMIN");
    let super_admin = [&["member", "role", "--role", "super-admin"][..], &on_uwe, &WHY].concat();
    at(&world, &root, &super_admin).refused_with(&["make a super admin"]);

    let suspended = done(&world, &root, &[&["member", "suspend"][..], &on_uwe].concat());
    assert_eq!(suspended.stdout, "uwe@example.com is suspended\n");
    assert_eq!(uwe.ask(me, json!({})).code(), Some("UNAUTHENTICATED"), "at the next request");
    done(&world, &root, &[&["member", "reactivate"][..], &on_uwe].concat());
    world.client("uwe");

    let una = ana.id_of("members", "una");
    let removed = done(&world, &root, &["member", "remove", "--tenant", "acme", "--member", &una]);
    assert_eq!(removed.stdout, format!("{una} is removed\n"));
    assert_eq!(
        world.nobody().ask_to_sign_in("acme", &email("una"), PASSWORD).code(),
        Some("UNAUTHENTICATED")
    );
    let account = ["member", "add-service", "--tenant", "acme", "--name", "Deployer", "--json"];
    let made: Value = serde_json::from_str(&done(&world, &root, &account).stdout).unwrap();
    assert_eq!(made, json!({ "id": ana.id_of("members", "Deployer"), "name": "Deployer" }));
    let reset = ["member", "reset-second-factor", "--tenant", "acme", "--email", &uwes];
    assert_eq!(done(&world, &root, &reset).stdout, "uwe@example.com signs in with their password alone\n");

    assert_eq!(others, people(&zoe), "another company has nothing to do with it");
    assert_eq!(zoe.ask("{ visits { id } }", json!({})).data()["visits"], json!([]));
    let operator = root.ask("{ viewer { id } }", json!({}))["viewer"]["id"].clone();
    let document = "query($kinds: [String!]) { auditEvents(filter: { kinds: $kinds }, first: 250) {
        nodes { kind actorId actorKind address requestId } } }";
    let of = |kind: &str| {
        let answer = ana.ask(document, json!({ "kinds": [kind] }));
        answer.data()["auditEvents"]["nodes"].as_array().unwrap().clone()
    };
    let told: Vec<_> = of("member").into_iter().filter(|event| event["actorId"] == operator).collect();
    assert_eq!(told.len(), 5, "a role, two statuses, a removal, an account: {told:?}");
    let used = of("visit.used");
    assert!(
        used.iter().all(|event| event["address"] == "127.0.0.1" && event["actorId"] == operator),
        "{used:?}"
    );
    assert_eq!(used.len(), 7, "from where each was done: {used:?}");
    let visits = ana.ask("{ visits { reason endedAt } }", json!({})).data()["visits"].clone();
    let visits = visits.as_array().unwrap();
    assert!(
        visits.iter().all(|visit| visit["reason"] == WHY[1] && !visit["endedAt"].is_null()),
        "{visits:?}"
    );
}

#[test]
fn who_is_invited_at_a_running_server_gets_a_letter_and_waits_for_the_company() {
    let (world, [root]) = world_with_keys(["admin"]);
    let ida = email("ida");
    let invite = ["member", "invite", "--tenant", "acme", "--email", &ida, "--role", "admin", "--json"];
    let invited = done(&world, &root, &invite).stdout;
    assert!(invited.contains("\"inv_") && !invited.contains("mot_"), "the link is in the letter: {invited}");
    until("the letter is written", || !letters(&world).is_empty());
    let letter = letters(&world).remove(0);
    let accept = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { success } }";
    let input = json!({ "token": token(&letter), "name": "Ida", "password": PASSWORD });
    let joined = world.nobody().ask(accept, json!({ "input": input }));
    assert_eq!(joined.data()["invitationAccept"]["success"], true);
    assert_eq!(world.nobody().ask_to_sign_in("acme", &ida, PASSWORD).code(), Some("UNAUTHENTICATED"));
    let on_ida = ["member", "reactivate", "--tenant", "acme", "--member", &ida];
    at(&world, &root, &[&on_ida[..], &WHY].concat()).refused_with(&["a super admin of the company does"]);
    let ana = world.client("ana");
    let admit = json!({ "id": ana.id_of("members", "Ida"), "input": { "status": "ACTIVE" } });
    ana.change("memberUpdate", admit).payload();
    world.nobody().sign_in(ACME, &ida, PASSWORD);
}

#[test]
fn a_key_of_another_kind_or_scope_changes_nobody_and_neither_does_a_command_without_a_reason() {
    let (world, [write, admin]) = world_with_keys(["write", "admin"]);
    let ana = world.client("ana");
    let make = "mutation { apiKeyCreate(input: { name: \"ci\", scope: ADMIN }) { secret } }";
    let members = ana.ask(make, json!({})).data()["apiKeyCreate"]["secret"].as_str().unwrap().to_owned();
    let before = people(&ana);
    for by in [email("uwe"), ana.id_of("members", "uwe")] {
        for words in changes(&by) {
            at(&world, &admin, &words).refused_with(&["say why with --reason"]);
            let said = [&words[..], &WHY].concat();
            at(&world, &write, &said).refused_with(&["scope ADMIN, and this one has WRITE"]);
            at_with_key(&world, &admin, &members, &said).refused_with(&["does not accept this platform key"]);
            let short = [&words[..], &["--reason", "because"]].concat();
            at(&world, &admin, &short).refused_with(&["at least 10 characters"]);
        }
    }
    let nobody = ["member", "suspend", "--tenant", "acme", "--member", "nobody@example.com"];
    at(&world, &admin, &[&nobody[..], &WHY].concat())
        .refused_with(&["there is no member nobody@example.com"]);
    let zoe = ["member", "suspend", "--tenant", "acme", "--member"];
    let (zoes, other) = (email("zoe"), world.client("zoe").id_of("members", "zoe"));
    for who in [&zoes, &other] {
        at(&world, &admin, &[&zoe[..], &[who.as_str()], &WHY].concat()).refused_with(&["member"]);
    }
    assert_eq!(before, people(&ana));
    assert_eq!(ana.ask("{ visits { id } }", json!({})).data()["visits"], json!([]));
    world.nobody().sign_in(OTHER, &zoes, PASSWORD);
}

#[test]
fn people_are_seen_and_added_in_the_companys_sight() {
    let (world, [root]) = world_with_keys(["admin"]);
    let listed = at(&world, &root, &["member", "list", "--tenant", ACME.slug]).succeeded();
    assert!(listed.stdout.contains("ana\tana@example.com\tsuper-admin\tactive"), "{}", listed.stdout);
    let add = ["member", "add", "--tenant", ACME.slug, "--email", "bo@example.com", "--name", "Bo"];
    at(&world, &root, &add).refused_with(&["say why with --reason"]);
    let with_reason = [&add[..], &["--reason", "ticket 4711: they asked for it"]].concat();
    let added = at(&world, &root, &with_reason).succeeded();
    assert!(
        added.stdout.contains("they take part when a super admin of the company says so"),
        "{}",
        added.stdout
    );
    let listed = at(&world, &root, &["member", "list", "--tenant", ACME.slug]).succeeded();
    assert!(listed.stdout.contains("Bo\tbo@example.com\tuser\tsuspended"), "{}", listed.stdout);
    let visits = world.client("ana").ask("{ visits { reason scope endedAt } }", json!({}));
    assert_eq!(visits.data()["visits"][0]["reason"], "ticket 4711: they asked for it");
    assert!(visits.data()["visits"][0]["endedAt"].is_string());
}
