//! `docket log --verify`: whether the log is whole.

use std::process::ExitCode;

use docket_eventlog::{EventLog, Flaw, Subject, Verifier};
use docket_jetstream::JetStreamLog;
use docket_messages::Position;

use crate::error::AnyError;
use crate::output::{self, Progress};

/// Checks the log, or the entries of one subject of it, and says what was found.
pub async fn run(log: &JetStreamLog, subject: Option<&Subject>, as_json: bool) -> Result<ExitCode, AnyError> {
    let (entries, flaw) = verify(log, subject).await?;
    if as_json {
        let flaw = flaw.as_ref().map(|flaw| serde_json::json!({ "position": flaw.position, "message": flaw.message }));
        output::json(&serde_json::json!({ "verified": flaw.is_none(), "entries": entries, "flaw": flaw }))?;
    } else {
        match &flaw {
            None if subject.is_some() => {
                output::say(&format!("verified: {entries} entries, their chain whole, every version in its place"));
            }
            None => output::say(&format!(
                "verified: {entries} entries without a gap, every chain whole, every version in its place"
            )),
            Some(flaw) => output::say(&format!(
                "NOT verified: a flaw at {flaw}; {entries} entries before it are whole. docs/OPERATIONS.md says what to do"
            )),
        }
    }
    Ok(if flaw.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many entries are whole, and the first flaw. The log is checked up to where it ends now.
pub async fn verify(log: &JetStreamLog, subject: Option<&Subject>) -> Result<(u64, Option<Flaw>), AnyError> {
    let head = log.head().await?;
    let mut verifier = if subject.is_some() { Verifier::of_one_subject() } else { Verifier::default() };
    let mut progress = Progress::start("entries checked", head.get());
    let mut after = Position::default();
    loop {
        let (entries, is_all) = log.page(subject, after).await?;
        let begin = after;
        for recorded in entries.iter().take_while(|recorded| recorded.position <= head) {
            if let Err(flaw) = verifier.check(recorded) {
                progress.finish();
                return Ok((verifier.entries(), Some(flaw)));
            }
            after = recorded.position;
        }
        progress.advance(after.get() - begin.get());
        if is_all || after >= head {
            break;
        }
    }
    progress.finish();
    let missing = Flaw { position: head, message: format!("the log ends at {head}, and nothing comes after {after}") };
    Ok((verifier.entries(), (subject.is_none() && after < head).then_some(missing)))
}
