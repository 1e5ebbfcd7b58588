//! The readable report of a bundle, `REPORT.md`.
//!
//! It follows from the rest of the bundle, and the verifier makes it again: so nothing stands in it that was not verified.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use docket_evidence::hash::Hash;
use docket_messages::{AnyEntry, Timestamp};

use crate::claim::Claim;
use crate::record::Disclosed;

/// So many entries are listed one by one.
const LISTED: usize = 1_000;
/// So many kinds of entries are counted by themselves; no log has as many.
const KINDS: usize = 200;
/// So many characters of a name are shown.
const SHOWN: usize = 64;

/// What a report is made of, as entries come.
#[derive(Debug, Default)]
pub(crate) struct Report {
    disclosed: u64,
    closed: u64,
    hashed: u64,
    backdated: u64,
    kinds: BTreeMap<String, u64>,
    first: Option<(u64, i64)>,
    last: Option<(u64, i64)>,
    lines: Vec<String>,
}

impl Report {
    pub(crate) fn hashed(&mut self, entries: u64) {
        self.hashed = self.hashed.saturating_add(entries);
    }

    pub(crate) fn closed(&mut self) {
        self.closed += 1;
    }

    /// How many entries were disclosed, and how many closed.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        (self.disclosed, self.closed, self.hashed)
    }

    pub(crate) fn disclosed(&mut self, position: u64, entry: &Disclosed) {
        self.disclosed += 1;
        let place = (position, entry.head.nanos);
        self.first = self.first.or(Some(place));
        self.last = Some(place);
        let taken_in = time(entry.head.nanos);
        let (kind, line) = match AnyEntry::decode(&entry.payload) {
            Ok(read) => {
                let backdated = read.is_backdated(millis(entry.head.nanos));
                self.backdated += u64::from(backdated);
                let on_behalf = read.on_behalf_of.as_ref().map_or_else(String::new, |of| format!(" for {of}"));
                let by = plain(&format!("{}{on_behalf}", read.by));
                let mark = if backdated { format!(" (back-dated to {})", read.at) } else { String::new() };
                let (kind, of, verb) = (read.kind.as_str(), plain(&read.of), plain(&read.verb));
                let (policy, version) = (read.policy, read.version);
                let line =
                    format!("| {position} | {taken_in}{mark} | {kind} {of} | {verb} | {by} | {policy} | {version} |");
                (format!("{kind}.{verb}"), line)
            }
            Err(_) => ("unreadable".to_owned(), format!("| {position} | {taken_in} | unreadable | | | | |")),
        };
        let is_new = !self.kinds.contains_key(&kind);
        let kind = if is_new && self.kinds.len() >= KINDS { "others".to_owned() } else { kind };
        *self.kinds.entry(kind).or_default() += 1;
        if self.lines.len() < LISTED {
            self.lines.push(line);
        }
    }

    /// The report, whole.
    pub(crate) fn render(&self, claim: &Claim, root: Hash) -> String {
        let mut text = String::new();
        self.write(&mut text, claim, root).map(|()| text).unwrap_or_default()
    }

    fn write(&self, text: &mut String, claim: &Claim, root: Hash) -> std::fmt::Result {
        let Claim { origin, size, of, .. } = claim;
        writeln!(text, "# Evidence from the log {}\n", plain(origin))?;
        writeln!(text, "This bundle discloses {of}, as of the checkpoint of the first {size} entries of the log.\n")?;
        writeln!(text, "| | |\n|---|---|")?;
        writeln!(text, "| root of the log | `{root}` |")?;
        writeln!(text, "| entries disclosed | {} |", self.disclosed)?;
        writeln!(text, "| entries of which only the subject is told | {} |", self.closed)?;
        writeln!(text, "| entries that stand as hashes | {} |", self.hashed)?;
        writeln!(text, "| disclosed entries that are back-dated | {} |", self.backdated)?;
        for (what, place) in [("first", self.first), ("last", self.last)] {
            if let Some((position, nanos)) = place {
                writeln!(text, "| {what} disclosed entry | position {position}, taken in {} |", time(nanos))?;
            }
        }
        writeln!(
            text,
            "\nNothing of this is to be believed because it stands here. `docket evidence verify` computes it again:"
        )?;
        writeln!(
            text,
            "that these are the entries of the log, that none is left out, and that the rules allowed each of them.\n"
        )?;
        writeln!(text, "## Entries by kind\n\n| kind and verb | entries |\n|---|---:|")?;
        for (kind, count) in &self.kinds {
            writeln!(text, "| {kind} | {count} |")?;
        }
        writeln!(text, "\n## Disclosed entries\n")?;
        if self.disclosed > u64::try_from(self.lines.len()).unwrap_or(u64::MAX) {
            writeln!(text, "The first {} of {}.\n", self.lines.len(), self.disclosed)?;
        }
        writeln!(text, "| position | taken in (UTC) | of | verb | by | policy | version |")?;
        writeln!(text, "|---:|---|---|---|---|---:|---:|")?;
        self.lines.iter().try_for_each(|line| writeln!(text, "{line}"))
    }
}

/// A moment of the server, in milliseconds.
pub(crate) fn millis(nanos: i64) -> Timestamp {
    Timestamp::EPOCH.plus_millis(nanos.div_euclid(1_000_000))
}

fn time(nanos: i64) -> String {
    millis(nanos).to_string()
}

/// A name without what would be more than a name in a table.
fn plain(name: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '|' | '`' | '<' | '>' | '[' | ']' | '\\');
    name.chars().take(SHOWN).map(|c| if is_plain(c) { c } else { '_' }).collect()
}
