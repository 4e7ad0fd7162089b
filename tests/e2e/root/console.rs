//! The command line at a running server, and without one.

use serde_json::Value;

use super::{OPERATOR, at, world_with_keys};
use crate::world::{ACME, Run, mortise, mortise_with_input, until};

fn json(run: Run) -> Value {
    serde_json::from_str(&run.succeeded().stdout).unwrap()
}

#[test]
fn companies_are_looked_after_at_a_running_server_as_in_its_folder() {
    let (mut world, [root]) = world_with_keys(["admin"]);
    let create = ["tenant", "create", "globex", "--name", "Globex", "--tier", "basic", "--invite", "--json"];
    let admin = ["--admin-email", "hank@globex.example", "--idempotency-key", "order-1", "--team", "OPS"];
    let created = json(at(&world, &root, &[&create[..], &admin].concat()));
    assert!(created["invitation"]["token"].as_str().unwrap().starts_with("mot_"), "{created}");
    let again = json(at(&world, &root, &[&create[..], &admin].concat()));
    assert_eq!((&again["replayed"], &again["tenant"]["id"]), (&Value::Bool(true), &created["tenant"]["id"]));

    let status = |run: Run| json(run)["status"].as_str().unwrap().to_owned();
    let suspend = ["tenant", "suspend", "globex", "--reads", "--reason", "an invoice is open", "--json"];
    assert_eq!(status(at(&world, &root, &suspend)), "SUSPENDED");
    let listed = at(&world, &root, &["tenant", "list", "--status", "suspended"]).succeeded();
    assert!(listed.stdout.starts_with("globex\tGlobex\tbasic\tsuspended\t"), "{}", listed.stdout);
    assert_eq!(status(at(&world, &root, &["tenant", "resume", "globex", "--json"])), "ACTIVE");
    assert_eq!(
        json(at(&world, &root, &["tenant", "tier", "globex", "premium", "--json"]))["tier"],
        "PREMIUM"
    );
    let set = ["tenant", "set", "globex", "--name", "Globex GmbH", "--region", "eu-central", "--json"];
    let set = json(at(&world, &root, &set));
    assert_eq!((&set["name"], &set["region"]), (&Value::from("Globex GmbH"), &Value::from("eu-central")));
    let closed = at(&world, &root, &["tenant", "close", "globex", "--grace-days", "0"]).succeeded();
    assert!(closed.stdout.contains("premium, closed; it can be opened again until"), "{}", closed.stdout);
    at(&world, &root, &["tenant", "erase", ACME.slug]).refused_with(&["acme is not closed"]);
    let online = json(at(&world, &root, &["tenant", "list", "--json"]));
    let erased = at(&world, &root, &["tenant", "erase", "--due"]).succeeded();
    assert_eq!(erased.stdout, "globex: erased (key, rows); nothing of it is left\n");
    let gone = at(&world, &root, &["tenant", "suspend", "globex"]);
    gone.refused_with(&["there is no tenant `globex`"]);

    world.stop();
    let offline = json(world.run(&["tenant", "list", "--json"]));
    let without = |list: &Value| -> Vec<Value> {
        list.as_array().unwrap().iter().filter(|tenant| tenant["slug"] != "globex").cloned().collect()
    };
    assert_eq!(without(&online), without(&offline), "both say the same of a company");
}

#[test]
fn a_folder_that_is_named_is_not_taken_for_the_server_of_the_environment() {
    let (world, [root]) = world_with_keys(["admin"]);
    let (server, file) = (format!("http://{}", root.address), root.file(&world, "root.key"));
    let data = world.beside("another");
    let run = |words: &[&str]| {
        let mut command = mortise(words);
        command.env("MORTISE_SERVER", &server).env("MORTISE_TOKEN_FILE", &file);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), text)
    };
    let (done, text) = run(&["tenant", "close", ACME.slug, "--data", data.to_str().unwrap()]);
    assert!(!done && text.contains("are both named"), "{text}");
    let (done, text) = run(&["tenant", "list", "--json"]);
    assert!(done && text.contains("\"ACTIVE\"") && !text.contains("CLOSED"), "{text}");
    let create = ["tenant", "create", "globex", "--name", "Globex", "--tier", "basic"];
    let admin = ["--admin-email", "hank@globex.example", "--idempotency-key", "order-1"];
    let (done, text) = run(&[&create[..], &admin].concat());
    assert!(!done && text.contains("say --invite or --admin-password-stdin"), "{text}");
    let (done, text) = run(&[&create[..], &admin, &["--invite", "--home", "dedicated", "--json"]].concat());
    assert!(done && text.contains("\"placement\": \"dedicated\"") && text.contains("mot_"), "{text}");
    let (done, text) = run(&["tenant", "invite", "globex"]);
    assert!(done && text.contains("mot_"), "{text}");
}

#[test]
fn a_command_for_the_folder_alone_does_nothing_while_the_environment_names_a_server() {
    let (mut world, [root]) = world_with_keys(["admin"]);
    let file = root.file(&world, "root.key");
    let server = format!("http://{}", root.address);
    world.stop();
    let data = world.data();
    let run = |words: &[&str], server: &str| {
        let mut command = mortise(words);
        command.env("MORTISE_DATA", &data).env("MORTISE_SERVER", server).env("MORTISE_TOKEN_FILE", &file);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), text)
    };
    let why = "ticket 4711: they asked for it";
    let alone: [&[&str]; 4] = [
        &["root", "create", "--email", "new@example.com"],
        &["root", "key", "create", "--operator", OPERATOR, "--name", "new"],
        &["token", "create", "--tenant", "acme", "--member", "ana@example.com"],
        &["mail", "list", "--tenant", "acme"],
    ];
    for words in alone {
        let (done, text) = run(words, &server);
        assert!(!done && text.contains("nothing was done; unset MORTISE_SERVER"), "{words:?}: {text}");
        assert!(!text.contains("iss_"), "{words:?}: {text}");
    }
    // The server is gone, and none of these is done in its folder instead.
    let there: [&[&str]; 13] = [
        &["tenant", "list"],
        &["tenant", "suspend", "acme"],
        &["tenant", "domain", "acme"],
        &["tenant", "limits", "acme"],
        &["member", "list", "--tenant", "acme"],
        &["member", "invite", "--tenant", "acme", "--email", "ida@example.com", "--reason", why],
        &["member", "suspend", "--tenant", "acme", "--member", "uwe@example.com", "--reason", why],
        &["member", "add-service", "--tenant", "acme", "--name", "Deployer", "--reason", why],
        &["member", "reset-second-factor", "--tenant", "acme", "--email", "uwe@example.com", "--reason", why],
        &["root", "visit", "acme", "--reason", why],
        &["root", "end-visit", "acme", "ses_01k0zr5v8q3m7t1c9d4f6h8j0n"],
        &["root", "key", "list"],
        &["job", "list"],
    ];
    for words in there {
        let (done, text) = run(words, &server);
        assert!(!done && text.contains("127.0.0.1"), "{words:?}: {text}");
    }
    // One that is empty names none.
    let (done, text) = run(&["member", "list", "--tenant", "acme"], "");
    assert!(done && text.contains("uwe\tuwe@example.com\tuser\tactive"), "{text}");
    let list = ["member", "list", "--tenant", "acme", "--data", data.to_str().unwrap()];
    assert!(mortise_with_input(&list, "").succeeded().stdout.contains("una\tuna@example.com\tuser\tactive"));
}

#[test]
fn a_company_moves_at_a_running_server_while_its_people_work() {
    let (world, [root]) = world_with_keys(["admin"]);
    let ana = world.client("ana");
    let move_to = |to| at(&world, &root, &["tenant", "move", ACME.slug, "--to", to, "--json"]);
    for (to, place) in [("shared", "shard 0"), ("semi-dedicated", "shard 100"), ("tier", "dedicated")] {
        ana.issue(to);
        assert_eq!(json(move_to(to))["to"], place);
    }
    ana.issue("After");
    let counted = ana.ask("{ issues { totalCount } }", serde_json::json!({}));
    assert_eq!(counted.data()["issues"]["totalCount"], 4);
    move_to("shard:7").refused_with(&["chooses the shard itself"]);
}

#[test]
fn jobs_and_keys_are_handled_on_the_command_line() {
    let (world, [root]) = world_with_keys(["admin"]);
    let announce = ["job", "announce", "--all", "--subject", "Maintenance", "--text", "On Sunday.", "--json"];
    let job = json(at(&world, &root, &announce));
    let id = job["id"].as_str().unwrap().to_owned();
    until("the job is done", || json(at(&world, &root, &["job", "show", &id, "--json"]))["status"] == "DONE");
    let shown = at(&world, &root, &["job", "show", &id]).succeeded();
    assert!(shown.stdout.contains("announce, done; 2/2 companies, 0 of them refused"), "{}", shown.stdout);
    assert!(shown.stdout.contains("acme\tdone\t-"), "{}", shown.stdout);
    at(&world, &root, &["job", "suspend", "acme", "nowhere"]).refused_with(&["there is no tenant `nowhere`"]);
    at(&world, &root, &["job", "suspend"]).refused_with(&["required"]);
    let keys = json(at(&world, &root, &["root", "key", "list", "--json"]));
    let key = keys[0]["id"].as_str().unwrap().to_owned();
    at(&world, &root, &["root", "key", "revoke", &key]).succeeded();
    at(&world, &root, &["tenant", "list"]).refused_with(&["does not accept this platform key"]);
}
