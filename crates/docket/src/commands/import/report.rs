//! What came of an import, told.

use docket_import::Driven;
use docket_import::file::Import;
use docket_import::service_levels::Comparison;
use docket_messages::Position;

use super::Rejected;
use super::months::Months;
use crate::error::AnyError;
use crate::output;

/// So many rejects are printed; the file has them all.
const SHOWN: usize = 100;

/// What came of an import.
pub(super) struct Report<'a> {
    pub(super) import: &'a Import,
    pub(super) outcome: Driven,
    pub(super) ticked: Driven,
    /// The highest position of a reply.
    pub(super) position: Position,
    pub(super) rejected: Vec<Rejected>,
    /// After how many seconds the read models were as far, or why they were not waited for.
    pub(super) caught_up: Result<f64, String>,
    /// What the file says of service levels beside what the clocks say, or why that is not known.
    pub(super) compared: Result<Comparison, String>,
    /// How many cases of each month are in which status, by the file and by Docket.
    pub(super) months: Months,
}

impl Report<'_> {
    pub(super) fn print_json(&self) -> Result<(), AnyError> {
        let Self { import, outcome, ticked, .. } = self;
        output::json(&serde_json::json!({
            "rows": import.rows, "cases": import.cases, "accepted": outcome.accepted + ticked.accepted,
            "repeated": outcome.repeated + ticked.repeated, "refused": outcome.refused.len() + ticked.refused.len(),
            "ticked": ticked.accepted, "responsesKnown": import.responses_known, "seconds": outcome.took.as_secs_f64(),
            "position": self.position, "readModelsCaughtUpSeconds": self.caught_up.as_ref().ok(),
            "serviceLevels": self.compared.as_ref().ok(), "months": self.months.rows(), "rejects": self.rejected,
        }))
    }

    pub(super) fn print(&self) {
        let Self { import, outcome, ticked, position, .. } = self;
        let (accepted, repeated, refused) = (outcome.accepted, outcome.repeated, outcome.refused.len());
        let seconds = outcome.took.as_secs_f64();
        output::say(&format!(
            "{} rows of {} cases: {accepted} commands accepted, {repeated} accepted before, {refused} refused, in {seconds:.1} s",
            import.rows, import.cases
        ));
        if !import.responses_known {
            output::say("the file does not say what was answered, so no first_response clock was started");
        }
        if ticked.accepted > 0 {
            output::say(&format!("{} unfinished cases brought up to {}", ticked.accepted, import.newest));
        }
        match &self.caught_up {
            Ok(after) => output::say(&format!("the read models reached position {position} {after:.1} s later")),
            Err(cause) => output::say(&format!("the read models were not waited for: {cause}")),
        }
        match &self.compared {
            // Not every file says something of them.
            Ok(_) if import.claims.is_empty() => {}
            Ok(compared) => print_comparison(compared),
            Err(cause) => output::say(&format!("service levels were not compared: {cause}")),
        }
        self.months.print();
        print_rejects(&self.rejected);
    }
}

fn print_comparison(compared: &Comparison) {
    let Comparison { file, docket, agree, .. } = compared;
    if file.kept + file.missed == 0 {
        return output::say("the file does not say which cases kept their service level (`made_sla`)");
    }
    let (by_file, by_docket) = compared.kept_by_one();
    output::say(&format!(
        "service levels: the file says kept {}, missed {}, nothing of {}; Docket's resolution clocks say kept {}, missed \
         {}, neither {}",
        file.kept, file.missed, file.undecided, docket.kept, docket.missed, docket.undecided
    ));
    output::say(&format!(
        "both agree on {agree} cases; {by_file} were kept by the file only, {by_docket} by the clocks only (--json lists them)"
    ));
}

pub(super) fn print_rejects(rejected: &[Rejected]) {
    if rejected.is_empty() {
        return output::say("no row was rejected");
    }
    output::say(&format!("\n{} rejected:", rejected.len()));
    for one in rejected.iter().take(SHOWN) {
        let line = one.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
        let (case, reason) = (output::in_line(&one.case), output::in_line(&one.reason));
        output::say(&format!("  line {line:>7}  {case}  {reason}"));
    }
    if rejected.len() > SHOWN {
        output::say(&format!("  and {} more; --rejects FILE writes them all", rejected.len() - SHOWN));
    }
}
