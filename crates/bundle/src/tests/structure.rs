//! Bundles that are made to deceive, or to exhaust who reads them.

use std::io::Cursor;

use docket_evidence::checkpoint::SignedCheckpoint;

use super::log::{Form, ONE, TestLog, check, closed, finds, keys, trusting};
use crate::archive::ArchiveWriter;
use crate::claim::{Claim, Of};
use crate::record::Record;
use crate::verify::{Given, Kind, verify};
use crate::write::{Bundle, BundleError};

/// A bundle of these members.
fn of_members(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Vec::new());
    members.iter().for_each(|(name, bytes)| writer.member(name, bytes).unwrap());
    writer.finish().unwrap()
}

fn claim(log: &TestLog, origin: &str) -> Vec<u8> {
    let to = u64::try_from(log.entries.len()).unwrap();
    Claim::new(origin.to_owned(), to, Of::Positions { from: 1, to }).to_bytes().unwrap()
}

fn records(log: &TestLog) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in &log.entries {
        Record::Disclosed(entry.clone()).write(&mut bytes).unwrap();
    }
    bytes
}

#[test]
fn members_that_are_not_due_are_refused() {
    let log = TestLog::small();
    let note = log.head(&keys(1)).to_string();
    let claim = claim(&log, "desk.example/log/abc");
    let (claim, note, entries) = (claim.as_slice(), note.as_bytes(), records(&log));
    let first = [("bundle.json", claim), ("checkpoint", note)];
    let with = |more: &[(&'static str, &[u8])]| of_members(&[&first[..], more].concat());
    finds(&of_members(&[]), Kind::Integrity, "where `bundle.json` is due");
    finds(&of_members(&first[1..]), Kind::Integrity, "where `bundle.json` is due");
    finds(&with(&[]), Kind::Integrity, "without its report");
    finds(&with(&[("entries/00000001", &entries)]), Kind::Integrity, "is no member that is due here");
    finds(&with(&[("entries/00000000", &entries), ("entries/00000001", &entries)]), Kind::Integrity, "no member");
    finds(&with(&[("entries/00000000", b"")]), Kind::Integrity, "is no member that is due here");
    finds(&with(&[("entries/00000000", &entries[..entries.len() - 1])]), Kind::Integrity, "cannot be read");
    finds(
        &with(&[("entries/00000000", &entries), ("REPORT.md", b"All is well.")]),
        Kind::Integrity,
        "`REPORT.md` does not say",
    );
    let twice = [entries.clone(), entries.clone()].concat();
    finds(&with(&[("entries/00000000", &twice), ("REPORT.md", b"")]), Kind::Integrity, "holds more than the 6 entries");
    finds(&with(&[("REPORT.md", b"")]), Kind::Integrity, "the 0 entries of the bundle");
}

#[test]
fn links_sizes_and_what_is_no_archive_are_refused() {
    let mut header = tar::Header::new_ustar();
    header.set_path("bundle.json").unwrap();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_link_name("/etc/passwd").unwrap();
    header.set_size(0);
    header.set_cksum();
    finds(header.as_bytes(), Kind::Integrity, "no member of a bundle at byte 0");
    let mut header = tar::Header::new_ustar();
    header.set_path("bundle.json").unwrap();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(1 << 40);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    finds(header.as_bytes(), Kind::Integrity, "33554432 are allowed");
    for junk in
        [Vec::new(), vec![0; 100_000], vec![0xff; 100_000], b"PK\x03\x04".repeat(1_000), b"\x1f\x8b".repeat(999)]
    {
        finds(&junk, Kind::Integrity, "");
    }
}

/// The bundle of the small log with another checkpoint.
fn with_checkpoint(note: &[u8], origin: &str) -> Vec<u8> {
    let log = TestLog::small();
    let entries = records(&log);
    of_members(&[("bundle.json", &claim(&log, origin)), ("checkpoint", note), ("entries/00000000", &entries)])
}

#[test]
fn a_checkpoint_that_the_policy_does_not_trust_is_refused() {
    let log = TestLog::small();
    let origin = "desk.example/log/abc";
    let head = log.head(&keys(1));
    // A foreign key of the right name.
    let foreign = log.head(&keys(40)).to_string();
    finds(&with_checkpoint(foreign.as_bytes(), origin), Kind::Signature, "none of the policy's logs has signed");
    // Another origin.
    let other = head.to_string().replacen("log/abc", "log/abd", 1);
    finds(&with_checkpoint(other.as_bytes(), "desk.example/log/abd"), Kind::Signature, "none of the policy's logs");
    // An older one of the same log.
    let older = log.checkpoint(4, log.seals[1].1, &keys(1)).to_string();
    finds(&with_checkpoint(older.as_bytes(), origin), Kind::Integrity, "not the one that `bundle.json` names");
    // A signature that is the log's by its name only.
    let mut stolen = SignedCheckpoint::new(log.checkpoint(4, 0, &keys(1)).checkpoint().clone()).unwrap();
    head.signatures().iter().for_each(|signature| stolen.add(signature.clone()));
    let size = stolen.to_string().replacen("\n4\n", "\n6\n", 1);
    finds(&with_checkpoint(size.as_bytes(), origin), Kind::Signature, "is false");
    // Seventeen signatures are read; a hundred thousand bytes are not.
    let mut many = head.clone();
    for seed in 50..65 {
        many.sign(&keys(seed).log, 0);
    }
    let (_, findings) = check(&with_checkpoint(many.to_string().as_bytes(), origin));
    assert!(findings.first[0].message.contains("without its report"), "{findings:?}");
    let long = [head.to_string().as_bytes(), &b"x".repeat(100_000)].concat();
    finds(&with_checkpoint(&long, origin), Kind::Integrity, "is too long");
    finds(&with_checkpoint(b"", origin), Kind::Integrity, "`checkpoint` cannot be read");
}

#[test]
fn who_asks_for_witnesses_does_not_take_a_log_without() {
    let (log, keys) = (TestLog::small(), keys(1));
    let witness = super::log::keys(70).clock;
    let text = format!("log {}\nwitness w {}\nquorum w\n", keys.log.verifier(), witness.verifier());
    let policy = docket_evidence::policy::Policy::parse(text.as_bytes()).unwrap();
    let given = Given { policy: &policy, kept: &[] };
    let (_, findings) = verify(Cursor::new(log.of_all()), &given, &mut |_, _| {}).unwrap();
    assert_eq!(findings.worst(), Some(Kind::Signature));
    assert!(findings.first[0].message.contains("lacks witnesses"), "{findings:?}");
}

#[test]
fn a_checkpoint_between_entries_is_one_of_what_stands_before() {
    let (log, keys) = (TestLog::small(), keys(1));
    let head = log.head(&keys);
    let with = |note: SignedCheckpoint| {
        let claim = Claim::new(head.checkpoint().origin.to_string(), 6, Of::Positions { from: 1, to: 6 });
        let mut bundle = Bundle::begin(Vec::new(), claim, head.clone()).unwrap();
        for (position, entry) in (1_u64..).zip(&log.entries) {
            bundle.disclosed(entry.clone()).unwrap();
            if position == 2 {
                bundle.checkpoint(note.to_string().into_bytes()).unwrap();
            }
        }
        bundle.finish().unwrap()
    };
    assert_eq!(check(&with(log.checkpoint(2, log.now, &keys))).1.worst(), None);
    finds(&with(log.checkpoint(3, log.now, &keys)), Kind::Integrity, "position 2: the log up to here is not the one");
    finds(&with(log.checkpoint(2, log.now, &super::log::keys(9))), Kind::Signature, "position 2");
}

#[test]
fn a_bundle_of_another_log_than_the_sealed_one_is_not_written() {
    let log = TestLog::small();
    let head = log.head(&keys(1));
    let claim = Claim::new(head.checkpoint().origin.to_string(), 6, Of::Positions { from: 1, to: 6 });
    let mut bundle = Bundle::begin(Vec::new(), claim, head).unwrap();
    for entry in &log.entries {
        let mut entry = closed(entry);
        entry.length += 1;
        bundle.closed(entry).unwrap();
    }
    assert!(matches!(bundle.finish(), Err(BundleError::NotSealed { size: 6, .. })));
}

#[test]
fn many_entries_are_read_in_stretches_and_their_aggregates_in_parts() {
    let mut log = TestLog::small();
    let text = "y".repeat(40_000);
    for _ in 0..40 {
        log.send("desk", ONE, "note", &format!("'text':'{text}'"));
    }
    log.seal();
    let bundle = log.of_all();
    let (verified, findings) = check(&bundle);
    assert_eq!((findings.worst(), verified.disclosed, verified.cases), (None, 46, 2));
    // Of which the first stretch ends too early, or goes on too long.
    let (subtrees, _) = check(&log.bundle(Of::Positions { from: 40, to: 46 }, |position| {
        if position < 40 { Form::Hashed } else { Form::Disclosed }
    }));
    assert_eq!((subtrees.partial, subtrees.hashed), (1, 39));
    assert!(trusting(&keys(1)).logs().len() == 1);
}
