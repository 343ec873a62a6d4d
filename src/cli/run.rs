//! `run`: the nightly run.

use crate::cli::common::{self, Done, MailSources, Options};
use crate::cli::progress::Bar;
use crate::cli::{BUSY, FAILED, WAITS};
use crate::config::Config;
use crate::desk::{self, Desk, Opened, Report};
use serde_json::json;
use std::process::ExitCode;

pub fn run(options: &Options, sources: &MailSources) -> Done {
    let config = options.resolve()?;
    let catalogue = common::catalogue(&config)?;
    let jobs = config.jobs;
    let (now, quiet, mail) = (options.now(), options.quiet, sources.with(&config));
    let Some(_reception) = desk::attend(&config, &mail).map_err(|fault| vec![fault])? else { return Ok(busy(&config)) };
    let report = common::with_jobs(jobs, || {
        let mut desk = match Desk::open(&config, &catalogue)? {
            Opened::Ready(desk) => *desk,
            Opened::Busy => return Ok(None),
        };
        desk.run(now, options.counting(), &mail, &Bar::new(quiet)).map(Some)
    })?
    .map_err(|fault| vec![fault])?;
    let Some(report) = report else { return Ok(busy(&config)) };
    print(&report, options, &config.outbox);
    Ok(if report.failed > 0 {
        ExitCode::from(FAILED)
    } else if report.waits() {
        ExitCode::from(WAITS)
    } else {
        ExitCode::SUCCESS
    })
}

/// Another program holds the state.
pub fn busy(config: &Config) -> ExitCode {
    eprintln!("error: another uketsuke works on {} (wait for it to end, or give --state)", config.state.display());
    ExitCode::from(BUSY)
}

/// The summary of a run.
pub fn print(report: &Report, options: &Options, outbox: &std::path::Path) {
    if options.json {
        println!(
            "{}",
            json!({ "taken": report.taken, "again": report.again, "read": report.read, "cases": report.cases, "letters": report.letters,
                "held": report.held, "drafts": report.drafts, "unread": report.unread, "operations": report.operations, "waiting": report.waiting, "quarantined": report.quarantined, "kept_back": report.kept_back, "left": report.left.len() + report.in_mailbox,
                "failed": report.failed })
        );
    } else if !options.quiet {
        println!("taken        {:>6}   受領したファイル", report.taken);
        println!("known again  {:>6}   受領済みと同一", report.again);
        println!("read         {:>6}   読み取った書類（添付を含む）", report.read);
        println!("cases        {:>6}   動きのあった案件", report.cases);
        println!("files out    {:>6}   送付箱に置いたファイル", report.letters);
        println!("held         {:>6}   要確認の案件", report.held);
        if report.drafts > 0 {
            println!("drafts       {:>6}   発出承認待ちの下書きがある案件", report.drafts);
        }
        if report.unread > 0 {
            println!("to read      {:>6}   届いたメール・書類を読む案件", report.unread);
        }
        if report.operations > 0 {
            println!("operations   {:>6}   MMS操作の結果の記録を待つ案件", report.operations);
        }
        println!("waiting      {:>6}   案件を特定できない書類", report.waiting);
        println!("quarantined  {:>6}   隔離したファイル", report.quarantined);
        println!("left         {:>6}   受付フォルダ・メールボックスに残したもの", report.left.len() + report.in_mailbox);
        if report.kept_back > 0 {
            println!("kept back    {:>6}   パスワードの到着を待つメール", report.kept_back);
        }
        if report.failed > 0 {
            println!("failed       {:>6}   処理できなかったもの（次回に再試行）", report.failed);
        }
        println!("see {}", outbox.join("index.html").display());
    }
}
