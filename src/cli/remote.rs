//! A running server, asked through the API of those who run the platform, or through that of a company.
//!
//! It does not know what is asked. The key goes to that server alone, and over the network only behind TLS.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use hyper::http::request::Builder;
use hyper::{Request, StatusCode, Uri, header};
use mortise::graphql::{Allowed, Outbound, OutboundBounds};
use mortise::id::MemberId;
use mortise::identity::ApiKeyRecord;
use serde_json::{Map, Value, json};

use super::output;
use super::place::{DATA_VARIABLE, Place, SERVER_VARIABLE, named_by_environment};

/// Where that API lies below the address of a server.
const PATH: &str = "/root/graphql";

/// Where the API of companies lies.
const COMPANY_PATH: &str = "/graphql";

/// What the paths for platform keys begin with.
const PLATFORM_PATHS: &str = "/root/";

/// The longest file of a key, in bytes: a key has about a hundred.
const TOKEN_BYTES_MAX: u64 = 4096;

/// A founding or an erasure takes a while on a busy server, and a page of 250 companies with long reasons is large.
const BOUNDS: OutboundBounds =
    OutboundBounds { time: Duration::from_secs(60), answer_bytes: 8 * 1024 * 1024 };

/// Companies and people asked for at once.
const PAGE: u32 = 250;

/// Whether a running server is asked, and which.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "A running server instead of the data folder")]
pub(super) struct ServerFlags {
    /// Address of the server, such as https://tracker.example.com or http://127.0.0.1:4000
    #[arg(long, value_name = "URL", env = SERVER_VARIABLE)]
    server: Option<String>,
    /// File whose first line is a platform key (`mortise root key create`)
    #[arg(long, value_name = "FILE", env = "MORTISE_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

/// The variables of a mutation, and how its field is passed them: `, name: $name` for each.
pub(super) fn arguments(values: Value) -> (Map<String, Value>, String) {
    let variables = if let Value::Object(variables) = values { variables } else { Map::new() };
    let passed = variables.keys().map(|name| format!(", {name}: ${name}")).collect();
    (variables, passed)
}

/// Where companies are asked about.
pub(super) enum Desk<'p> {
    /// In the data folder, which no server holds.
    Folder(&'p Place),
    /// At a running server.
    Server(Remote),
}

impl ServerFlags {
    /// Where to ask.
    ///
    /// # Errors
    /// The address or the file of the key cannot be used, or a data folder is named beside a server of the environment:
    /// whoever names one means that one.
    pub(super) async fn desk<'p>(&self, place: &'p Place) -> anyhow::Result<Desk<'p>> {
        if let (Some(server), Some(data)) = (self.named(), place.named()) {
            let is_set =
                |variable: &str, to: &std::ffi::OsStr| std::env::var_os(variable).is_some_and(|v| v == to);
            ensure!(
                is_set(DATA_VARIABLE, data.as_os_str()) || named_by_environment().as_deref() != Some(server),
                "{} and {SERVER_VARIABLE}={server} are both named: unset {SERVER_VARIABLE}, or leave out --data",
                data.display()
            );
        }
        Ok(if self.named().is_some() { Desk::Server(self.remote().await?) } else { Desk::Folder(place) })
    }

    /// The address of the server; an empty one is none.
    fn named(&self) -> Option<&str> {
        self.server.as_deref().filter(|server| !server.is_empty())
    }

    /// The server.
    ///
    /// # Errors
    /// As [`desk`](Self::desk); or none is named.
    pub(super) async fn remote(&self) -> anyhow::Result<Remote> {
        Ok(Remote(self.keyed(PATH).await?))
    }

    /// Another path at the server, with the same key.
    ///
    /// # Errors
    /// As [`remote`](Self::remote).
    pub(super) async fn keyed(&self, path: &str) -> anyhow::Result<Keyed> {
        let server = self.named().context("name a running server with --server")?;
        let file = self.token_file.clone();
        let file = file.context("a server asks for a platform key: name its file with --token-file")?;
        Keyed::open(server, path, file).await
    }
}

/// A path at a server, and a key that goes there.
pub(super) struct Keyed {
    /// The address of the path.
    pub(super) url: String,
    key: String,
    /// Whether platform keys are asked for there.
    pub(super) of_platform: bool,
    /// What requests are sent by.
    pub(super) outbound: Outbound,
}

impl Keyed {
    /// This path at a server, with the key in this file. The operator has chosen the address, so it may be any.
    ///
    /// # Errors
    /// The address is none to which a key may be sent, or there is no key in the file.
    pub(super) async fn open(server: &str, path: &str, key: PathBuf) -> anyhow::Result<Self> {
        let url = endpoint(server, path)?;
        let outbound = || Outbound::within(Allowed { private_addresses: true }, BOUNDS);
        let read = tokio::task::spawn_blocking(move || anyhow::Ok((key_in(&key)?, outbound())));
        let (key, outbound) = read.await??;
        Ok(Self { url, key, of_platform: path.starts_with(PLATFORM_PATHS), outbound })
    }

    /// Why the server does not accept the key, as far as can be told from its form.
    pub(super) fn not_accepted(&self) -> &'static str {
        match (self.of_platform, self.key.as_str()) {
            (true, key) if key.starts_with(ApiKeyRecord::MEMBER_PREFIX) => {
                "the server does not accept this platform key: it is an API key of a company; `mortise root key create` makes \
                 one for those who run the platform"
            }
            (true, _) => "the server does not accept this platform key",
            (false, key) if key.starts_with(ApiKeyRecord::ROOT_PREFIX) => {
                "this is a platform key, and this is asked of a company: name the file of an API key of an admin, who makes one \
                 with `apiKeyCreate`"
            }
            (false, _) => {
                "the server does not accept this key of a company: it was revoked, its time is over, or it is of another server; \
                 an admin makes another one with `apiKeyCreate`"
            }
        }
    }

    /// A request that carries the key.
    pub(super) fn request(&self, to: Builder) -> Builder {
        to.header(header::AUTHORIZATION, format!("Bearer {}", self.key))
    }
}

fn key_in(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read the key in {shown}"))?.len();
    ensure!(size <= TOKEN_BYTES_MAX, "{shown} has {size} bytes: that is no key");
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the key in {shown}"))?;
    if is_read_by_others(path) {
        output::remark(format_args!(
            "others can read {shown}: `chmod 600 {shown}` makes it readable for you alone"
        ));
    }
    let key = text.lines().next().unwrap_or_default().trim();
    ensure!(
        !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic()),
        "the first line of {shown} is no key"
    );
    Ok(key.to_owned())
}

#[cfg(unix)]
fn is_read_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_read_by_others(_: &Path) -> bool {
    false
}

/// The address of a path at a server. A key is not sent in the clear, but on this machine.
///
/// # Errors
/// It is no address, or not of a server that may be sent a key.
fn endpoint(server: &str, path: &str) -> anyhow::Result<String> {
    let url = format!("{}{path}", server.trim_end_matches('/'));
    let uri: Uri = url.parse().with_context(|| format!("`{server}` is no address of a server"))?;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match uri.scheme_str() {
        Some("https") => Ok(url),
        Some("http") if is_this_machine(host) => Ok(url),
        Some("http") => {
            bail!("a key is not sent in the clear to {host}: name the server by https://")
        }
        _ => bail!("`{server}` is no address of a server: write it as https://tracker.example.com"),
    }
}

/// Whether the name of a host means this machine.
pub(super) fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// See the module.
pub(super) struct Remote(Keyed);

impl Remote {
    /// The API of the company whose key is in this file.
    ///
    /// # Errors
    /// As [`Keyed::open`].
    pub(super) async fn of_company(server: &str, key: PathBuf) -> anyhow::Result<Self> {
        Ok(Self(Keyed::open(server, COMPANY_PATH, key).await?))
    }

    /// The API that the key in this file is for: that of its company, or that of those who run the platform.
    ///
    /// # Errors
    /// As [`Keyed::open`].
    pub(super) async fn of_key(server: &str, key: PathBuf) -> anyhow::Result<Self> {
        let company = Keyed::open(server, COMPANY_PATH, key).await?;
        if !company.key.starts_with(ApiKeyRecord::ROOT_PREFIX) {
            return Ok(Self(company));
        }
        Ok(Self(Keyed { url: endpoint(server, PATH)?, of_platform: true, ..company }))
    }

    /// What a document answers.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub(super) async fn ask(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let Self(server) = self;
        let request = server
            .request(Request::post(&server.url))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(body.into_bytes())?;
        let answer = server.outbound.send(request).await?;
        let (status, url) = (answer.status(), &server.url);
        match status {
            StatusCode::UNAUTHORIZED => bail!("{}", server.not_accepted()),
            StatusCode::NOT_FOUND if server.of_platform => {
                bail!("{url} is not served: see `mortise serve --no-root-api`")
            }
            StatusCode::NOT_FOUND => bail!("{url} is not served"),
            _ => {}
        }
        let body: Value = serde_json::from_slice(answer.body())
            .with_context(|| format!("{url} answers {status}, and no JSON"))?;
        if let Some(message) = body.pointer("/errors/0/message").and_then(Value::as_str) {
            bail!("{message}");
        }
        body.get("data").cloned().with_context(|| format!("{url} answers {status}, and nothing"))
    }

    /// What a mutation of one field answers.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); or it was refused.
    pub(super) async fn change(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let data = self.ask(document, variables).await?;
        let payload = data.as_object().and_then(|fields| fields.values().next()).cloned();
        let payload = payload.context("the server answers nothing")?;
        match payload.pointer("/userErrors/0/message").and_then(Value::as_str) {
            Some(message) => bail!("{message}"),
            None => Ok(payload),
        }
    }

    /// What a mutation of one field answers in this field of its answer.
    ///
    /// # Errors
    /// As [`change`](Self::change).
    pub(super) async fn change_of(
        &self,
        field: &str,
        document: &str,
        variables: Value,
    ) -> anyhow::Result<Value> {
        let mut payload = self.change(document, variables).await?;
        Ok(payload.get_mut(field).map(Value::take).unwrap_or_default())
    }

    /// The id of the company with this slug.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); or there is none.
    pub(super) async fn tenant_id(&self, slug: &str) -> anyhow::Result<String> {
        let document = "query($slug: String!) { tenantBySlug(slug: $slug) { id } }";
        let data = self.ask(document, json!({ "slug": slug })).await?;
        let id = data.pointer("/tenantBySlug/id").and_then(Value::as_str).map(str::to_owned);
        id.with_context(|| {
            format!("there is no tenant `{slug}`: `mortise tenant list` shows those there are")
        })
    }

    /// The ids of a company and of somebody there, by their address or their own id.
    ///
    /// # Errors
    /// As [`tenant_id`](Self::tenant_id); or nobody has this address.
    pub(super) async fn member_id(&self, slug: &str, member: &str) -> anyhow::Result<(String, String)> {
        let tenant = self.tenant_id(slug).await?;
        if member.parse::<MemberId>().is_ok() {
            return Ok((tenant, member.to_owned()));
        }
        let document =
            "query($id: ID!, $email: String!) { memberByEmail(tenantId: $id, email: $email) { id } }";
        let data = self.ask(document, json!({ "id": tenant, "email": member })).await?;
        let id = data.pointer("/memberByEmail/id").and_then(Value::as_str).map(str::to_owned);
        let id = id.with_context(|| format!("there is no member {member} in {slug}"))?;
        Ok((tenant, id))
    }

    /// All nodes of a list, page by page. The document takes `$first` and `$after`.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) async fn list(&self, document: &str, mut variables: Value) -> anyhow::Result<Vec<Value>> {
        let mut nodes = Vec::new();
        let mut after = Value::Null;
        loop {
            if let Some(variables) = variables.as_object_mut() {
                variables.insert("first".to_owned(), PAGE.into());
                variables.insert("after".to_owned(), after);
            }
            let data = self.ask(document, variables.clone()).await?;
            let page = data.as_object().and_then(|fields| fields.values().next());
            let page = page.context("the server answers nothing")?;
            nodes.extend(page.get("nodes").and_then(Value::as_array).into_iter().flatten().cloned());
            let goes_on = page.pointer("/pageInfo/hasNextPage") == Some(&Value::Bool(true));
            after = page.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
            if !goes_on || after.is_null() {
                return Ok(nodes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_over_the_network_behind_tls_alone() {
        for server in
            ["http://127.0.0.1:4000", "http://[::1]:4000/", "http://localhost:1", "https://a.example"]
        {
            assert!(endpoint(server, PATH).unwrap().ends_with("/root/graphql"), "{server}");
        }
        assert_eq!(endpoint("https://a.example/x/", PATH).unwrap(), "https://a.example/x/root/graphql");
        for server in
            ["http://a.example", "http://10.0.0.1", "http://127.0.0.1.example", "a.example", "", "ftp://a"]
        {
            assert!(endpoint(server, PATH).is_err(), "{server}");
        }
    }

    #[tokio::test]
    async fn a_key_of_the_other_kind_is_told_by_its_form() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let server = "http://127.0.0.1:4000";
        for (key, expected) in [("iss_root_x", "/root/graphql"), ("iss_live_x", "/graphql")] {
            std::fs::write(&path, key).unwrap();
            let Remote(keyed) = Remote::of_key(server, path.clone()).await.unwrap();
            assert_eq!(keyed.url, format!("{server}{expected}"));
            let company = Keyed::open(server, "/plugins", path.clone()).await.unwrap().not_accepted();
            assert_eq!(company.contains("this is a platform key"), key == "iss_root_x", "{company}");
            let platform = Keyed::open(server, "/root/plugins", path.clone()).await.unwrap().not_accepted();
            assert_eq!(platform.contains("an API key of a company"), key == "iss_live_x", "{platform}");
        }
    }

    #[test]
    fn a_key_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "iss_root_x\nmore\n").unwrap();
        assert_eq!(key_in(&path).unwrap(), "iss_root_x");
        for text in ["", "\n", "two words\n", "iss\u{e9}\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(key_in(&path).is_err(), "{text:?}");
        }
        assert!(key_in(&folder.path().join("none")).is_err());
    }
}
