//! The queries of `docs/reviews/`, as an analyst runs them.

use std::fs;

use crate::support::{Desk, Sql};

/// The longest query, in lines.
const LINES_MAX: usize = 5;

#[tokio::test]
async fn every_query_of_the_reviews_runs_and_is_short() {
    let analyst = Sql::connect(Desk::shared().analyst()).await;
    let mut questions = Vec::new();
    for review in ["daily", "weekly", "monthly", "quarterly"] {
        let path = format!("{}/../../docs/reviews/{review}.md", env!("CARGO_MANIFEST_DIR"));
        let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        for section in page.split("\n## ").skip(1) {
            let heading = section.lines().next().unwrap_or_default();
            questions.extend(heading.split_once(". ").and_then(|(number, _)| number.parse::<u32>().ok()));
            let queries: Vec<&str> =
                section.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
            assert!(!queries.is_empty(), "{review}: `{heading}` has no query");
            for query in queries {
                assert!(query.trim().lines().count() <= LINES_MAX, "{review}: `{heading}` is long:\n{query}");
                analyst.run(query).await.unwrap_or_else(|error| panic!("{review}: `{heading}`: {error}"));
            }
        }
    }
    questions.sort_unstable();
    assert_eq!(questions, (1..=20).collect::<Vec<_>>(), "each of the twenty once");
}
