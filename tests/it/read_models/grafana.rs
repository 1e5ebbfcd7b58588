//! The dashboard: its queries run as an analyst's, with what Grafana puts in their place of its macros.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Desk, Sql, drive, histories};

const DASHBOARD: &str = include_str!("../../../docs/grafana/docket.json");

/// As the PostgreSQL data source of Grafana expands them.
fn expanded(query: &str) -> String {
    let (from, to) = ("'2026-04-25T00:00:00Z'", "'2026-06-05T00:00:00Z'");
    let queues = "'billing','complaints','frontline','technical'";
    let mut query = query.replace("$__timeFrom()", from).replace("$__timeTo()", to).replace("$queue", queues);
    while let Some((before, rest)) = query.split_once("$__timeFilter(") {
        let (column, after) = rest.split_once(')').expect("a closed macro");
        query = format!("{before}{column} BETWEEN {from} AND {to}{after}");
    }
    assert!(!query.contains('$'), "a macro that nobody expands: {query}");
    query
}

#[tokio::test]
async fn every_query_of_the_dashboard_has_rows() {
    let desk = Desk::start();
    let position = drive(&desk.sender("importer").await, &histories(120)).await;
    let sql = Sql::connect(desk.analyst()).await;
    sql.await_position(position).await;
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    assert_eq!((&dashboard["uid"], &dashboard["id"]), (&"docket-desk".into(), &Value::Null));
    let panels = dashboard["panels"].as_array().expect("panels");
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().expect("an id")).collect();
    assert_eq!(ids.len(), panels.len(), "each has an id of its own");
    let of_variables = dashboard["templating"]["list"].as_array().expect("variables").iter();
    let queries = of_variables.map(|variable| &variable["query"]);
    let queries = queries.chain(panels.iter().map(|panel| &panel["targets"][0]["rawSql"]));
    for query in queries {
        let query = expanded(query.as_str().expect("a query"));
        let rows = sql.rows(&query).await;
        let says = |value: &Value| value.as_f64().map_or_else(|| value.is_string(), |number| number != 0.0);
        let values = rows.iter().flat_map(|row| row.as_object().expect("a row"));
        // The time of a series is there whether or not anything happened then, and nobody is behind in a test.
        let shown = values.filter(|(column, _)| *column != "time").any(|(_, value)| says(value));
        assert!(shown || query.contains("docket.position"), "nothing to show: {query}");
    }
    for panel in panels {
        let (title, source) = (&panel["title"], &panel["targets"][0]["datasource"]["uid"]);
        assert_eq!(source, "docket-postgres", "{title}");
        // Series over time have a column of that name.
        if panel["targets"][0]["format"] == "time_series" {
            let rows = sql.rows(&expanded(panel["targets"][0]["rawSql"].as_str().expect("a query"))).await;
            assert!(rows[0]["time"].is_string(), "{title}: {}", rows[0]);
        }
    }
}
