//! The page about the numbers is made from the COMMENTs in the database.

use crate::support::Desk;

#[tokio::test]
async fn the_page_of_metrics_is_what_the_dictionary_prints() {
    let page = include_str!("../../../docs/METRICS.md");
    let printed = Desk::shared().cli().run(&["dictionary"]).await.succeeded().out;
    for (number, (written, printed)) in page.lines().zip(printed.lines()).enumerate() {
        assert_eq!(written, printed, "line {} of docs/METRICS.md; `docket dictionary` makes it anew", number + 1);
    }
    assert_eq!(page.lines().count(), printed.lines().count(), "lines of docs/METRICS.md");
    assert!(printed.matches("\n| `").count() > 90, "{printed}");
}

#[tokio::test]
async fn the_dictionary_is_json_and_a_source_of_dbt_as_well() {
    let desk = Desk::shared();
    let json = desk.cli().run(&["dictionary", "--format", "json"]).await.succeeded().json();
    let relations = json["relations"].as_array().unwrap();
    let cases = relations.iter().find(|relation| relation["name"] == "cases").unwrap();
    assert_eq!(cases["columns"][0], serde_json::json!({ "name": "case_id", "type": "uuid", "meaning": "The case." }));
    assert!(json["functions"].as_array().unwrap().iter().any(|function| function["name"] == "await_position"));
    let dbt = desk.cli().run(&["dictionary", "--format", "dbt"]).await.succeeded().out;
    for line in ["version: 2", "  - name: docket", "      - name: cases", "            data_type: \"uuid\""] {
        assert!(dbt.lines().any(|one| one == line), "{line} in {dbt}");
    }
}
