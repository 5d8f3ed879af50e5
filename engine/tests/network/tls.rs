//! TLS: whom a guest believes, and what it hears when it does not.

use crate::pod::{Pod, WEB};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use rcgen::CertifiedKey;
use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Says which version of HTTP is spoken to a server that speaks those of `protocols`; the answer is its certificate.
fn secure(pod: &Pod, port: u16, names: &[&str], protocols: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    let listener = pod.listen(port);
    listener.set_nonblocking(true).unwrap();
    let (acceptor, listener) = (
        TlsAcceptor::from(Arc::new(config)),
        tokio::net::TcpListener::from_std(listener),
    );
    tokio::spawn(serve(acceptor, listener.unwrap()));
    cert.pem()
}

async fn serve(acceptor: TlsAcceptor, listener: tokio::net::TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(stream) = acceptor.accept(stream).await else {
            continue;
        };
        let version = service_fn(|request: Request<hyper::body::Incoming>| async move {
            let text = format!("{:?} for {:?}", request.version(), request.uri().path());
            Ok::<_, Infallible>(Response::new(text))
        });
        tokio::spawn(async move {
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), version)
                .await;
        });
    }
}

const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

#[tokio::test(flavor = "multi_thread")]
async fn the_certificates_of_the_root_count_and_no_others() {
    let Some(pod) = Pod::new().await else { return };
    let certificate = secure(&pod, 8443, &["web.test", WEB], &["http/1.1"]);
    let fetch = || pod.fetch(&["https://web.test:8443/a"]);
    fetch().await.assert_failed("TlsCertificateError");
    pod.write(BUNDLE, &certificate);
    fetch().await.assert_fetched("200\nHTTP/1.1 for \"/a\"");
    let by_address = pod.fetch(&[&format!("https://{WEB}:8443/")]).await;
    by_address.assert_fetched("200\nHTTP/1.1 for \"/\"");
    pod.zone.set("other.test", WEB);
    pod.fetch(&["https://other.test:8443/"])
        .await
        .assert_failed("TlsCertificateError");
    pod.write(BUNDLE, "no certificate");
    fetch().await.assert_failed("ConfigurationError");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_may_name_another_bundle() {
    let Some(pod) = Pod::new().await else { return };
    let certificate = secure(&pod, 8443, &["web.test"], &[]);
    let other = rcgen::generate_simple_self_signed(vec!["web.test".to_owned()]).unwrap();
    pod.write(BUNDLE, &other.cert.pem());
    pod.write("ours.pem", &certificate);
    let fetch = |file: &str| {
        let variable = format!("SSL_CERT_FILE={file}");
        pod.fetch_as(&["https://web.test:8443/"], |request| request.env = vec![variable])
    };
    fetch("").await.assert_failed("TlsCertificateError");
    fetch("/ours.pem").await.assert_fetched("200\nHTTP/1.1 for \"/\"");
    fetch("/missing.pem").await.assert_failed("ConfigurationError");
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_spoken_with_who_speaks_it() {
    let Some(pod) = Pod::new().await else { return };
    pod.write(BUNDLE, &secure(&pod, 8443, &["web.test"], &["h2", "http/1.1"]));
    let fetched = pod.fetch(&["https://web.test:8443/two"]).await;
    fetched.assert_fetched("200\nHTTP/2.0 for \"/two\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_no_tls_is_no_server() {
    let Some(pod) = Pod::new().await else { return };
    pod.answer(8443, |mut stream| {
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    });
    pod.fetch(&["https://web.test:8443/"])
        .await
        .assert_failed("TlsProtocolError");
}
