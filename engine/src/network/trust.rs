//! Whom a guest's TLS believes: the certificates of its own root, or else those of the node.

use super::file::{GuestFile, contents};
use crate::ffi;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Where Debian and Alpine, Fedora, and OpenSSL itself have them.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];
/// The variable that programs with OpenSSL know.
const VARIABLE: &str = "SSL_CERT_FILE=";
const MAX_BYTES: usize = 4 << 20;

type Roots = Arc<RootCertStore>;

/// The node's certificates: the file is opened when the engine starts, and read when a guest first needs it.
#[derive(Debug)]
pub struct NodeTrust {
    file: Option<OwnedFd>,
    roots: OnceLock<Roots>,
}

impl NodeTrust {
    /// Opens the node's bundle, if it has one.
    pub fn open() -> Arc<Self> {
        let open = |path: &&str| ffi::fd::open(Path::new(path), libc::O_RDONLY | libc::O_NOCTTY).ok();
        Arc::new(Self {
            file: BUNDLES.iter().find_map(open),
            roots: OnceLock::new(),
        })
    }

    /// None if the node has no bundle that can be read.
    fn roots(&self) -> Roots {
        let read = || {
            let bytes = self.file.as_ref().and_then(|file| contents(file, MAX_BYTES).ok());
            parse(&bytes.unwrap_or_default())
        };
        self.roots.get_or_init(|| Arc::new(read())).clone()
    }
}

/// What a guest connects with, from the certificates of a file.
fn config_of(bytes: &[u8]) -> Option<Arc<ClientConfig>> {
    let roots = parse(bytes);
    (!roots.is_empty()).then(|| config(Arc::new(roots)))
}

fn parse(bytes: &[u8]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok);
    roots.add_parsable_certificates(certificates);
    roots
}

fn config(roots: Roots) -> Arc<ClientConfig> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

type Bundle = GuestFile<Option<Arc<ClientConfig>>>;

/// The trust of one guest.
#[derive(Debug)]
pub struct Trust {
    named: Option<Bundle>,
    usual: [Bundle; 3],
    node: Arc<NodeTrust>,
    fallback: OnceLock<Arc<ClientConfig>>,
}

impl Trust {
    /// What the environment names, else what is where bundles are in `root`, else the node's.
    pub fn new(env: &[String], root: &Arc<OwnedFd>, node: Arc<NodeTrust>) -> Arc<Self> {
        let bundle = |path: &str| Bundle::new(root.clone(), path, MAX_BYTES, config_of);
        let named = env.iter().find_map(|entry| entry.strip_prefix(VARIABLE));
        Arc::new(Self {
            named: named.filter(|path| !path.is_empty()).map(bundle),
            usual: BUNDLES.map(bundle),
            node,
            fallback: OnceLock::new(),
        })
    }

    /// What the guest connects with now.
    ///
    /// # Errors
    /// When a file that is there cannot be read or has no certificate, or the one that the environment names is not.
    pub fn config(&self) -> io::Result<Arc<ClientConfig>> {
        let empty = || io::Error::other("it has no certificate");
        if let Some(bundle) = &self.named {
            let found = bundle.content()?.ok_or(io::ErrorKind::NotFound)?;
            return (*found).clone().ok_or_else(empty);
        }
        for bundle in &self.usual {
            if let Some(found) = bundle.content()? {
                return (*found).clone().ok_or_else(empty);
            }
        }
        Ok(self.fallback.get_or_init(|| config(self.node.roots())).clone())
    }
}
