//! What functions make of their arguments: intervals of a zone, staffing, and what cannot be meant.

use serde_json::json;

use crate::support::{Desk, Sql};

#[tokio::test]
async fn a_local_day_has_92_96_or_100_quarters() {
    let sql = Desk::shared().sql().await;
    for (day, next, quarters, hours) in [
        ("2026-03-28", "2026-03-29", 96, 24),
        ("2026-03-29", "2026-03-30", 92, 23),
        ("2026-10-25", "2026-10-26", 100, 25),
    ] {
        let begin = |day: &str| format!("timestamp '{day}' AT TIME ZONE 'Europe/Amsterdam'");
        let of =
            |step: &str| format!("docket.intervals({}, {}, 'Europe/Amsterdam', '{step}')", begin(day), begin(next));
        assert_eq!(sql.value(&format!("SELECT count(*) FROM {}", of("15 minutes"))).await, quarters, "{day}");
        let label = sql.value(&format!("SELECT max(local_label) FROM {}", of("15 minutes"))).await;
        assert_eq!(label, format!("{day} 23:45"));
        let whole = format!("SELECT extract(epoch FROM ends_at - starts_at)::int / 3600 FROM {}", of("1 day"));
        assert_eq!(sql.value(&whole).await, hours, "{day}");
    }
}

#[tokio::test]
async fn a_day_begins_the_first_time_that_it_is_midnight() {
    let sql = Desk::shared().sql().await;
    // Clocks there go back from one o'clock to midnight, so midnight comes twice.
    let begins =
        "SELECT extract(epoch FROM ends_at - starts_at)::int / 3600 AS hours, to_char(starts_at AT TIME ZONE 'UTC',
        'DD HH24:MI') AS begins FROM docket.intervals('2026-11-01T00:00:00-04:00', '2026-11-03T00:00:00-05:00',
        'America/Havana', '1 day')";
    assert_eq!(
        sql.rows(begins).await,
        [json!({ "hours": 25, "begins": "01 04:00" }), json!({ "hours": 24, "begins": "02 05:00" })]
    );
    let twice = "SELECT docket.instant_of('2026-11-01 00:30', 'America/Havana') = '2026-11-01T00:30:00-04:00'";
    assert_eq!(sql.value(twice).await, true);
    let never = "SELECT docket.instant_of('2026-03-29 02:30', 'Europe/Berlin') = '2026-03-29T03:30:00+02:00'";
    assert_eq!(sql.value(never).await, true, "it is as much later as the clocks are put forward");
}

#[tokio::test]
async fn staffing_is_by_erlang_c() {
    let sql = Desk::shared().sql().await;
    let rounded = "SELECT erlangs, round(p_wait::numeric, 6) AS p_wait, round(service_level::numeric, 6) AS level,
        round(asa_seconds::numeric, 4) AS asa, stable FROM docket.erlang_c(100, 1800, 180, 14, 20)";
    assert_eq!(
        sql.rows(rounded).await,
        [json!({ "erlangs": 10, "p_wait": 0.174132, "level": 0.888350, "asa": 7.8359, "stable": true })]
    );
    let overloaded = "SELECT service_level, stable FROM docket.erlang_c(100, 1800, 180, 10, 20)";
    assert_eq!(sql.rows(overloaded).await, [json!({ "service_level": null, "stable": false })]);
    let nobody = "SELECT service_level, stable FROM docket.erlang_c(100, 1800, 180, 0, 20)";
    assert_eq!(sql.rows(nobody).await, [json!({ "service_level": null, "stable": false })]);
    let level = async |agents: i64| {
        let level = format!("SELECT service_level FROM docket.erlang_c(100, 1800, 180, {agents}, 20)");
        sql.value(&level).await.as_f64().unwrap()
    };
    let needed = sql.value("SELECT docket.agents_needed(100, 1800, 180, 20, 0.8)").await.as_i64().unwrap();
    assert!(level(needed).await >= 0.8 && level(needed - 1).await < 0.8, "{needed}");
    assert_eq!(
        sql.value("SELECT stable FROM docket.erlang_c(100000, 1800, 180, 10100, 20)").await,
        true,
        "nothing overflows"
    );
}

#[tokio::test]
async fn what_cannot_be_meant_is_said() {
    let analyst = Sql::connect(Desk::shared().analyst()).await;
    for (query, says) in [
        ("docket.attainment('2026-03-02', '2026-03-01', 'queue')", "a period ends after it begins"),
        ("docket.response_times('2026-03-02', 'infinity', 'queue')", "needs a beginning and an end"),
        ("docket.resolution_times(NULL, '2026-03-02', 'queue')", "it got NULL and"),
        ("docket.quality('2026-03-01', '2026-03-02', 'size')", "there is no by `size`; there are: queue, priority"),
        (
            "docket.survey_results('2026-03-01', '2026-03-02', 'stars', 'queue')",
            "there is no survey `stars`; there are: csat, ces, nps",
        ),
        (
            "docket.intervals('2026-03-01', '2026-03-02', 'Europe/Atlantis', '1 day')",
            "there is no time zone `Europe/Atlantis`",
        ),
        ("docket.volume('2026-03-01', '2026-03-02', 'UTC', '0')", "must be more than none"),
        ("docket.volume('2026-03-01', '2026-03-02', 'UTC', '1 second')", "a step is a minute or more"),
        (
            "docket.intervals('2026-01-30', '2026-02-10', 'UTC', '1 month -29 days')",
            "a step is of days, weeks and months, or",
        ),
        (
            "docket.intervals('2026-01-30', '2026-02-10', 'UTC', '1 day 12 hours')",
            "a step is of days, weeks and months, or",
        ),
        (
            "docket.intervals('2026-01-30', '2026-02-10', 'UTC', '1 day -1 hour')",
            "a step is of days, weeks and months, or",
        ),
        ("docket.intervals('0001-03-01', '2026-03-02', 'UTC', '1 minute')", "more than a million steps"),
        ("docket.repeat_contacts('-1 day')", "must be more than none"),
        ("docket.at_risk(NULL)", "must be more than none; it got NULL"),
        ("docket.erlang_c(1, 0, 1, 1, 1)", "more than 0"),
        ("docket.agents_needed(1, 1, 1, 1, 1)", "less than 1"),
    ] {
        let said = analyst.run(&format!("SELECT * FROM {query}")).await.expect_err(query);
        assert!(said.contains(says), "{query}: {said}");
    }
}
