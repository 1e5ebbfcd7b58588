//! Policies of auditors (c2sp.org/tlog-policy), and what they say of a checkpoint: `POLICY` NUL `CHECKPOINT`.
#![no_main]

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (policy, checkpoint) = match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    if let (Ok(policy), Ok(signed)) = (Policy::parse(policy), SignedCheckpoint::parse(checkpoint))
        && let Ok(trust) = policy.judge(&signed)
    {
        assert!(!trust.logs.is_empty(), "nobody has signed for the log");
        assert!(policy.vouchers(&signed).is_ok());
    }
});
