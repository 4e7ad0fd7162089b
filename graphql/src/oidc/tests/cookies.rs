//! What a browser carries between the two halves.

use super::lying::Liar;
use super::*;

/// Begins as a browser does that has these cookies, and keeps what it is told, the oldest first.
async fn begin(company: &Company, jar: &mut Vec<(String, String)>) {
    let carried: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let page = company.page(&company.start_path(), Some(&carried.join("; "))).await;
    location(&page);
    for set in page.headers().get_all(header::SET_COOKIE) {
        let set = set.to_str().unwrap();
        let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
        assert!(set.contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age="), "{set}");
        jar.retain(|(known, _)| known != name);
        if !set.contains("Max-Age=0") {
            jar.push((name.to_owned(), value.to_owned()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_begins_again_and_again_keeps_the_newest_beginnings_and_carries_no_more() {
    let liar = Liar::start().await;
    let company = Company::new(&liar.issuer, true).await;
    let mut jar = vec![("mortise_sign_in_short".to_owned(), "another's".to_owned())];
    let mut begun = Vec::new();
    for _ in 0..20 {
        begin(&company, &mut jar).await;
        begun.push(jar.last().unwrap().clone());
        let bytes: usize = jar.iter().map(|(name, value)| name.len() + value.len() + 3).sum();
        assert!(bytes < 4 * 1024, "{bytes} bytes in each request of this browser");
    }
    assert_eq!(jar[0].1, "another's", "what is none of ours is left alone");
    assert_eq!(jar[1..], begun[16..], "the newest four");
}
