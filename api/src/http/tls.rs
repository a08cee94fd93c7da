//! TLS that ends in the hub itself: versions 1.2 and 1.3, with HTTP/2 where the client speaks it.

use std::path::Path;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Error;

/// The certificates in one file and their key in another, both PEM.
///
/// Fails when a file cannot be read, or when the key is not that of the certificates.
pub fn config(certificates: &Path, key: &Path) -> Result<ServerConfig, Error> {
    let unread = |file: &Path| {
        let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        move |cause| Error::internal(format!("{file} cannot be read as PEM: {cause}"))
    };
    let chain = CertificateDer::pem_file_iter(certificates).map_err(unread(certificates))?;
    let chain: Result<Vec<_>, _> = chain.collect();
    let chain = chain.map_err(unread(certificates))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(Error::internal)?;
    config.with_no_client_auth().with_single_cert(chain, key).map_err(Error::internal)
}
