//! Against `oidc-provider`, which is certified, run by node. `cargo xtask test` installs it.

use super::*;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A provider process. It ends with its standard input.
struct Certified {
    process: Child,
    issuer: String,
}

impl Certified {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc-provider");
        assert!(
            folder.join("node_modules/oidc-provider").exists(),
            "there is no identity provider to sign in by: run `cargo xtask test`, or `npm ci` in {}",
            folder.display()
        );
        let mut process = Command::new("node")
            .arg(folder.join("provider.mjs"))
            .args([CLIENT, SECRET, &format!("{PUBLIC}/oidc/callback")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let issuer = said.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, issuer }
    }

    /// Lets this person in from now on.
    async fn know(&self, account: &str) {
        let request = Request::put(format!("{}/as/{account}", self.issuer)).body(Vec::new()).unwrap();
        let outbound = Outbound::new(Allowed { private_addresses: true });
        assert_eq!(outbound.send(request).await.unwrap().status(), StatusCode::OK);
    }
}

impl Drop for Certified {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_signs_in_and_the_way_is_good_once() {
    let provider = Certified::start();
    let company = Company::new(&provider.issuer, false).await;
    let (to, cookie) = company.start().await;
    assert!(to.starts_with(&provider.issuer), "{to}");
    for part in ["code_challenge_method=S256", "nonce=", "state=", "response_type=code"] {
        assert!(to.contains(part), "{part} is not in {to}");
    }
    let back = Browser::new().follow(&to).await;
    let home = location(&company.page(&back, Some(&cookie)).await);
    assert_eq!(company.member(&home).await, company.uwe);
    let again = location(&company.page(&back, Some(&cookie)).await);
    assert_eq!(refusal(&again), "provider_unavailable", "the provider takes a code once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_browser_that_began_comes_back() {
    let provider = Certified::start();
    let company = Company::new(&provider.issuer, false).await;
    let (mine, my_cookie) = company.start().await;
    let (_, other_cookie) = company.start().await;
    let back = Browser::new().follow(&mine).await;
    let cut = &my_cookie[..my_cookie.len() - 2];
    let name = my_cookie.split('=').next().unwrap();
    let (empty, nonsense) = (format!("{name}="), format!("{name}=x"));
    for cookie in
        [None, Some(other_cookie.as_str()), Some(empty.as_str()), Some(nonsense.as_str()), Some(cut)]
    {
        let home = location(&company.page(&back, cookie).await);
        assert_eq!(refusal(&home), "begin_again", "{cookie:?}");
    }
    let (path, query) = back.split_once('?').unwrap();
    let changed: Vec<_> = query
        .split('&')
        .map(|pair| if pair.starts_with("iss=") { "iss=http%3A%2F%2Fevil.test" } else { pair })
        .collect();
    let mixed_up = format!("{path}?{}", changed.join("&"));
    assert_eq!(refusal(&location(&company.page(&mixed_up, Some(&my_cookie)).await)), "begin_again");
    // This provider says that it names itself in each answer, so one that does not is another's.
    let unnamed: Vec<_> = query.split('&').filter(|pair| !pair.starts_with("iss=")).collect();
    let unnamed = format!("{path}?{}", unnamed.join("&"));
    assert_eq!(refusal(&location(&company.page(&unnamed, Some(&my_cookie)).await)), "begin_again");
    let home = location(&company.page(&back, Some(&my_cookie)).await);
    assert_eq!(company.member(&home).await, company.uwe, "nothing of that has used it up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_at_the_provider_or_nonsense_lets_nobody_in() {
    let provider = Certified::start();
    let company = Company::new(&provider.issuer, false).await;
    let (to, cookie) = company.start().await;
    let state = to.split('&').find_map(|pair| pair.strip_prefix("state=")).unwrap().to_owned();
    let issuer = &provider.issuer;
    for (query, word) in [
        (format!("state={state}&error=access_denied&iss={issuer}"), "denied"),
        (format!("state={state}&iss={issuer}"), "denied"),
        (format!("state={state}&code=made-up&iss={issuer}"), "provider_unavailable"),
        (String::new(), "begin_again"),
        ("state=&code=x".to_owned(), "begin_again"),
        (format!("state={}&code=x", "x".repeat(20_000)), "begin_again"),
    ] {
        let home = location(&company.page(&format!("/oidc/callback?{query}"), Some(&cookie)).await);
        assert_eq!(refusal(&home), word, "{}", &query[..query.len().min(80)]);
    }
    for path in [
        "/oidc/start".to_owned(),
        "/oidc/start?tenant=acme&provider=nonsense".to_owned(),
        company.start_path().replace(&company.provider.to_string(), &ProviderId::generate().to_string()),
        company.start_path().replace("acme", "nowhere"),
        company.start_path().replace("challenge=", "challenge=x"),
        format!("/oidc/start?tenant=acme&provider={}", company.provider),
    ] {
        let home = location(&company.page(&path, None).await);
        assert!(["begin_again", "refused"].contains(&refusal(&home)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_there_is_refused_or_made_a_member_and_strangers_never_are() {
    let provider = Certified::start();
    for (creates_members, account, comes_in) in
        [(false, "new", false), (true, "new", true), (true, "unverified", false), (true, "outsider", false)]
    {
        let company = Company::new(&provider.issuer, creates_members).await;
        provider.know(account).await;
        let (to, cookie) = company.start().await;
        let back = Browser::new().follow(&to).await;
        let home = location(&company.page(&back, Some(&cookie)).await);
        if comes_in {
            let member = company.member(&home).await;
            let us = Principal::trusted_system(company.tenant);
            let reader = company.engine.reader(&us).await.unwrap();
            assert_eq!(reader.directory().member(member).unwrap().name, "Neda");
        } else {
            assert_eq!(refusal(&home), "refused", "{account}");
        }
    }
}
