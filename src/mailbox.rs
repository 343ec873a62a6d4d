//! The mailbox: mails fetched from the house's own server over IMAP.
//!
//! Owns the conversation: TLS, log-in, the folder, one mail at a time, each step with an end. Never moves or removes a mail, and
//! marks one only where the settings say so. Never knows the ledger; what the server's numbers are worth is the desk's business.

use crate::config::{ImapSettings, Mark, Tls};
use crate::fault::Fault;
use async_imap::error::{Error, Result as Answer};
use async_imap::types::Fetch;
use async_imap::{Client, Session};
use futures_util::TryStreamExt;
use regex::Regex;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsConnector;

/// How long one step of the conversation may take; a large mail over a slow line is one.
const PATIENCE: Duration = Duration::from_secs(120);
/// Mails that one question asks about.
const AT_ONCE: usize = 500;
/// Characters of an answer that are kept.
const LONGEST_ANSWER: usize = 300;

/// A connection, in clear or through TLS.
trait Line: AsyncRead + AsyncWrite + Unpin + Debug + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Debug + Send> Line for T {}

/// A folder of a mailbox, open.
pub struct Mailbox {
    runtime: Runtime,
    session: Session<Box<dyn Line>>,
    validity: u32,
    name: String,
    discreet: Discreet,
    since: Option<jiff::civil::Date>,
}

/// Its name: where it lies and whose it is. Nothing that is logged says it.
pub fn name(settings: &ImapSettings) -> String {
    format!("imap://{}@{}:{}/{}", settings.user, settings.host, settings.port, settings.folder)
}

/// How faults and logs speak of it: where it lies, and never whose it is, for users are persons.
struct Discreet {
    place: String,
    user: String,
}

impl Discreet {
    fn of(settings: &ImapSettings) -> Self {
        let place = format!("imap://{}:{}/{}", settings.host, settings.port, settings.folder);
        Discreet { place, user: settings.user.clone() }
    }

    fn fault(&self, what: &dyn Display) -> Fault {
        let what = what.to_string();
        // Servers say the user's name in their answers.
        let user = Regex::new(&format!(r"(?i)\b{}\b", regex::escape(&self.user))).ok().filter(|_| !self.user.is_empty());
        let what = user.map_or_else(|| what.clone(), |user| user.replace_all(&what, "USER").into_owned());
        Fault::transient(&self.place, what, "check [imap] and the server; the next run tries again")
    }
}

/// A mail of the mailbox.
pub struct Fetched {
    pub bytes: Vec<u8>,
    /// When the server got it, in seconds since 1970.
    pub came: Option<i64>,
}

impl Mailbox {
    /// Opens the folder that the settings name; for reading alone where nothing is to be marked.
    pub fn open(settings: &ImapSettings) -> Result<Self, Fault> {
        let discreet = Discreet::of(settings);
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| discreet.fault(&error))?;
        let (password, tls) = (settings.password()?, connector(settings)?);
        let (session, validity) = within(&runtime, &discreet, enter(settings, &password, tls))?;
        // Without it the numbers mean nothing from one day to the next.
        let validity = validity.ok_or_else(|| discreet.fault(&"the server gives no UIDVALIDITY"))?;
        Ok(Mailbox { runtime, session, validity, name: name(settings), discreet, since: settings.since })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it lies, for faults and logs.
    pub fn place(&self) -> &str {
        &self.discreet.place
    }

    /// UIDVALIDITY: the numbers count as long as it stays the same.
    pub fn validity(&self) -> u32 {
        self.validity
    }

    /// The mails that lie there and came since the day of the settings, by their UIDs.
    pub fn uids(&mut self) -> Result<BTreeSet<u32>, Fault> {
        let query = self.since.map_or_else(|| "ALL".to_owned(), |day| format!("SINCE {}", day.strftime("%-d-%b-%Y")));
        let found = within(&self.runtime, &self.discreet, self.session.uid_search(query))?;
        Ok(found.into_iter().collect())
    }

    /// Their sizes in bytes. One that is gone meanwhile is missing.
    pub fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, u64)>, Fault> {
        let mut sizes = Vec::new();
        for some in uids.chunks(AT_ONCE) {
            let ask = async {
                let answers: Vec<_> = self.session.uid_fetch(set(some), "(UID RFC822.SIZE)").await?.try_collect().await?;
                Ok(answers.iter().filter_map(|mail| Some((mail.uid?, u64::from(mail.size?)))).collect::<Vec<_>>())
            };
            sizes.extend(within(&self.runtime, &self.discreet, ask)?);
        }
        Ok(sizes)
    }

    /// A mail as it came, without a trace in the mailbox; `None` where it is gone.
    pub fn mail(&mut self, uid: u32) -> Result<Option<Fetched>, Fault> {
        let ask = async {
            let answers: Vec<_> = self.session.uid_fetch(uid.to_string(), "(UID INTERNALDATE BODY.PEEK[])").await?.try_collect().await?;
            let asked = answers.iter().find(|mail| mail.uid == Some(uid));
            let came = |mail: &Fetch| mail.internal_date().map(|date| date.timestamp());
            Ok(asked.and_then(|mail| Some(Fetched { bytes: mail.body()?.to_vec(), came: came(mail) })))
        };
        within(&self.runtime, &self.discreet, ask)
    }

    /// Marks mails as read.
    pub fn mark_seen(&mut self, uids: &[u32]) -> Result<(), Fault> {
        for some in uids.chunks(AT_ONCE) {
            let ask = async {
                let answers = self.session.uid_store(set(some), "+FLAGS.SILENT (\\Seen)").await?;
                answers.try_for_each(|_| async { Ok(()) }).await
            };
            within(&self.runtime, &self.discreet, ask)?;
        }
        Ok(())
    }

    /// Takes leave. What the server says to that matters no more.
    pub fn close(mut self) {
        if let Err(fault) = within(&self.runtime, &self.discreet, self.session.logout()) {
            tracing::debug!(%fault, "the mailbox was not closed");
        }
    }
}

/// 3,5,9
fn set(uids: &[u32]) -> String {
    uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

fn within<T>(runtime: &Runtime, discreet: &Discreet, step: impl Future<Output = Answer<T>>) -> Result<T, Fault> {
    match runtime.block_on(async { tokio::time::timeout(PATIENCE, step).await }) {
        Ok(answer) => answer.map_err(|error| discreet.fault(&said(&error))),
        Err(_) => Err(discreet.fault(&format!("no answer within {} seconds", PATIENCE.as_secs()))),
    }
}

/// What went wrong, without what mails say.
fn said(error: &Error) -> String {
    let words = match error {
        Error::Parse(_) => "the server's answer is not understood".to_owned(),
        other => other.to_string(),
    };
    words.chars().filter(|c| !c.is_control()).take(LONGEST_ANSWER).collect()
}

async fn enter(settings: &ImapSettings, password: &str, tls: TlsConnector) -> Answer<(Session<Box<dyn Line>>, Option<u32>)> {
    let tcp = TcpStream::connect((settings.host.as_str(), settings.port)).await?;
    let server = ServerName::try_from(settings.host.clone()).map_err(std::io::Error::other)?;
    let client = match settings.tls {
        Tls::Implicit => greeted(Box::new(tls.connect(server, tcp).await?)).await?,
        Tls::None => greeted(Box::new(tcp)).await?,
        Tls::Starttls => {
            let mut clear = greeted(Box::new(tcp)).await?;
            clear.run_command_and_check_ok("STARTTLS", None).await?;
            // What came in clear behind the answer is dropped with the client.
            let line: Box<dyn Line> = Box::new(tls.connect(server, clear.into_inner()).await?);
            Client::new(line)
        }
    };
    let mut session = client.login(&settings.user, password).await.map_err(|(error, _)| error)?;
    let folder = utf7_imap::encode_utf7_imap(settings.folder.clone());
    let folder = match settings.mark {
        Mark::Nothing => session.examine(folder).await?,
        Mark::Seen => session.select(folder).await?,
    };
    Ok((session, folder.uid_validity))
}

/// A client whose server has spoken first, as it should.
async fn greeted(line: Box<dyn Line>) -> Answer<Client<Box<dyn Line>>> {
    let mut client = Client::new(line);
    client.read_response().await?.ok_or(Error::ConnectionLost)?;
    Ok(client)
}

/// TLS with the authorities of this machine, and the house's own where it is named.
fn connector(settings: &ImapSettings) -> Result<TlsConnector, Fault> {
    let fault = |what: &dyn std::fmt::Display| Fault::lasting(format!("[imap] {}", settings.host), what, "check ca_file of [imap]");
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &settings.ca_file {
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(&error))? {
            roots.add(certificate.map_err(|error| fault(&error))?).map_err(|error| fault(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|error| fault(&error))?;
    Ok(TlsConnector::from(Arc::new(versions.with_root_certificates(roots).with_no_client_auth())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_where_a_mailbox_lies_and_not_whose_it_is() {
        let settings = ImapSettings {
            host: "mail.example.jp".into(),
            user: "taro@example.jp".into(),
            folder: "INBOX".into(),
            ..ImapSettings::default()
        };
        assert!(name(&settings).contains("taro"), "two mailboxes of one server are two");
        let fault = Discreet::of(&settings).fault(&"[AUTHENTICATIONFAILED] Taro@example.jp is not known");
        let said = format!("{fault} {fault:?}");
        assert!(
            said.contains("mail.example.jp")
                && said.contains("INBOX")
                && said.contains("is not known")
                && !said.to_lowercase().contains("taro"),
            "{said}"
        );
        let nobody = Discreet::of(&ImapSettings::default()).fault(&"no answer");
        assert_eq!(nobody.what, "no answer");
    }
}
