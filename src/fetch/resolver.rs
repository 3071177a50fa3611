//! Names → addresses that may be connected to, and no others.

use crate::fetch::guard::{Guard, Refusal};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// The answer of a [`Lookup`], still to come.
pub type Answer = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// How a name becomes addresses: the system's resolver, or a test's own.
pub type Lookup = Arc<dyn Fn(String) -> Answer + Send + Sync>;

/// The resolver of this system.
pub fn system_lookup() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// The resolver that reqwest asks: it answers only with addresses that passed the guard.
pub(super) struct GuardedResolver {
    pub(super) guard: Arc<Guard>,
    pub(super) lookup: Lookup,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, lookup) = (Arc::clone(&self.guard), Arc::clone(&self.lookup));
        Box::pin(async move {
            let name = name.as_str().to_owned();
            if let Some(address) = guard.sent_to(&name) {
                // A port that is not zero is honoured by the connector where the URL names none.
                return Ok(addresses(vec![address]));
            }
            let found = lookup(name.clone()).await?;
            let mut refused: Option<Refusal> = None;
            let mut passed = Vec::new();
            for address in found {
                match guard.check_address(&name, address) {
                    Err(refusal) if !guard.is_proxy(&name) => refused = refused.or(Some(refusal)),
                    _ => passed.push(SocketAddr::new(address, 0)),
                }
            }
            match refused {
                Some(refusal) if passed.is_empty() => Err(refusal.into()),
                _ if passed.is_empty() => Err(io::Error::other("the name has no address").into()),
                _ => Ok(addresses(passed)),
            }
        })
    }
}

fn addresses(list: Vec<SocketAddr>) -> Addrs {
    Box::new(list.into_iter())
}
