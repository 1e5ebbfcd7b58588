//! Bundles, byte by byte. What a digest would find is mended first, so that what stands behind it is reached. No bundle holds but
//! the ones that Docket wrote.
#![no_main]

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::LazyLock;

use docket_bundle::{Given, verify};
use docket_evidence::policy::Policy;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

const BLOCK: usize = 512;

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::parse(include_bytes!("../seeds/bundle.policy")).expect("the policy of the seeds"));

/// The digests of the bundles that hold.
static WRITTEN: LazyLock<BTreeSet<[u8; 32]>> = LazyLock::new(|| {
    let seeds: [&[u8]; 2] = [include_bytes!("../seeds/bundle/all"), include_bytes!("../seeds/bundle/case")];
    seeds.into_iter().map(|bytes| Sha256::digest(bytes).into()).collect()
});

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.to_vec();
    mend(&mut bytes);
    let given = Given { policy: &POLICY, kept: &[] };
    let Ok((_, findings)) = verify(Cursor::new(&bytes), &given, &mut |_, _| {}) else { return };
    let is_written = WRITTEN.contains(&<[u8; 32]>::from(Sha256::digest(&bytes)));
    assert_eq!(findings.worst().is_none(), is_written, "{:?}", findings.first);
});

/// Computes the checksum of each header anew, and the digest in the last member.
fn mend(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(header) = bytes.get(at..at + BLOCK) {
        let mut header = tar::Header::from_byte_slice(header).clone();
        let (Ok(size), Ok(path)) = (header.size(), header.path()) else { return };
        let is_digest = path.to_str() == Some("SHA256");
        header.set_cksum();
        bytes[at..at + BLOCK].copy_from_slice(header.as_bytes());
        let Some(next) = usize::try_from(size).ok().and_then(|size| size.checked_next_multiple_of(BLOCK)) else { return };
        if is_digest {
            let hex: String = Sha256::digest(&bytes[..at]).iter().map(|byte| format!("{byte:02x}")).collect();
            if let Some(told) = bytes.get_mut(at + BLOCK..at + BLOCK + 64) {
                told.copy_from_slice(hex.as_bytes());
            }
            return;
        }
        let Some(behind) = at.checked_add(BLOCK).and_then(|at| at.checked_add(next)) else { return };
        at = behind;
    }
}
