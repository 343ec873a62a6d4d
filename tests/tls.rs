//! The console's own TLS, and client certificates in place of a password.

#[path = "shared/served.rs"]
mod served;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use served::{PASSWORD, Program, add_account, serve, uketsuke};
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

/// A certificate with its key.
struct Pair {
    der: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority { der: certificate.der().clone(), pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    fn signs(&self, name: &str, mail: Option<&str>, last_year: i32) -> Pair {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.subject_alt_names.extend(mail.map(|mail| SanType::Rfc822Name(mail.try_into().unwrap())));
        params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pair { der: certificate.der().clone(), pem: certificate.pem(), key }
    }
}

/// A desk whose console speaks TLS; its own certificate comes from the authority of its clients.
struct Desk {
    root: tempfile::TempDir,
    _serve: Program,
    address: String,
    authority: Authority,
}

impl Desk {
    fn open() -> Self {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        let authority = Authority::new("staff");
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        fs::write(path("console.pem"), params.signed_by(&key, &authority.issuer).unwrap().pem()).unwrap();
        fs::write(path("console.key"), key.serialize_pem()).unwrap();
        fs::write(path("staff.pem"), &authority.pem).unwrap();
        fs::create_dir(path("inbox")).unwrap();
        assert!(uketsuke(root.path(), &["run", "-q", "--now", "2026-04-08T10:00:00+09:00"]).status().unwrap().success());
        for (name, role) in [("花子", "manager"), ("taro@example.jp", "clerk"), ("次郎", "clerk")] {
            add_account(root.path(), name, role);
        }
        assert!(uketsuke(root.path(), &["account", "disable", "次郎"]).status().unwrap().success());
        let settings = "[console.tls]\ncertificate = \"console.pem\"\nkey = \"console.key\"\nclient_authority = \"staff.pem\"\n";
        let (serve, address) = serve(root.path(), settings, "2026-04-10T12:00:00+09:00");
        let address = address.strip_prefix("https://").unwrap_or_else(|| panic!("{address}")).to_owned();
        Desk { root, _serve: serve, address, authority }
    }

    fn ask(&self, certificate: Option<&Pair>, request: &str) -> io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let config = match certificate {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                let key = PrivateKeyDer::try_from(pair.key.serialize_der()).unwrap();
                builder.with_client_auth_cert(vec![pair.der.clone()], key).unwrap()
            }
        };
        let client = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(client, TcpStream::connect(&self.address)?);
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            // Servers may leave without a word at the end of TLS.
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
        }
    }

    fn get(&self, certificate: Option<&Pair>, cookie: &str) -> io::Result<String> {
        self.ask(certificate, &format!("GET /audit HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{cookie}\r\n"))
    }
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn cookie(answer: &str) -> String {
    let set = header(answer, "set-cookie").unwrap_or_else(|| panic!("{answer}"));
    assert!(set.ends_with("; Secure"), "{set}");
    format!("Cookie: {}\r\n", set.split(';').next().unwrap())
}

#[test]
fn a_certificate_of_our_authority_is_as_good_as_a_password() {
    let desk = Desk::open();
    let hanako = desk.authority.signs("花子", None, 2099);
    let answer = desk.get(Some(&hanako), "").unwrap();
    assert_eq!(header(&answer, "location"), Some("/audit"), "{answer}");
    let page = desk.get(Some(&hanako), &cookie(&answer)).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("花子"), "{page}");
    // A mail address names an account as well.
    let taro = desk.authority.signs("試験 太郎", Some("taro@example.jp"), 2099);
    let page = desk.get(Some(&taro), &cookie(&desk.get(Some(&taro), "").unwrap())).unwrap();
    assert!(page.starts_with("HTTP/1.1 403"), "a clerk sees no audit: {page}");
    // Nobody of that name, or nobody any more: the door with its password.
    for name in ["三郎", "次郎"] {
        let answer = desk.get(Some(&desk.authority.signs(name, None, 2099)), "").unwrap();
        assert_eq!(header(&answer, "location"), Some("/login"), "{name}: {answer}");
    }
}

#[test]
fn without_a_certificate_there_is_the_password_and_with_a_wrong_one_nothing() {
    let desk = Desk::open();
    assert_eq!(header(&desk.get(None, "").unwrap(), "location"), Some("/login"));
    let form = format!("name=%E8%8A%B1%E5%AD%90&password={}", PASSWORD.replace(' ', "+"));
    let length = form.len();
    let head = "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded";
    let answer = desk.ask(None, &format!("{head}\r\nContent-Length: {length}\r\n\r\n{form}")).unwrap();
    assert!(desk.get(None, &cookie(&answer)).unwrap().starts_with("HTTP/1.1 200"));
    let stranger = Authority::new("staff").signs("花子", None, 2099);
    let ended = desk.authority.signs("花子", None, 2020);
    for wrong in [&stranger, &ended] {
        let answer = desk.get(Some(wrong), "");
        assert!(answer.as_ref().map_or(true, String::is_empty), "no page for them: {answer:?}");
    }
    let mut clear = TcpStream::connect(&desk.address).unwrap();
    clear.write_all(b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    drop(clear.read_to_end(&mut answer));
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1"), "nothing is said in clear");
}

#[test]
fn a_file_that_is_no_certificate_is_named() {
    let desk = Desk::open();
    fs::write(desk.root.path().join("staff.pem"), "nothing").unwrap();
    let serve = uketsuke(desk.root.path(), &["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&serve.stderr).into_owned();
    assert!(!serve.status.success() && said.contains("staff.pem") && said.contains("[console.tls]"), "{said}");
}

/// What `doctor` says of the console's certificate on a day, as grade and words.
fn told(root: &std::path::Path, day: &str) -> Vec<(String, String)> {
    let words = ["doctor", "--json", "--now", &format!("{day}T10:00:00+09:00")];
    let output = uketsuke(root, &words).stdout(std::process::Stdio::piped()).output().unwrap();
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let looks = found["looks"].as_array().unwrap().iter().filter(|look| look["about"] == "tls");
    looks.map(|look| (look["grade"].as_str().unwrap().to_owned(), format!("{} {}", look["place"], look["what"]))).collect()
}

#[test]
fn the_doctor_looks_at_the_certificates_and_the_key() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    let authority = Authority::new("staff");
    let pair = authority.signs("console", None, 2027);
    fs::write(path("console.pem"), &pair.pem).unwrap();
    fs::write(path("console.key"), pair.key.serialize_pem()).unwrap();
    fs::set_permissions(path("console.key"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(uketsuke(root.path(), &["init", "-q"]).status().unwrap().success());
    let settings = fs::read_to_string(path("uketsuke.toml")).unwrap();
    fs::write(path("uketsuke.toml"), format!("{settings}\n[console.tls]\ncertificate = \"console.pem\"\nkey = \"console.key\"\n")).unwrap();
    let grades = |day: &str| told(root.path(), day).into_iter().map(|(grade, _)| grade).collect::<Vec<_>>();
    assert_eq!(
        (grades("2026-04-08"), grades("2026-12-20"), grades("2027-01-04")),
        (vec!["sound".into()], vec!["note".into()], vec!["fault".into()])
    );
    fs::set_permissions(path("console.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(told(root.path(), "2026-04-08").iter().any(|(grade, what)| grade == "note" && what.contains("console.key")));
    // Another key than the certificate's, and a file that is none.
    for (name, text) in [("console.key", KeyPair::generate().unwrap().serialize_pem()), ("console.pem", "no certificate".to_owned())] {
        fs::write(path(name), text).unwrap();
        let all = told(root.path(), "2026-04-08");
        assert!(matches!(all.as_slice(), [(grade, _)] if grade == "fault"), "{name}: {all:?}");
    }
}
