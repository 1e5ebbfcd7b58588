//! `docket dictionary`: what each number means, as the database says of itself.

use std::process::ExitCode;

use clap::ValueEnum;
use docket_projection::{Dictionary, Function, Relation};
use serde_json::{Value, json};

use crate::endpoints::Find;
use crate::error::AnyError;
use crate::output;

/// Arguments of `docket dictionary`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket dictionary                    # Markdown: docs/METRICS.md is made so
  docket dictionary --format json
  docket dictionary --format dbt > models/docket_sources.yml")]
pub struct Args {
    #[command(flatten)]
    find: Find,
    /// How it is written; dbt is a sources.yml
    #[arg(long, value_enum, default_value_t = Format::Md)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Md,
    Json,
    Dbt,
}

/// Prints it.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let dictionary = args.find.read_models().await?.dictionary().await?;
    output::say(&match args.format {
        Format::Md => markdown(&dictionary),
        Format::Json => serde_json::to_string_pretty(&as_json(&dictionary))?,
        Format::Dbt => dbt(&dictionary),
    });
    Ok(ExitCode::SUCCESS)
}

fn markdown(Dictionary { relations, functions }: &Dictionary) -> String {
    let mut page = "# What each number means\n\n\
        The relations and functions of the schema `docket`, as the database says of itself: this page is made by\n\
        `docket dictionary`, and `\\d+ docket.cases` in psql says the same. [ANALYSTS.md](ANALYSTS.md) says what holds for all of\n\
        them, and [CONTRACT.md](CONTRACT.md#sql) what stays stable.\n\n"
        .to_owned();
    for (what, names) in [
        ("Relations", relations.iter().map(|one| &one.name).collect::<Vec<_>>()),
        ("Functions", functions.iter().map(|one| &one.name).collect()),
    ] {
        let links: Vec<String> = names.into_iter().map(|name| format!("[`{name}`](#{name})")).collect();
        page.push_str(&format!("{what}: {}.\n\n", links.join(", ")));
    }
    for Relation { name, told, columns } in relations {
        page.push_str(&format!("## `{name}`\n\n{told}\n\n| column | type | meaning |\n|---|---|---|\n"));
        for column in columns {
            page.push_str(&format!("| `{}` | {} | {} |\n", column.name, column.kind, cell(&column.told)));
        }
        page.push('\n');
    }
    for Function { name, arguments, returns, told } in functions {
        let returns = table_of(returns);
        page.push_str(&format!("## `{name}`\n\n`docket.{name}({arguments})` returns {returns}\n\n{told}\n\n"));
    }
    page.trim_end().to_owned()
}

/// A type as it is read, with the columns of a table one after the other.
fn table_of(returns: &str) -> String {
    match returns.strip_prefix("TABLE(").and_then(|rest| rest.strip_suffix(')')) {
        Some(columns) => format!("rows of `{}`", columns.replace(", ", "`, `")),
        None => format!("`{returns}`"),
    }
}

fn cell(told: &str) -> String {
    told.replace('|', "\\|")
}

fn as_json(Dictionary { relations, functions }: &Dictionary) -> Value {
    let relations = relations.iter().map(|Relation { name, told, columns }| {
        let columns = columns.iter().map(|one| json!({ "name": one.name, "type": one.kind, "meaning": one.told }));
        json!({ "name": name, "meaning": told, "columns": columns.collect::<Vec<_>>() })
    });
    let functions = functions.iter().map(|Function { name, arguments, returns, told }| {
        json!({ "name": name, "arguments": arguments, "returns": returns, "meaning": told })
    });
    json!({ "schema": "docket", "relations": relations.collect::<Vec<_>>(), "functions": functions.collect::<Vec<_>>() })
}

/// A `sources.yml` of dbt. A string of JSON is one of YAML.
fn dbt(Dictionary { relations, .. }: &Dictionary) -> String {
    let text = |text: &str| Value::from(text).to_string();
    let mut yaml = "version: 2\n\nsources:\n  - name: docket\n    schema: docket\n    tables:\n".to_owned();
    for Relation { name, told, columns } in relations {
        yaml.push_str(&format!("      - name: {name}\n        description: {}\n        columns:\n", text(told)));
        for column in columns {
            yaml.push_str(&format!(
                "          - name: {}\n            data_type: {}\n            description: {}\n",
                text(&column.name),
                text(&column.kind),
                text(&column.told)
            ));
        }
    }
    yaml.trim_end().to_owned()
}
