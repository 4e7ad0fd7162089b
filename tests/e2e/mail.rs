//! Mail of a real server: as files by default, and to a mail server without losing what a crash interrupts.

use serde_json::{Value, json};
use std::path::Path;

use crate::smtp::SmtpServer;
use crate::world::{ACME, World, email, until};

const REQUEST: &str =
    "mutation($email: String!) { passwordResetRequest(tenant: \"acme\", email: $email) { success } }";

fn forget(world: &World, name: &str) {
    let asked = world.nobody().ask(REQUEST, json!({ "email": email(name) }));
    assert_eq!(asked.data()["passwordResetRequest"]["success"], true);
}

/// The token in a letter, which is written in lines of at most 76 characters.
pub(crate) fn token(letter: &str) -> String {
    let letter = letter.replace("=\r\n", "");
    let at = letter.find("mot_").unwrap_or_else(|| panic!("no token in {letter}"));
    letter[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect()
}

/// The letters that were written as files, of all companies.
pub(crate) fn letters(world: &World) -> Vec<String> {
    let entries =
        |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let companies = entries(&world.data().join("mail"));
    let paths = companies.flat_map(|company| entries(&company).collect::<Vec<_>>());
    let letters = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    letters.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn a_link_for_a_forgotten_password_is_a_file_by_default_and_lets_its_owner_in() {
    let world = World::new();
    forget(&world, "nobody-at-all");
    forget(&world, "uwe");
    until("the letter is written", || !letters(&world).is_empty());
    let all = letters(&world);
    assert_eq!(all.len(), 1, "who is not there gets none");
    assert!(all[0].contains(&format!("To: {}", email("uwe"))), "{}", all[0]);
    let password = "a very different passphrase";
    let reset = "mutation($token: String!, $password: String!) {
        passwordReset(token: $token, password: $password) { success } }";
    let given = json!({ "token": token(&all[0]), "password": password });
    let done = world.nobody().ask(reset, given.clone());
    assert_eq!(done.data()["passwordReset"]["success"], true);
    world.nobody().sign_in(ACME, &email("uwe"), password);
    assert_eq!(world.nobody().ask(reset, given).code(), Some("UNAUTHENTICATED"), "a link is good once");
}

#[test]
fn a_server_that_is_killed_while_a_letter_goes_out_sends_it_again_under_the_same_name() {
    let mut world = World::new();
    let mut holding = SmtpServer::start(&json!({ "tls": "starttls", "hold": true }));
    let start = |world: &mut World, port: u16| {
        let (url, authority) = (format!("smtp://localhost:{port}"), SmtpServer::authority());
        let sender = "Issues <issues@example.com>";
        world.start_with(&[
            "--smtp-url",
            &url,
            "--smtp-ca",
            authority.to_str().unwrap(),
            "--mail-from",
            sender,
            "--public-url",
            "http://localhost:4000",
        ]);
    };
    world.stop();
    start(&mut world, holding.port);
    forget(&world, "uwe");
    let first = holding.message();
    world.kill();
    let mut taking = SmtpServer::start(&json!({ "tls": "starttls" }));
    start(&mut world, taking.port);
    let again = taking.message();
    let name = |message: &Value| {
        let data = message["data"].as_str().unwrap().to_owned();
        data.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap().to_owned()
    };
    assert_eq!(name(&first), name(&again));
    assert_eq!((&again["secure"], &again["from"]), (&json!(true), &json!("issues@example.com")));
    let list = |world: &World| {
        let run = world.run(&["mail", "list", "--tenant", ACME.slug, "--json"]);
        serde_json::from_str::<Value>(&run.succeeded().stdout).unwrap()
    };
    world.stop();
    assert_eq!(list(&world), json!({ "waiting": 0, "lost": [] }));
}
