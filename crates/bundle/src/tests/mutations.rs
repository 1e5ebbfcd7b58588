//! No byte of a bundle can be another.

use super::log::{ONE, TestLog, check, told};
use crate::archive::{ArchiveReader, ArchiveWriter};
use crate::verify::Verified;

/// A bundle written anew with its members changed, so that its digest is right again.
fn rewritten(bundle: &[u8], change: impl Fn(&str, &mut Vec<u8>)) -> Vec<u8> {
    let mut reader = ArchiveReader::new(bundle);
    let mut writer = ArchiveWriter::new(Vec::new());
    while let Ok(Some(mut member)) = reader.next() {
        change(&member.name, &mut member.bytes);
        writer.member(&member.name, &member.bytes).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn a_bundle_holds_as_it_was_written() {
    let log = TestLog::small();
    let (verified, findings) = check(&log.of_case(ONE));
    assert_eq!(told(&findings), [""; 0]);
    assert_eq!((verified.disclosed, verified.closed, verified.hashed), (4, 2, 0));
    assert_eq!((verified.cases, verified.policies, verified.checkpoints, verified.partial), (1, 1, 3, 0));
    let (verified, findings) = check(&log.of_all());
    assert_eq!((told(&findings).len(), verified.disclosed, verified.cases), (0, 6, 2));
}

#[test]
fn whichever_bit_is_flipped_is_found() {
    let bundle = TestLog::small().of_case(ONE);
    for index in 0..bundle.len() {
        let mut changed = bundle.clone();
        changed[index] ^= 1 << (index % 8);
        assert!(check(&changed).1.worst().is_some(), "byte {index}");
    }
}

#[test]
fn whichever_byte_is_left_out_or_put_in_is_found() {
    let bundle = TestLog::small().of_case(ONE);
    for index in (0..bundle.len()).step_by(7) {
        let without = [&bundle[..index], &bundle[index + 1..]].concat();
        assert!(check(&without).1.worst().is_some(), "without byte {index}");
        let more = [&bundle[..index], &[0], &bundle[index..]].concat();
        assert!(check(&more).1.worst().is_some(), "one more before byte {index}");
        assert!(check(&bundle[..index]).1.worst().is_some(), "cut off at {index}");
    }
    for more in [vec![0], vec![0; 512], vec![b'x'; 10_000]] {
        assert!(check(&[bundle.clone(), more].concat()).1.worst().is_some(), "something behind it");
    }
}

/// Who changes a bundle computes its digest anew, which needs no key. What is left then is to spoil the name of a signature,
/// so that it is nobody's: that says less, and nothing false.
#[test]
fn whichever_byte_of_a_member_is_changed_is_found_although_the_digest_is_right() {
    let bundle = TestLog::small().of_case(ONE);
    let whole = check(&bundle).0;
    let mut reader = ArchiveReader::new(bundle.as_slice());
    let mut spoilt = 0;
    while let Ok(Some(member)) = reader.next() {
        for index in 0..member.bytes.len() {
            let changed = rewritten(&bundle, |name, bytes| {
                if name == member.name {
                    bytes[index] ^= 1;
                }
            });
            let (verified, findings) = check(&changed);
            if findings.worst().is_none() {
                spoilt += 1;
                let (signers, due) = (verified.signed_by.len(), whole.signed_by.len());
                assert_eq!(signers, due, "byte {index} of `{}`: the log's own signature", member.name);
                let same =
                    Verified { witnessed_by: whole.witnessed_by.clone(), sealed_at: whole.sealed_at, ..verified };
                assert_eq!(format!("{same:?}"), format!("{whole:?}"), "byte {index} of `{}`", member.name);
            }
        }
    }
    // Name and id of the clock's signature, of four checkpoints.
    assert!(spoilt < 4 * 40, "{spoilt}");
}
