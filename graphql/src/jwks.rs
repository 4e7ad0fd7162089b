//! The keys of an external issuer, fetched over HTTPS.
//!
//! It knows where they are; how long they are kept and how often they are asked for is the engine's affair.

use async_trait::async_trait;
use mortise_engine::identity::{JwksSource, JwksUnavailable};
use mortise_outbound::Outbound;

/// A JSON Web Key Set at an address.
#[derive(Debug, Clone)]
pub struct HttpJwks {
    address: String,
    outbound: Outbound,
}

impl HttpJwks {
    /// The set at this address, `https://…`.
    #[must_use]
    pub fn new(address: impl Into<String>, outbound: Outbound) -> Self {
        Self { address: address.into(), outbound }
    }
}

#[async_trait]
impl JwksSource for HttpJwks {
    async fn fetch(&self) -> Result<Vec<u8>, JwksUnavailable> {
        self.outbound.fetch(&self.address).await.map_err(|error| JwksUnavailable(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::get};
    use mortise_outbound::Allowed;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_set_is_fetched_from_where_the_operator_allows() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        let router = Router::new().route("/keys", get(async || r#"{"keys":[]}"#));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let from = |private_addresses| HttpJwks::new(&address, Outbound::new(Allowed { private_addresses }));
        assert_eq!(from(true).fetch().await.unwrap(), br#"{"keys":[]}"#);
        assert!(from(false).fetch().await.is_err());
        let elsewhere =
            HttpJwks::new(format!("{address}/nothing"), Outbound::new(Allowed { private_addresses: true }));
        assert!(elsewhere.fetch().await.is_err());
    }
}
