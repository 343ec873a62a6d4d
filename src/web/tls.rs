//! TLS at the console's own door, and who a client certificate names.
//!
//! Owns the handshake and what is known of a caller before the first request. Which account that is, the guard asks.

use crate::config::TlsSettings;
use crate::fault::Fault;
use crate::issuance::authority::validity_end;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use jiff::civil::Date;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::extensions::GeneralName;

/// How long a handshake may take, and how many are under way at a time.
const PATIENCE: Duration = Duration::from_secs(10);
const MOST: usize = 64;

/// Whoever opened a connection.
#[derive(Clone, Debug)]
pub struct Caller {
    pub address: SocketAddr,
    pub by_tls: bool,
    /// The names in a certificate that one of our authorities signed: its common name, then its mail addresses.
    pub certified: Vec<String>,
}

impl Connected<IncomingStream<'_, TcpListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Caller { address: *stream.remote_addr(), by_tls: false, certified: Vec::new() }
    }
}

impl Connected<IncomingStream<'_, TlsDoor>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TlsDoor>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A listener that hands over connections whose handshake is done, so that a slow one keeps nobody waiting.
pub struct TlsDoor {
    address: SocketAddr,
    greeted: mpsc::Receiver<(TlsStream<TcpStream>, Caller)>,
}

impl TlsDoor {
    pub fn new(listener: TcpListener, settings: &TlsSettings) -> Result<Self, Fault> {
        let address = listener.local_addr().map_err(|error| Fault::lasting("[console] listen", error, "set an address that is free"))?;
        let acceptor = TlsAcceptor::from(Arc::new(server(settings)?));
        let (door, greeted) = mpsc::channel(MOST);
        tokio::spawn(greet(listener, acceptor, door));
        Ok(TlsDoor { address, greeted })
    }
}

impl Listener for TlsDoor {
    type Io = TlsStream<TcpStream>;
    type Addr = Caller;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.greeted.recv().await {
            Some(greeted) => greeted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Caller> {
        Ok(Caller { address: self.address, by_tls: true, certified: Vec::new() })
    }
}

/// Shakes hands with everybody who comes, until the door is shut.
async fn greet(listener: TcpListener, acceptor: TlsAcceptor, door: mpsc::Sender<(TlsStream<TcpStream>, Caller)>) {
    let hands = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(hand) = hands.clone().acquire_owned().await else { return };
        let came = tokio::select! {
            () = door.closed() => return,
            came = listener.accept() => came,
        };
        let Ok((stream, address)) = came else {
            // No file descriptor is free, or whoever came has gone.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (acceptor, door) = (acceptor.clone(), door.clone());
        tokio::spawn(async move {
            let _hand = hand;
            match tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
                    let certified = chain.first().map_or_else(Vec::new, |certificate| names(certificate));
                    // Whoever shut the door hears nobody any more.
                    drop(door.send((stream, Caller { address, by_tls: true, certified })).await);
                }
                Ok(Err(error)) => tracing::warn!(from = %address.ip(), %error, "no TLS came about"),
                Err(_) => tracing::warn!(from = %address.ip(), "a handshake took too long"),
            }
        });
    }
}

/// The names that a verified certificate says.
fn names(der: &[u8]) -> Vec<String> {
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(der) else { return Vec::new() };
    let common = certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).map(ToOwned::to_owned);
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let alternatives = alternatives.iter().flat_map(|found| &found.value.general_names);
    let mails = alternatives.filter_map(|name| match name {
        GeneralName::RFC822Name(mail) => Some((*mail).to_owned()),
        _ => None,
    });
    common.chain(mails).collect()
}

fn server(settings: &TlsSettings) -> Result<ServerConfig, Fault> {
    let chain = certificates(&settings.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&settings.key).map_err(|error| unfit(&settings.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match &settings.client_authority {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            certificates(path)?.into_iter().try_for_each(|certificate| roots.add(certificate)).map_err(|error| unfit(path, &error))?;
            // Who brings no certificate logs in with a password.
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).allow_unauthenticated();
            verifier.build().map_err(|error| unfit(path, &error))?
        }
    };
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let unfit = |error: rustls::Error| unfit(&settings.certificate, &error);
    let mut config = versions.map_err(unfit)?.with_client_cert_verifier(verifier).with_single_cert(chain, key).map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The files of certificates with the day on which the first to end in each does. A fault where the console would not open with them.
pub fn last_days(settings: &TlsSettings) -> Result<Vec<(&Path, Date)>, Fault> {
    server(settings)?;
    let files = [Some(&settings.certificate), settings.client_authority.as_ref()].into_iter().flatten();
    files
        .map(|path| {
            let days = certificates(path)?.iter().map(|der| validity_end(der)).collect::<Option<Vec<Date>>>();
            let first = days.and_then(|days| days.into_iter().min());
            Ok((path.as_path(), first.ok_or_else(|| unfit(path, &"holds a certificate that does not say when it ends"))?))
        })
        .collect()
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let all = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|error| unfit(path, &error))?;
    if all.is_empty() { Err(unfit(path, &"holds no certificate")) } else { Ok(all) }
}

fn unfit(path: &Path, what: &dyn Display) -> Fault {
    Fault::lasting(path.display(), what, "see [console.tls]: certificate, key and client_authority are files in PEM")
}
