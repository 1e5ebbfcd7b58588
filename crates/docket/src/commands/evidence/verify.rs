//! `docket evidence verify`: whether a bundle holds, offline.

use std::fs::File;
use std::io::{ErrorKind, Seek as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use docket_bundle::{Finding, Findings, Given, Kind, Outcome, Verified};
use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::policy::{self, Policy};
use docket_export::dataset::{Dataset, VerifiedDataset};
use serde::Serialize;

use super::export::{read_bounded, read_checkpoint};
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};

/// Arguments of `docket evidence verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence verify case.bundle --policy auditor.policy
  docket evidence verify q3.bundle --policy auditor.policy --checkpoint 2025-q4.checkpoint --json
  docket evidence verify all.bundle --policy auditor.policy --dataset warehouse

It needs no network, no server and no secret. The policy (c2sp.org/tlog-policy) says whom you trust: keep it where nobody can
reach it who can reach the log, and take it from nobody who hands you the bundle. A checkpoint that you kept shows that the log
still contains what it contained then.

Exit codes: 0 all holds, 2 wrong usage, 10 something is not what was sealed, 11 a signature or the policy, 12 something is left
out, 13 the rules would not have allowed it.")]
pub struct Args {
    /// The bundle
    #[arg(value_name = "BUNDLE", required_unless_present = "dataset")]
    bundle: Option<PathBuf>,
    /// A folder of `docket export`, to be compared with the bundle
    #[arg(long, value_name = "DIR")]
    dataset: Option<PathBuf>,
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
    #[serde(flatten)]
    outcome: Outcome<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<&'a VerifiedDataset>,
}

/// What was found.
struct Found {
    verified: Verified,
    dataset: Option<VerifiedDataset>,
    findings: Findings,
}

/// The name of the bundle in the folder of a dataset.
const BUNDLE: &str = "entries.bundle";

/// Verifies it.
pub fn run(args: &Args) -> Result<ExitCode, AnyError> {
    match verified(args) {
        Ok(Found { verified, dataset, findings }) => {
            let code = findings.worst().map_or(0, docket_bundle::Kind::code);
            if args.json {
                output::json(&Answer { outcome: Outcome::of(&verified, &findings), dataset: dataset.as_ref() })?;
            } else {
                print(&verified, dataset.as_ref(), &findings);
            }
            Ok(ExitCode::from(code))
        }
        Err(error) => {
            output::note(&format!("docket: {}", crate::error::one_line(error.as_ref())));
            Ok(ExitCode::from(2))
        }
    }
}

fn verified(args: &Args) -> Result<Found, AnyError> {
    let policy = read_policy(&args.policy)?;
    let mut kept = args.checkpoint.iter().map(|file| read_checkpoint(file)).collect::<Result<Vec<_>, _>>()?;
    let dataset = args.dataset.as_deref().map(Dataset::open).transpose()?;
    let sealed = dataset.as_ref().map_or(Ok(None), Dataset::checkpoint);
    kept.extend(sealed.iter().flatten().cloned());
    let bundle = match (&args.bundle, &args.dataset) {
        (Some(bundle), _) => bundle.clone(),
        (None, Some(folder)) => folder.join(BUNDLE),
        (None, None) => return Err(plain("name a bundle")),
    };
    let shown = bundle.display();
    // Asked before: to open a pipe would wait for who writes into it.
    if std::fs::metadata(&bundle).is_ok_and(|about| !about.is_file()) {
        return Err(plain(format!("{shown} is no file; a bundle is read twice, so it cannot come through a pipe")));
    }
    let file = File::open(&bundle).map_err(|error| unopened(&bundle, dataset.as_ref(), &error))?;
    let mut progress = Progress::start("megabytes read", 0);
    let given = Given { policy: &policy, kept: &kept };
    let verified = docket_bundle::verify(&file, &given, &mut |read, of| progress.set(read >> 20, of >> 20));
    progress.finish();
    let (mut verified, mut findings) = verified.map_err(|error| plain(format!("could not read {shown}: {error}")))?;
    match &sealed {
        // That one comes from whoever has exported, and is none of the auditor's.
        Ok(seal) => forget_seal(&mut verified, &mut findings, seal.as_ref()),
        Err(finding) => findings.add(finding.clone()),
    }
    let compared = match &dataset {
        Some(dataset) => {
            let mut progress = Progress::start("entries compared", dataset.position());
            let position = dataset.position();
            (&file).rewind()?;
            let compared =
                dataset.verify(&file, &verified, &mut findings, &mut |at| progress.set(at.min(position), position));
            progress.finish();
            Some(compared?)
        }
        None => None,
    };
    Ok(Found { verified, dataset: compared, findings })
}

/// Takes the seal of a dataset out of the checkpoints that the auditor kept, with which it was compared.
fn forget_seal(verified: &mut Verified, findings: &mut Findings, seal: Option<&SignedCheckpoint>) {
    let Some(head) = seal.map(SignedCheckpoint::checkpoint) else { return };
    if let Some(place) = verified.kept.iter().position(|size| *size == head.size) {
        verified.kept.remove(place);
    }
    if !verified.origin.is_empty() && head.origin.as_str() != verified.origin {
        let message =
            format!("the dataset was exported from {}, and the bundle is of {}", head.origin, verified.origin);
        findings.add(Finding::new(Kind::Integrity, None, message));
    }
}

/// Reads the policy of an auditor.
pub(super) fn read_policy(file: &Path) -> Result<Policy, AnyError> {
    let read = Policy::parse(&read_bounded(file, policy::BYTES_LIMIT)?);
    read.map_err(|error| plain(format!("{}: {error}", file.display())))
}

/// Why a bundle could not be opened, and how to make the one of a dataset.
fn unopened(bundle: &Path, dataset: Option<&Dataset>, error: &std::io::Error) -> AnyError {
    let shown = bundle.display();
    match dataset {
        Some(dataset) if error.kind() == ErrorKind::NotFound => plain(format!(
            "could not open {shown}: {error}; a dataset is compared with the entries themselves: \
             `docket evidence export --positions 1..{} --reveal --out {shown}`, by somebody who may read the log",
            dataset.position()
        )),
        Some(_) | None => plain(format!("could not open {shown}: {error}")),
    }
}

fn print(verified: &Verified, dataset: Option<&VerifiedDataset>, findings: &Findings) {
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
        for docket_bundle::Predecessor { origin, size } in &verified.predecessors {
            output::say(&format!("in common    its first {size} entries with {origin}"));
        }
        verified.notes.iter().for_each(|note| output::say(&format!("note         {note}")));
    }
    if let Some(dataset) = dataset {
        print_dataset(dataset);
    }
    output::say(match findings.worst() {
        None => "VERIFIED: all holds",
        Some(_) => "NOT VERIFIED",
    });
}

fn print_dataset(dataset: &VerifiedDataset) {
    let VerifiedDataset { position, sealed, files, proven, absent, not_proven } = dataset;
    let sealed = match sealed {
        Some(sealed) => format!("its manifest has the seal of the first {sealed} entries"),
        None => "its manifest has no seal: no sealer was there when it was exported".to_owned(),
    };
    output::say(&format!("dataset      as of position {position}, {files} files as its manifest says; {sealed}"));
    for proven in proven {
        let beside = match proven.beside {
            [] => String::new(),
            columns => format!(" (but for {})", columns.join(", ")),
        };
        let (relation, rows, first, to) = (proven.relation, proven.rows, proven.from.saturating_add(1), proven.to);
        output::say(&format!(
            "             {relation}: {rows} rows of positions {first} to {to}, compared with the log{beside}"
        ));
    }
    for (what, names) in [
        ("not in it:", absent.iter().map(|name| (*name).to_owned()).collect()),
        ("of these, the files only:", not_proven.clone()),
    ] {
        let names: Vec<String> = names;
        if !names.is_empty() {
            output::say(&format!("             {what} {}", names.join(", ")));
        }
    }
}
