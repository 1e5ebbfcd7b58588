//! `docket bench domain`: the rules alone.

use docket_lab::bench::domain::{Deadlines, Report, run as measure, verbs};

use crate::desk::SAMPLE_POLICY;
use crate::error::AnyError;
use crate::{output, zones};

/// Arguments of `docket bench domain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Events that the cases have.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1_000], value_name = "N,…")]
    events: Vec<u32>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
pub fn run(args: &Args) -> Result<(), AnyError> {
    let report = measure(SAMPLE_POLICY, zones::current(), &args.events)?;
    if args.json {
        return output::json(&report);
    }
    print(&report, &args.events);
    Ok(())
}

fn print(report: &Report, lengths: &[u32]) {
    let header: Vec<String> = lengths.iter().map(|events| format!("{events} events")).collect();
    let header: Vec<&str> = std::iter::once("decisions/s").chain(header.iter().map(String::as_str)).collect();
    let rows = verbs().map(|verb| {
        let of_verb = report.decisions.iter().filter(|decisions| decisions.verb == verb);
        let rates = of_verb.map(|decisions| format!("{:.0}", decisions.per_second));
        std::iter::once(verb.to_owned()).chain(rates).collect()
    });
    output::say(&output::table(&header, rows).to_string());
    for Deadlines { open_hours, microseconds } in &report.deadlines {
        output::say(&format!("a deadline {open_hours} open hours away, in office hours: {microseconds:.2} µs"));
    }
}
