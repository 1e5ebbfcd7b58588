//! Policies of desks, whose documents a bundle brings.
#![no_main]

use std::sync::LazyLock;

use docket_calendar::zones::Zones;
use docket_domain::policy::Policy;
use docket_messages::{PolicyVersion, Timestamp};
use libfuzzer_sys::fuzz_target;

static ZONES: LazyLock<&Zones> = LazyLock::new(Zones::bundled);

fuzz_target!(|text: &str| {
    let now = Timestamp::from_millis(1_795_424_400_000);
    let _ = Policy::compile(text, PolicyVersion(1), now, &ZONES);
});
