//! The ledger on who may use the console.

use crate::domain::date::Moment;
use crate::fault::Fault;
use crate::store::Ledger;
use rusqlite::{OptionalExtension, Row, params};

/// An account of the console.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub role: String,
    /// A PHC string of Argon2id; never shown.
    pub secret: String,
    pub disabled: bool,
}

impl Ledger {
    /// All accounts, by name.
    pub fn accounts(&self) -> Result<Vec<Account>, Fault> {
        self.run(|connection| {
            connection.prepare("SELECT name, role, secret, disabled FROM account ORDER BY name")?.query_map([], account)?.collect()
        })
    }

    pub fn account(&self, name: &str) -> Result<Option<Account>, Fault> {
        self.run(|connection| {
            connection.query_row("SELECT name, role, secret, disabled FROM account WHERE name = ?1", [name], account).optional()
        })
    }

    /// Makes an account; `false` where one of that name is there.
    pub fn add_account(&mut self, account: &Account, made: Moment) -> Result<bool, Fault> {
        self.write(|connection| {
            let made = connection.execute(
                "INSERT INTO account (name, role, secret, disabled, made) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO NOTHING",
                params![account.name, account.role, account.secret, account.disabled, made.to_string()],
            )?;
            Ok(made == 1)
        })
    }

    /// Gives an account another role, password or standing; `false` where there is none of that name.
    pub fn change_account(&mut self, account: &Account) -> Result<bool, Fault> {
        self.write(|connection| {
            let changed = connection.execute(
                "UPDATE account SET role = ?2, secret = ?3, disabled = ?4 WHERE name = ?1",
                params![account.name, account.role, account.secret, account.disabled],
            )?;
            Ok(changed == 1)
        })
    }
}

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account { name: row.get(0)?, role: row.get(1)?, secret: row.get(2)?, disabled: row.get(3)? })
}
