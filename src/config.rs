//! Settings: defaults, then `uketsuke.toml`, then `UKETSUKE_*`, then options. Parsed once, resolved once.

mod desk;
mod place;
mod readers;
mod servers;

pub use desk::refuse_unknown_variables;
pub use readers::ReaderSettings;
pub use servers::{ImapSettings, Mark, SmtpSettings, Tls};

use crate::fault::Fault;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The desk: whose it is and how it works.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeskSettings {
    /// 一般送配電事業者名, as applicants must address it.
    pub tso: String,
    /// Code of the own area.
    pub area: String,
    /// Prefix of case numbers.
    pub prefix: String,
    /// 様式の版 in force.
    pub edition: String,
    /// Day from which that edition is asked for.
    pub edition_since: jiff::civil::Date,
    /// The edition before it, taken for three more months.
    pub previous_edition: Option<String>,
    /// 部署, as letters name it.
    pub department: String,
    /// 受付担当, as letters and pages name it.
    pub section: String,
    pub address: String,
    pub phone: String,
    pub hours: String,
    /// The shared address that letters come from.
    pub email: String,
    /// Arrivals after this hour count as the next business day's.
    pub cut_off_hour: i8,
    /// `local`: MMSコード and user IDs are issued here. `mms`: they come in a file that the desk takes out of MMS and drops.
    pub credentials: CredentialSource,
    /// `local`: client certificates are made here. `mms`: MMS makes them; what letters say of them stands in the same file,
    /// and without it they say 別途通知.
    pub certificates: CredentialSource,
    /// Highest 需要家リスト・パターン番号.
    pub max_patterns: u32,
    /// Kinds of letters that are drafts until a person releases them, such as `approval_notice`.
    pub drafts: BTreeSet<String>,
    /// Areas in which companies, by 法人番号, have applied to other operators, as these told (※1, A-013).
    pub applied_elsewhere: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialSource {
    Local,
    Mms,
}

/// The shipped default is the sample desk.
impl Default for DeskSettings {
    fn default() -> Self {
        DeskSettings {
            tso: "東北例示送配電株式会社".into(),
            area: "02".into(),
            prefix: "TH".into(),
            edition: "2026年4月版".into(),
            edition_since: jiff::civil::date(2026, 4, 1),
            previous_edition: Some("2025年4月版".into()),
            department: "系統運用部 需給調整グループ".into(),
            section: "需給調整市場システム受付担当".into(),
            address: "宮城県仙台市青葉区例示一丁目1番1号".into(),
            phone: "022-000-0000".into(),
            hours: "9:00～17:00（土日祝・年末年始を除く）".into(),
            email: "mms-uketsuke@tso.example.jp".into(),
            cut_off_hour: 17,
            credentials: CredentialSource::Local,
            certificates: CredentialSource::Local,
            max_patterns: 20,
            drafts: BTreeSet::new(),
            applied_elsewhere: BTreeMap::new(),
        }
    }
}

/// The desk's window: the web console.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleSettings {
    /// Address and port. Other machines reach it by TLS, its own or that of a proxy.
    pub listen: SocketAddr,
    /// TLS of its own.
    pub tls: Option<TlsSettings>,
    /// The address of that proxy, the only one from which its header is believed.
    pub proxy: Option<IpAddr>,
    /// The header in which the proxy names the account of whoever it let in; without it everybody logs in here.
    pub proxy_header: Option<String>,
    /// Who approves or releases is not the one who worked on the case last.
    pub four_eyes: bool,
    /// A session ends after so long without a click, and after so long in any case.
    #[serde(deserialize_with = "length")]
    pub idle: Duration,
    #[serde(deserialize_with = "length")]
    pub longest: Duration,
}

/// Files in PEM with which the console speaks TLS.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// Its certificate, with those between it and its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Authorities whose client certificates name an account and stand for its password.
    pub client_authority: Option<PathBuf>,
}

impl ConsoleSettings {
    /// Passwords and personal data do not go over a network in clear.
    pub fn check(&self) -> Result<(), Fault> {
        if !self.listen.ip().is_loopback() && self.proxy.is_none() && self.tls.is_none() {
            return Err(Fault::lasting(
                self.listen,
                "other machines could reach the console in clear",
                "listen on 127.0.0.1, or set [console.tls], or [console] proxy to the address of a proxy that speaks TLS",
            ));
        }
        match (&self.proxy_header, self.proxy) {
            (Some(header), None) => Err(Fault::lasting(
                "[console] proxy_header",
                format!("{header} would be believed from anywhere"),
                "set [console] proxy, too",
            )),
            _ => Ok(()),
        }
    }
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        ConsoleSettings {
            listen: SocketAddr::from(([127, 0, 0, 1], 8642)),
            tls: None,
            proxy: None,
            proxy_header: None,
            four_eyes: false,
            idle: Duration::from_secs(30 * 60),
            longest: Duration::from_secs(12 * 60 * 60),
        }
    }
}

/// How the inbox is watched. Lengths of time are written like `"3s"`, `"500ms"`, `"10m"`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchSettings {
    /// A file must stand still this long before it is taken.
    #[serde(deserialize_with = "length")]
    pub quiet: Duration,
    /// The same for formats that show no end: text, mails, pictures of many pages.
    #[serde(deserialize_with = "length")]
    pub quiet_without_end: Duration,
    /// A quiet file without its end is waited for this long, then taken as it is. A file that cannot be read is kept
    /// in the inbox this long.
    #[serde(deserialize_with = "length")]
    pub patience: Duration,
    /// The inbox is looked at this often though no event came.
    #[serde(deserialize_with = "length")]
    pub rescan: Duration,
    /// The same where events do not come.
    #[serde(deserialize_with = "length")]
    pub poll: Duration,
    pub way: WatchWay,
    /// A mail with a locked archive is kept back so long for the password, which mostly comes in the next mail.
    #[serde(deserialize_with = "length")]
    pub password_wait: Duration,
}

/// Whether events of the file system are listened to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchWay {
    /// Where the file system is known to make them, and a test at the start found that they come.
    Auto,
    Events,
    Poll,
}

impl Default for WatchSettings {
    fn default() -> Self {
        WatchSettings {
            quiet: Duration::from_secs(3),
            quiet_without_end: Duration::from_secs(15),
            patience: Duration::from_secs(600),
            rescan: Duration::from_secs(60),
            poll: Duration::from_secs(5),
            way: WatchWay::Auto,
            password_wait: Duration::from_secs(30 * 60),
        }
    }
}

/// The longest setting that makes sense: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// Nothing is done more often than this.
const SHORTEST: Duration = Duration::from_millis(10);

fn length<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let written = String::deserialize(deserializer)?;
    let length = written.parse::<jiff::SignedDuration>().ok().and_then(|length| Duration::try_from(length).ok());
    length.filter(|length| (SHORTEST..=LONGEST).contains(length)).ok_or_else(|| {
        let what = "is no length of time between 10 milliseconds and one day, such as \"3s\" or \"10m\"";
        serde::de::Error::custom(format!("{written:?} {what}"))
    })
}

/// The settings file, and the same names as `UKETSUKE_*`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    inbox: Option<PathBuf>,
    outbox: Option<PathBuf>,
    state: Option<PathBuf>,
    templates: Option<PathBuf>,
    sealing_key: Option<PathBuf>,
    jobs: Option<usize>,
    readers: ReaderSettings,
    desk: DeskSettings,
    watch: WatchSettings,
    console: ConsoleSettings,
    smtp: Option<SmtpSettings>,
    imap: Option<ImapSettings>,
    mail: Vec<PathBuf>,
}

impl File {
    /// Relative paths of a settings file begin at its folder, wherever the program is called.
    fn beside(mut self, folder: &Path) -> File {
        for (path, default) in [(&mut self.inbox, "inbox"), (&mut self.outbox, "outbox"), (&mut self.state, "state")] {
            *path = Some(folder.join(path.as_deref().unwrap_or(Path::new(default))));
        }
        let tls =
            self.console.tls.iter_mut().flat_map(|tls| [Some(&mut tls.certificate), Some(&mut tls.key), tls.client_authority.as_mut()]);
        let smtp = self.smtp.iter_mut().flat_map(|smtp| [smtp.ca_file.as_mut(), smtp.password_file.as_mut(), smtp.stop_file.as_mut()]);
        let imap = self.imap.iter_mut().flat_map(|imap| [imap.ca_file.as_mut(), imap.password_file.as_mut()]);
        let own = [self.templates.as_mut(), self.sealing_key.as_mut()].into_iter();
        for path in own.chain(tls).chain(smtp).chain(imap).flatten().chain(&mut self.mail) {
            *path = folder.join(&path);
        }
        self
    }
}

/// What the command line says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    pub config: Option<PathBuf>,
    pub inbox: Option<PathBuf>,
    pub outbox: Option<PathBuf>,
    pub state: Option<PathBuf>,
    pub jobs: Option<usize>,
}

/// Settings as they are used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The file that they stand in; `None` where there is none, and all is the sample desk's.
    pub settings: Option<PathBuf>,
    pub inbox: PathBuf,
    pub outbox: PathBuf,
    pub state: PathBuf,
    /// A folder of the administrator's own templates, instead of the shipped ones.
    pub templates: Option<PathBuf>,
    /// The key that seals the authority's key and secret letters; best on another disk than the state.
    pub sealing_key: PathBuf,
    /// Documents digested at a time; all cores when not given.
    pub jobs: Option<usize>,
    pub readers: ReaderSettings,
    pub desk: DeskSettings,
    pub watch: WatchSettings,
    pub console: ConsoleSettings,
    /// `None` where staff send the mails.
    pub smtp: Option<SmtpSettings>,
    /// `None` where no mailbox is looked into.
    pub imap: Option<ImapSettings>,
    /// Mail files, mbox and Maildir folders that lie elsewhere; they are read and never moved.
    pub mail: Vec<PathBuf>,
}

const DEFAULT_FILE: &str = "uketsuke.toml";
/// By it a state is known, whoever opens it.
pub const LEDGER: &str = "ledger.sqlite";

impl Config {
    /// Resolves the layers. `environment` looks a variable up, so that tests need no process environment.
    pub fn resolve(over: &Overrides, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Fault> {
        let named = over.config.clone().or_else(|| environment("UKETSUKE_CONFIG").map(PathBuf::from));
        let settings = named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()));
        let file = settings.as_deref().map_or_else(|| Ok(File::default()), load)?;
        let folder = |option: &Option<PathBuf>, variable: &str, setting: Option<PathBuf>, default: &str| {
            option.clone().or_else(|| environment(variable).map(PathBuf::from)).or(setting).unwrap_or_else(|| PathBuf::from(default))
        };
        let jobs = match environment("UKETSUKE_JOBS") {
            Some(text) => Some(
                text.parse()
                    .map_err(|_| Fault::lasting("UKETSUKE_JOBS", format!("{text:?} is no number"), "give a whole number such as 2"))?,
            ),
            None => None,
        };
        let state = folder(&over.state, "UKETSUKE_STATE", file.state, "state");
        let config = Config {
            settings,
            inbox: folder(&over.inbox, "UKETSUKE_INBOX", file.inbox, "inbox"),
            outbox: folder(&over.outbox, "UKETSUKE_OUTBOX", file.outbox, "outbox"),
            sealing_key: folder(&None, "UKETSUKE_SEALING_KEY", file.sealing_key, &state.join("sealing.key").to_string_lossy()),
            state,
            templates: environment("UKETSUKE_TEMPLATES").map(PathBuf::from).or(file.templates),
            jobs: over.jobs.or(jobs).or(file.jobs),
            readers: file.readers,
            desk: file.desk,
            watch: file.watch,
            console: file.console,
            smtp: file.smtp,
            imap: file.imap,
            mail: file.mail,
        };
        config.refuse_leaving_behind()?;
        config.refuse_nesting()?;
        let checks = [
            config.desk.check(),
            config.readers.check(),
            config.smtp.as_ref().map_or(Ok(()), SmtpSettings::check),
            config.imap.as_ref().map_or(Ok(()), ImapSettings::check),
        ];
        checks.into_iter().collect::<Result<(), Fault>>().map_err(|fault| config.placed(fault))?;
        Ok(config)
    }

    /// A fault of a setting, told as `[table] key`, with the file and the line where it stands.
    pub fn placed(&self, fault: Fault) -> Fault {
        let Some(path) = self.settings.as_deref().filter(|_| fault.place.starts_with('[')) else { return fault };
        let text = std::fs::read_to_string(path).unwrap_or_default();
        Fault { place: place::in_file(path, &text, &fault.place), ..fault }
    }

    /// Once relative folders began where the program was called: a desk of that time would be followed by an empty one, unseen.
    fn refuse_leaving_behind(&self) -> Result<(), Fault> {
        let folder = self.settings.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        let Some(here) = folder.and_then(|folder| self.state.strip_prefix(folder).ok()) else { return Ok(()) };
        if self.state.join(LEDGER).exists() || !here.join(LEDGER).exists() || here == self.state {
            return Ok(());
        }
        let hint = "write the whole path of the state (and of inbox and outbox) into the settings, or move these folders beside the file";
        let what = format!("there is a ledger in {} here, and none there: relative folders begin at the settings file", here.display());
        Err(Fault::lasting(self.state.display(), what, hint))
    }

    /// A folder inside another would feed the program its own output.
    fn refuse_nesting(&self) -> Result<(), Fault> {
        let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folders = [("inbox", full(&self.inbox)), ("outbox", full(&self.outbox)), ("state", full(&self.state))];
        for (name, folder) in &folders {
            for (other, outer) in &folders {
                if name != other && folder.starts_with(outer) {
                    return Err(Fault::lasting(
                        folder.display(),
                        format!("the {name} lies in the {other}"),
                        "give inbox, outbox and state folders of their own",
                    ));
                }
            }
        }
        Ok(())
    }
}

fn load(path: &Path) -> Result<File, Fault> {
    let text = std::fs::read_to_string(path).map_err(|error| Fault::io(path, &error))?;
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        Fault::lasting(
            format!("{}:{line}", path.display()),
            error.message(),
            "docs/administration.md and the file that `uketsuke init` writes name the settings",
        )
    })?;
    Ok(match path.parent() {
        Some(folder) if folder != Path::new(".") => file.beside(folder),
        _ => file,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, over: Overrides, variables: &[(&str, &str)]) -> Result<Config, Fault> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("uketsuke.toml");
        std::fs::write(&path, text).unwrap();
        let over = Overrides { config: Some(path), ..over };
        Config::resolve(&over, &|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn options_win_over_the_environment_and_that_over_the_file() {
        let text = "inbox = \"a\"\noutbox = \"b\"\nstate = \"c\"\n";
        let over = Overrides { state: Some("z".into()), ..Overrides::default() };
        let config = with(text, over, &[("UKETSUKE_OUTBOX", "y"), ("UKETSUKE_STATE", "x")]).unwrap();
        assert_eq!((config.outbox, config.state), ("y".into(), "z".into()));
        assert!(config.inbox.ends_with("a"));
    }

    #[test]
    fn relative_paths_of_a_file_begin_at_its_folder_and_those_of_the_command_line_where_it_is_typed() {
        let text = "outbox = \"b\"\ntemplates = \"t\"\nmail = [\"m\", \"/var/mail/x\"]\n[console.tls]\ncertificate = \"c.pem\"\nkey = \"/k\"\n\
            [imap]\nhost = \"h\"\nuser = \"u\"\npassword_file = \"p\"\n";
        let config = with(text, Overrides::default(), &[("UKETSUKE_SEALING_KEY", "key")]).unwrap();
        let folder = config.settings.as_deref().and_then(Path::parent).unwrap();
        let tls = config.console.tls.as_ref().unwrap();
        let beside = [
            (&config.inbox, "inbox"),
            (&config.outbox, "b"),
            (&config.state, "state"),
            (config.templates.as_ref().unwrap(), "t"),
            (&config.mail[0], "m"),
            (&tls.certificate, "c.pem"),
            (config.imap.as_ref().unwrap().password_file.as_ref().unwrap(), "p"),
        ];
        beside.into_iter().for_each(|(path, name)| assert_eq!(*path, folder.join(name)));
        assert_eq!((&config.sealing_key, &config.mail[1], &tls.key), (&"key".into(), &"/var/mail/x".into(), &"/k".into()));
        let without = Config::resolve(&Overrides::default(), &|_| None).unwrap();
        assert_eq!((without.settings, without.inbox, without.state), (None, "inbox".into(), "state".into()));
    }

    #[test]
    fn a_misspelt_setting_is_an_error_with_its_line() {
        let fault = with("inbox = \"a\"\ninbokkusu = \"b\"\n", Overrides::default(), &[]).unwrap_err();
        assert!(fault.place.ends_with("uketsuke.toml:2") || fault.place.ends_with("uketsuke.toml:1"), "{fault}");
        assert!(fault.what.contains("inbokkusu"), "{fault}");
    }

    #[test]
    fn lengths_of_time_are_written_as_people_write_them() {
        let watch = with("[watch]\nquiet = \"500ms\"\npatience = \"10m\"\nway = \"poll\"\n", Overrides::default(), &[]).unwrap().watch;
        assert_eq!((watch.quiet, watch.patience, watch.way), (Duration::from_millis(500), Duration::from_secs(600), WatchWay::Poll));
        assert_eq!(watch.rescan, WatchSettings::default().rescan);
        for wrong in ["quiet = \"-1s\"", "quiet = \"2d\"", "quiet = 5", "quiet = \"0s\"", "quite = \"1s\""] {
            assert!(with(&format!("[watch]\n{wrong}\n"), Overrides::default(), &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_library_is_named_by_its_whole_path_and_to_a_program_that_takes_one() {
        let fault = |library: &str| with(&format!("[readers]\nonnxruntime = \"{library}\"\n"), Overrides::default(), &[]).err();
        assert!(fault("libonnxruntime.so").is_some());
        assert_eq!(fault("/usr/lib/libonnxruntime.so").is_none(), cfg!(feature = "onnxruntime"));
    }

    #[test]
    fn an_outbox_inside_the_inbox_is_refused() {
        let fault = with("inbox = \"a\"\noutbox = \"a/out\"\n", Overrides::default(), &[]).unwrap_err();
        assert!(fault.what.contains("the outbox lies in the inbox"), "{fault}");
    }
}
