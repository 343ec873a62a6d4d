//! `init`: a folder ready for a desk, with a settings file that explains itself.

use crate::cli::common::{Done, Options};
use crate::fault::Fault;
use crate::files::{self, Mode};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Every setting with its default, commented out.
const SETTINGS: &str = include_str!("uketsuke.toml");

#[derive(clap::Args)]
pub struct Arguments {
    /// Where: the current folder when not given.
    #[arg(default_value = ".")]
    dir: PathBuf,
}

pub fn run(options: &Options, arguments: &Arguments) -> Done {
    let dir = &arguments.dir;
    let settings = dir.join("uketsuke.toml");
    if settings.symlink_metadata().is_ok() {
        return Err(vec![Fault::lasting(settings.display(), "is there already", "edit it, or name another folder")]);
    }
    let make = || -> Result<(), Fault> {
        files::make_folder(dir, Mode::Shared)?;
        files::make_folder(&dir.join("inbox"), Mode::Shared)?;
        files::make_folder(&dir.join("outbox"), Mode::Shared)?;
        files::make_folder(&dir.join("state"), Mode::Private)?;
        files::write_whole(&settings, SETTINGS.as_bytes(), Mode::Shared)
    };
    make().map_err(|fault| vec![fault])?;
    if options.json {
        let folders = ["inbox", "outbox", "state"].map(|name| dir.join(name));
        println!("{}", json!({ "settings": settings, "folders": folders }));
    } else if !options.quiet {
        println!("made {} and the folders inbox, outbox and state beside it", settings.display());
        let there = if dir == Path::new(".") { String::new() } else { format!("`cd {}`, ", dir.display()) };
        println!("next: {there}fill in [desk], then `uketsuke doctor`, and drop files into the inbox and call `uketsuke run`");
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Overrides};

    fn resolved(folder: &Path, text: &str) -> Result<Config, Fault> {
        let path = folder.join("uketsuke.toml");
        std::fs::write(&path, text).unwrap();
        Config::resolve(&Overrides { config: Some(path), ..Overrides::default() }, &|_| None)
    }

    /// Lines `# key = value` and `# [table]` without their sign; sentences stay comments.
    fn taken_in(text: &str) -> String {
        let is_setting = |line: &str| line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        let line = |line: &str| match line.strip_prefix("# ").filter(|rest| is_setting(rest)) {
            Some(rest) => rest.to_owned(),
            None => line.to_owned(),
        };
        text.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_is_commented_out_is_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let resolved = |text: &str| resolved(folder.path(), text);
        let default = resolved("").unwrap();
        assert_eq!(resolved(SETTINGS).unwrap(), default);
        let all = taken_in(SETTINGS);
        assert_eq!(resolved(&all).unwrap_or_else(|fault| panic!("{fault}\n{all}")), default);
        assert!(all.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count() > 25, "{all}");
    }
}
