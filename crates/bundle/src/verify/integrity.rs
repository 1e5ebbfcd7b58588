//! What the tree binds: places, times, subjects, headers, contents, and the checkpoints between them.

use std::io::Read;

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::tree::Frontier;

use super::completeness::Completeness;
use super::policies::PublishedPolicies;
use super::times::{Times, of_seconds};
use super::walk::{Item, walk};
use super::{Finding, Findings, Given, Kind, Predecessor, Stop, Verified};
use crate::claim::{Claim, Of};
use crate::record::Record;
use crate::report::Report;

/// Reads a bundle and checks what the tree binds. Returns what was verified, and the policies that are disclosed.
pub(super) fn read<R: Read>(
    input: R,
    given: &Given<'_>,
    findings: &mut Findings,
) -> Result<(Verified, PublishedPolicies), Stop> {
    let mut kept: Vec<Kept<'_>> = given.kept.iter().map(|signed| Kept { signed, at: None }).collect();
    kept.sort_by_key(Kept::size);
    let mut reading = Reading {
        given,
        findings,
        kept,
        claim: Claim::new(String::new(), 0, Of::Positions { from: 0, to: 0 }),
        head: None,
        frontier: Frontier::default(),
        report: Report::default(),
        times: Times::default(),
        completeness: Completeness::of(&Of::Positions { from: 0, to: 0 }),
        policies: PublishedPolicies::default(),
        verified: Verified::default(),
        tells_time: false,
    };
    walk(input, |item| reading.take(item))?;
    Ok(reading.finish())
}

struct Reading<'a> {
    given: &'a Given<'a>,
    findings: &'a mut Findings,
    /// Those of the auditor that were not met yet, the smallest first.
    kept: Vec<Kept<'a>>,
    claim: Claim,
    head: Option<SignedCheckpoint>,
    frontier: Frontier,
    report: Report,
    times: Times,
    completeness: Completeness,
    policies: PublishedPolicies,
    verified: Verified,
    tells_time: bool,
}

/// A checkpoint of the auditor.
struct Kept<'a> {
    signed: &'a SignedCheckpoint,
    /// When it was signed, as far as a key of the policy says so.
    at: Option<u64>,
}

impl Kept<'_> {
    fn size(&self) -> u64 {
        self.signed.checkpoint().size
    }
}

fn integrity(position: Option<u64>, message: impl Into<String>) -> Finding {
    Finding::new(Kind::Integrity, position, message)
}

impl Reading<'_> {
    fn take(&mut self, item: Item) -> Result<(), Finding> {
        match item {
            Item::Claim(claim) => {
                self.completeness = Completeness::of(&claim.of);
                self.claim = claim;
                Ok(())
            }
            Item::Checkpoint(note) => self.begin(&note),
            Item::Record(record) => self.record(record),
            Item::Report(report) => self.end(&report),
        }
    }

    /// The checkpoint that all is bound to.
    fn begin(&mut self, note: &[u8]) -> Result<(), Finding> {
        let signed = SignedCheckpoint::parse(note)
            .map_err(|error| integrity(None, format!("`checkpoint` cannot be read: {error}")))?;
        let head = signed.checkpoint();
        if head.origin.as_str() != self.claim.origin || head.size != self.claim.size {
            return Err(integrity(None, "`checkpoint` is not the one that `bundle.json` names"));
        }
        let distrusted = |message: String| Finding::new(Kind::Signature, None, message);
        let trust = self.given.policy.judge(&signed).map_err(|distrust| distrusted(distrust.to_string()))?;
        let key = |key: &docket_evidence::note::VerifierKey| {
            format!("{}+{:08x} ({:?})", key.name(), key.id(), key.algorithm())
        };
        self.verified = Verified {
            origin: head.origin.to_string(),
            size: head.size,
            root: head.root.to_string(),
            sealed_at: trust.earliest().map(of_seconds),
            signed_by: trust.logs.iter().map(|(log, _)| key(log)).collect(),
            witnessed_by: trust.witnesses.iter().map(|(witness, _)| key(witness)).collect(),
            of: Some(self.claim.of.clone()),
            ..Verified::default()
        };
        for kept in &mut self.kept {
            let own = kept.signed.checkpoint();
            // It may be of another log: its entries show whether they begin alike, if the policy trusts who signed for it.
            let trust = self.given.policy.vouchers(kept.signed);
            let trust = trust.map_err(|distrust| distrusted(format!("your checkpoint: {distrust}")))?;
            if own.origin != head.origin && own.size == 0 {
                return Err(distrusted(format!(
                    "your checkpoint is of {} while it had no entry: all logs begin so",
                    own.origin
                )));
            }
            // When another log was sealed says nothing of this one.
            kept.at = trust.earliest().filter(|_| own.origin == head.origin);
            if own.size > head.size {
                let message = if own.origin == head.origin {
                    format!(
                        "your checkpoint is of {} entries, and the bundle ends at {}: export one that is newer",
                        own.size, head.size
                    )
                } else {
                    format!(
                        "your checkpoint is of {} entries of {}, and the bundle of {} ends at {}",
                        own.size, own.origin, head.origin, head.size
                    )
                };
                self.findings.add(Finding::new(Kind::Incomplete, None, message));
            }
        }
        self.kept.retain(|kept| kept.size() <= head.size);
        self.head = Some(signed);
        self.meet_kept()
    }

    fn record(&mut self, record: Record) -> Result<(), Finding> {
        let after = self.frontier.size();
        if after >= self.claim.size && !matches!(record, Record::Checkpoint(_)) {
            let message = format!("the bundle holds more than the {after} entries that its checkpoint is of");
            return Err(integrity(None, message));
        }
        let position = after + 1;
        let too_long = |cause: docket_evidence::leaf::LeafError| integrity(Some(position), cause.to_string());
        let found = match &record {
            Record::Checkpoint(note) => return self.checkpoint(note),
            Record::Subtree { level, hash } => {
                if !self.frontier.append_subtree(*level, *hash) {
                    return Err(integrity(Some(position), format!("no subtree of 2^{level} entries begins here")));
                }
                let last = self.frontier.size();
                self.report.hashed(last - after);
                self.policies.hashed();
                self.pass_kept(after, last);
                self.completeness.hashed(after, last)
            }
            Record::Closed(entry) => {
                self.frontier.append(entry.leaf(position).map_err(too_long)?.hash(), |_, _, _| {});
                self.report.closed();
                let found = self.times.entry(position, entry.head.nanos);
                self.add(found);
                self.policies.closed(position, entry, self.findings);
                self.completeness.closed(position, entry)
            }
            Record::Disclosed(entry) => {
                self.frontier.append(entry.leaf(position).map_err(too_long)?.hash(), |_, _, _| {});
                self.report.disclosed(position, entry);
                let found = self.times.entry(position, entry.head.nanos);
                self.add(found);
                self.policies.note(position, entry, self.findings);
                self.completeness.disclosed(position, entry)
            }
        };
        self.add(found);
        self.meet_kept()
    }

    /// A checkpoint between the entries.
    fn checkpoint(&mut self, note: &[u8]) -> Result<(), Finding> {
        let position = self.frontier.size();
        let signed = SignedCheckpoint::parse(note)
            .map_err(|error| integrity(Some(position), format!("the checkpoint behind it cannot be read: {error}")))?;
        let found = signed.checkpoint();
        if found.origin.as_str() != self.claim.origin || (found.size, found.root) != (position, self.frontier.root()) {
            return Err(integrity(
                Some(position),
                "the log up to here is not the one that the checkpoint behind it was signed of",
            ));
        }
        let trust = self.given.policy.vouchers(&signed);
        let trust = trust.map_err(|distrust| Finding::new(Kind::Signature, Some(position), distrust.to_string()))?;
        self.verified.checkpoints += 1;
        self.tells_time |= trust.earliest().is_some();
        let found = self.times.checkpoint(trust.earliest());
        self.add(found);
        Ok(())
    }

    /// The auditor's own checkpoints of the log so far.
    fn meet_kept(&mut self) -> Result<(), Finding> {
        let size = self.frontier.size();
        while self.kept.first().is_some_and(|kept| kept.size() == size) {
            let Kept { signed, at } = self.kept.remove(0);
            let own = signed.checkpoint();
            let is_before = own.origin.as_str() != self.claim.origin;
            if own.root != self.frontier.root() {
                let mut message =
                    format!("the log up to here is not the one that your checkpoint of {size} entries is of");
                if is_before {
                    message += &format!(
                        "; that one is {}, which this log does not go on from, or not from so far",
                        own.origin
                    );
                }
                return Err(integrity(Some(size), message));
            }
            self.verified.kept.push(size);
            if is_before {
                self.verified.predecessors.push(Predecessor { origin: own.origin.to_string(), size });
            }
            let found = self.times.checkpoint(at);
            self.add(found);
        }
        Ok(())
    }

    /// The auditor's own checkpoints of a part of a subtree.
    fn pass_kept(&mut self, after: u64, last: u64) {
        let is_within = |kept: &Kept<'_>| (after + 1..last).contains(&kept.size());
        for kept in self.kept.extract_if(.., |kept| is_within(kept)) {
            let size = kept.size();
            let message = format!(
                "the bundle does not say what the first {size} entries were, as your checkpoint does: export it with \
                 `--checkpoint` and that file"
            );
            self.findings.add(Finding::new(Kind::Incomplete, Some(size), message));
        }
    }

    /// The report ends it, and says nothing that does not follow.
    fn end(&mut self, report: &[u8]) -> Result<(), Finding> {
        let Some(head) = self.head.as_ref() else { return Err(integrity(None, "the bundle has no checkpoint")) };
        let (size, sealed) = (self.frontier.size(), head.checkpoint());
        if size != sealed.size || self.frontier.root() != sealed.root {
            let message = format!(
                "the {size} entries of the bundle have the root {}; sealed are {} with the root {}: something was changed, added \
                 or taken out",
                self.frontier.root(),
                sealed.size,
                sealed.root
            );
            return Err(integrity(None, message));
        }
        if report != self.report.render(&self.claim, sealed.root).as_bytes() {
            return Err(integrity(None, "`REPORT.md` does not say what follows from the entries"));
        }
        let trust = self.given.policy.vouchers(head);
        let at = trust.map(|trust| trust.earliest()).unwrap_or_default();
        self.tells_time |= at.is_some();
        let (found, left_out) = (self.times.checkpoint(at), self.completeness.end(size));
        self.add(found);
        self.add(left_out);
        Ok(())
    }

    fn finish(self) -> (Verified, PublishedPolicies) {
        let mut verified = self.verified;
        (verified.disclosed, verified.closed, verified.hashed) = self.report.counts();
        verified.policies = self.policies.count();
        if !self.tells_time {
            verified.notes.push(
                "no key of the policy says when a checkpoint was signed, so times were not compared with checkpoints"
                    .to_owned(),
            );
        }
        if self.policies.is_unsure() {
            verified.notes.push(
                "entries stand as hashes behind the last version of the policy that is disclosed: that none of them is of the \
                 policy is not proven"
                    .to_owned(),
            );
        }
        if self.times.back > 0 {
            verified.notes.push(format!("the server's clock went back {} times", self.times.back));
        }
        (verified, self.policies)
    }

    fn add(&mut self, finding: Option<Finding>) {
        finding.into_iter().for_each(|finding| self.findings.add(finding));
    }
}
