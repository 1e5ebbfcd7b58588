//! The page about the numbers and the COMMENTs of the columns say the same.

use std::collections::BTreeMap;

use crate::support::Desk;

/// What is said of each column, by relation and column.
type Told = BTreeMap<(String, String), String>;

#[tokio::test]
async fn the_page_of_metrics_says_of_every_column_what_its_comment_says() {
    let page = include_str!("../../../docs/METRICS.md");
    let comments = "SELECT c.relname, a.attname, coalesce(col_description(c.oid, a.attnum), '') AS told
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname = 'docket' AND c.relkind IN ('r', 'v') AND c.relname <> '_sqlx_migrations'";
    let rows = Desk::shared().sql().await.rows(comments).await;
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().expect("a text").to_owned();
    let comments: Told =
        rows.iter().map(|row| ((text(row, "relname"), text(row, "attname")), plain(&text(row, "told")))).collect();
    let told = told_by(page);
    assert!(comments.len() > 90, "{comments:?}");
    for (column, comment) in &comments {
        assert_eq!(told.get(column), Some(comment), "{column:?} in METRICS.md, and in its COMMENT");
    }
    let of_relations = told.keys().filter(|(relation, _)| comments.keys().any(|(known, _)| known == relation));
    let unknown: Vec<_> = of_relations.filter(|column| !comments.contains_key(*column)).collect();
    assert!(unknown.is_empty(), "METRICS.md tells of columns that there are not: {unknown:?}");
}

/// The rows of the tables below the headings of relations.
fn told_by(page: &str) -> Told {
    let (mut told, mut relation) = (Told::new(), String::new());
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.trim_matches('`').clone_into(&mut relation);
        }
        let cells: Vec<&str> = line.trim_matches('|').splitn(3, " | ").map(str::trim).collect();
        if let [column, _, sentence] = cells[..]
            && let Some(column) = column.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'))
        {
            told.insert((relation.clone(), column.to_owned()), plain(sentence));
        }
    }
    told
}

/// A sentence without what only a page has: back-ticks, links, and no full stop at its end.
fn plain(sentence: &str) -> String {
    let (mut plain, mut rest) = (String::new(), sentence);
    while let Some((before, link)) = rest.split_once('[')
        && let Some((name, after)) = link.split_once("](")
        && let Some((_, after)) = after.split_once(')')
    {
        plain = plain + before + name;
        rest = after;
    }
    (plain + rest).replace('`', "").trim_end_matches('.').to_owned()
}
