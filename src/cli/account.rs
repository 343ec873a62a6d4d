//! `account`: who may use the console.

use crate::cli::REFUSED;
use crate::cli::common::{Done, Options};
use crate::fault::Fault;
use crate::files::{self, Mode};
use crate::store::{Account, Ledger};
use crate::web::passwords;
use crate::web::roles::Role;
use serde_json::{Value as Json, json};
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

/// Characters of a name.
const LONGEST_NAME: usize = 60;

#[derive(clap::Subcommand)]
pub enum Verb {
    /// Makes an account; its password is read from standard input or from a file.
    Add {
        /// The name that stands beside everything this person does.
        name: String,
        /// clerk (受付担当), engineer (技術担当), manager (管理者) or auditor (監査).
        #[arg(long)]
        role: Role,
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// All accounts.
    List,
    /// Gives an account a new password.
    Passwd {
        name: String,
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Gives an account another role.
    Role { name: String, role: Role },
    /// Nobody logs in with it any more; what was done with it stays.
    Disable { name: String },
    /// It may be used again.
    Enable { name: String },
}

pub fn run(options: &Options, verb: &Verb) -> Done {
    act(options, verb).map_err(|fault| vec![fault])
}

fn act(options: &Options, verb: &Verb) -> Result<ExitCode, Fault> {
    let config = options.resolve().map_err(|mut faults| faults.remove(0))?;
    // An account on a desk that nobody has would be missed where the desk is.
    if config.settings.is_none() && !config.state.exists() {
        let hint = "`cd` to the folder that `uketsuke init` made, or name its settings with --config";
        return Err(Fault::lasting(config.state.display(), "there is no desk here: no uketsuke.toml and no state", hint));
    }
    files::make_folder(&config.state, Mode::Private)?;
    let mut ledger = Ledger::open(&config.state)?;
    match verb {
        Verb::List => list(options, &ledger.accounts()?),
        Verb::Add { name, role, password_file } => {
            check_name(name)?;
            let secret = passwords::hash(&password(password_file.as_ref())?)?;
            let account = Account { name: name.clone(), role: role.to_string(), secret, disabled: false };
            if !ledger.add_account(&account, options.now())? {
                eprintln!("error: there is an account {name:?} already (see `uketsuke account list`)");
                return Ok(ExitCode::from(REFUSED));
            }
        }
        Verb::Passwd { name, password_file } => {
            let secret = passwords::hash(&password(password_file.as_ref())?)?;
            change(&mut ledger, name, |account| account.secret = secret)?
        }
        Verb::Role { name, role } => change(&mut ledger, name, |account| account.role = role.to_string())?,
        Verb::Disable { name } => change(&mut ledger, name, |account| account.disabled = true)?,
        Verb::Enable { name } => change(&mut ledger, name, |account| account.disabled = false)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn change(ledger: &mut Ledger, name: &str, change: impl FnOnce(&mut Account)) -> Result<(), Fault> {
    let unknown = || Fault::lasting(name, "there is no such account", "see `uketsuke account list`");
    let mut account = ledger.account(name)?.ok_or_else(unknown)?;
    change(&mut account);
    ledger.change_account(&account)?.then_some(()).ok_or_else(unknown)
}

fn check_name(name: &str) -> Result<(), Fault> {
    let is_plain = !name.trim().is_empty() && name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control);
    if is_plain && name != crate::pipeline::PROGRAM {
        return Ok(());
    }
    Err(Fault::lasting("NAME", format!("{name:?} is no name for a person"), format!("give one of at most {LONGEST_NAME} characters")))
}

/// A password is never an argument: other people see those.
fn password(file: Option<&PathBuf>) -> Result<String, Fault> {
    let line = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|error| Fault::io(path, &error))?,
        None => {
            let input = std::io::stdin();
            if input.is_terminal() {
                eprintln!("password (it shows while you type; end with Enter):");
            }
            let mut line = String::new();
            input.lock().read_line(&mut line).map_err(|error| Fault::io(std::path::Path::new("standard input"), &error))?;
            line
        }
    };
    Ok(line.lines().next().unwrap_or_default().to_owned())
}

fn list(options: &Options, accounts: &[Account]) {
    if options.json {
        let one = |account: &Account| json!({ "name": account.name, "role": account.role, "disabled": account.disabled });
        println!("{}", accounts.iter().map(one).collect::<Json>());
        return;
    }
    for account in accounts {
        println!("{:9}  {}{}", account.role, account.name, if account.disabled { "  (disabled)" } else { "" });
    }
}
