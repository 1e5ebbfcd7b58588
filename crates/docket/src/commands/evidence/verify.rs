//! `docket evidence verify`: whether a bundle holds, offline.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use docket_bundle::{Finding, Findings, Given, Verified};
use docket_evidence::policy::{self, Policy};
use serde::Serialize;

use super::export::{read_bounded, read_checkpoint};
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};

/// Arguments of `docket evidence verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence verify case.bundle --policy auditor.policy
  docket evidence verify q3.bundle --policy auditor.policy --checkpoint 2025-q4.checkpoint --json

It needs no network, no server and no secret. The policy (c2sp.org/tlog-policy) says whom you trust: keep it where nobody can
reach it who can reach the log, and take it from nobody who hands you the bundle. A checkpoint that you kept shows that the log
still contains what it contained then.

Exit codes: 0 all holds, 2 wrong usage, 10 something is not what was sealed, 11 a signature or the policy, 12 something is left
out, 13 the rules would not have allowed it.")]
pub struct Args {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// Whom you trust
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// A checkpoint that you kept
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Print one object of JSON
    #[arg(long)]
    json: bool,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    ok: bool,
    /// The exit code.
    code: u8,
    #[serde(flatten)]
    verified: &'a Verified,
    findings: &'a [Finding],
    /// How many findings there are.
    found: u64,
}

/// Verifies it.
pub fn run(args: &Args) -> Result<ExitCode, AnyError> {
    match verified(args) {
        Ok((verified, findings)) => {
            let code = findings.worst().map_or(0, docket_bundle::Kind::code);
            if args.json {
                let (ok, found) = (code == 0, findings.count);
                output::json(&Answer { ok, code, verified: &verified, findings: &findings.first, found })?;
            } else {
                print(&verified, &findings);
            }
            Ok(ExitCode::from(code))
        }
        Err(error) => {
            output::note(&format!("docket: {}", crate::error::one_line(error.as_ref())));
            Ok(ExitCode::from(2))
        }
    }
}

fn verified(args: &Args) -> Result<(Verified, Findings), AnyError> {
    let shown = args.policy.display();
    let policy = Policy::parse(&read_bounded(&args.policy, policy::BYTES_LIMIT)?)
        .map_err(|error| plain(format!("{shown}: {error}")))?;
    let kept = args.checkpoint.iter().map(|file| read_checkpoint(file)).collect::<Result<Vec<_>, _>>()?;
    let shown = args.bundle.display();
    let file = File::open(&args.bundle).map_err(|error| plain(format!("could not open {shown}: {error}")))?;
    let is_file = file.metadata().is_ok_and(|about| about.is_file());
    if !is_file {
        return Err(plain(format!("{shown} is no file; a bundle is read twice, so it cannot come through a pipe")));
    }
    let mut progress = Progress::start("megabytes read", 0);
    let given = Given { policy: &policy, kept: &kept };
    let verified = docket_bundle::verify(file, &given, &mut |read, of| progress.set(read >> 20, of >> 20));
    progress.finish();
    verified.map_err(|error| plain(format!("could not read {shown}: {error}")))
}

fn print(verified: &Verified, findings: &Findings) {
    let Verified { origin, size, root, .. } = verified;
    for finding in &findings.first {
        let (code, kind) = (finding.kind.code(), format!("{:?}", finding.kind).to_lowercase());
        output::say(&format!("{code} {kind}: {finding}"));
    }
    let told = u64::try_from(findings.first.len()).unwrap_or(u64::MAX);
    if findings.count > told {
        output::say(&format!("and {} more findings", findings.count - told));
    }
    if !origin.is_empty() {
        output::say(&format!("log          {origin}\nentries      {size}\nroot         {root}"));
        if let Some(at) = verified.sealed_at {
            output::say(&format!("sealed       {at}"));
        }
        for (what, names) in [("signed by", &verified.signed_by), ("witnessed by", &verified.witnessed_by)] {
            names.iter().for_each(|name| output::say(&format!("{what:<12} {name}")));
        }
        if let Some(of) = &verified.of {
            output::say(&format!("discloses    {of}"));
        }
        let Verified { disclosed, closed, hashed, checkpoints, policies, cases, partial, backdated, .. } = verified;
        output::say(&format!(
            "             {disclosed} entries, {backdated} of them back-dated; of {closed} the subject, of {hashed} the hash"
        ));
        output::say(&format!(
            "             {policies} versions of the policy, {checkpoints} checkpoints between the entries"
        ));
        output::say(&format!(
            "replayed     {cases} cases by the rules; of {partial} cases and others only what is disclosed"
        ));
        verified.kept.iter().for_each(|size| output::say(&format!("contains     your checkpoint of {size} entries")));
        verified.notes.iter().for_each(|note| output::say(&format!("note         {note}")));
    }
    output::say(match findings.worst() {
        None => "VERIFIED: all holds",
        Some(_) => "NOT VERIFIED",
    });
}
