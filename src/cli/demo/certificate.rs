//! A certificate authority made on the spot, and one certificate of it: the demo's TLS without a file.

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

/// What a TLS server needs, and what its clients have to trust.
pub(super) struct Authority {
    /// The authority's certificate, for `ca_file`.
    pub(super) pem: String,
    /// The server's side: a certificate for the names, HTTP/2 and HTTP/1.1.
    pub(super) server: Arc<ServerConfig>,
}

impl Authority {
    /// Makes an authority and a certificate for `names`. Its key never leaves this function.
    pub(super) fn new(names: &[&str]) -> anyhow::Result<Self> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority.distinguished_name.push(DnType::CommonName, "wangqi demo authority");
        let key = KeyPair::generate().context("making the demo authority's key")?;
        let pem = authority.self_signed(&key).context("signing the demo authority")?.pem();
        let issuer = Issuer::new(authority, key);

        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut leaf = CertificateParams::new(names).context("naming the demo server")?;
        leaf.distinguished_name.push(DnType::CommonName, "wangqi demo server");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().context("making the demo server's key")?;
        let certificate = leaf.signed_by(&key, &issuer).context("signing the demo server")?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { pem, server: Arc::new(server) })
    }
}
