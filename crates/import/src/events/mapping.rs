//! A mapping: which columns of a file mean what.

use std::collections::{BTreeMap, BTreeSet};

use docket_messages::{Name, Status, Verb};
use serde::Deserialize;

use super::error::EventsError;
use super::table::Line;
use super::template::Template;

/// A mapping, as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What the file is from: part of the ids of its cases and commands, so never to be changed.
    pub(super) source: Name,
    /// The column that says which case a line is of.
    pub(super) case: String,
    #[serde(default)]
    pub(super) order: Order,
    #[serde(default)]
    pub(super) file: File,
    pub(super) time: Time,
    /// The body of `intake`, for the first line of a case.
    pub(super) intake: BTreeMap<String, Template>,
    /// What every line says of the state of its case.
    #[serde(default)]
    pub(super) state: State,
    /// What lines tell; the first that fits counts.
    pub(super) lines: Vec<Rule>,
    /// What becomes of lines that no rule fits.
    #[serde(default)]
    pub(super) rest: Rest,
    /// Why a case that is over comes back.
    #[serde(default)]
    pub(super) reopen: Option<Reopen>,
    /// Reasons to wait, and the status that each means.
    #[serde(default)]
    pub(super) pend_reasons: BTreeMap<Name, Status>,
}

/// The order of the lines of a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Order {
    /// As they stand, oldest first.
    #[default]
    #[serde(rename = "file")]
    File,
    /// By time; those of one instant as they stand.
    #[serde(rename = "time")]
    Time,
    /// As they stand, the other way round.
    #[serde(rename = "newest first")]
    NewestFirst,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) delimiter: char,
    /// By its label in the Encoding Standard. A byte order mark counts more.
    pub(super) encoding: String,
    /// What stands where a value is missing, beside nothing at all.
    pub(super) missing: BTreeSet<String>,
    /// What stands around a value in which the delimiter or a new line is; nothing where quotes mean themselves.
    quote: String,
}

impl File {
    /// The quote, if values have any.
    pub(super) fn quote(&self) -> Result<Option<u8>, EventsError> {
        match self.quote.as_bytes() {
            [] => Ok(None),
            [quote] => Ok(Some(*quote)),
            _ => Err(EventsError::Mapping("`quote` is one character of ASCII, or `\"\"` for none".to_owned())),
        }
    }
}

impl Default for File {
    fn default() -> Self {
        Self { delimiter: ',', encoding: "utf-8".to_owned(), missing: BTreeSet::new(), quote: "\"".to_owned() }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    pub(super) column: String,
    /// `rfc3339`, or as strftime writes it.
    pub(super) format: String,
    /// The zone of times that say none.
    #[serde(default)]
    pub(super) zone: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub(super) queue: Option<Template>,
    pub(super) agent: Option<Template>,
    #[serde(rename = "type")]
    pub(super) case_type: Option<Template>,
    pub(super) category: Option<Template>,
    pub(super) subcategory: Option<Template>,
    pub(super) impact: Option<Template>,
    pub(super) urgency: Option<Template>,
}

impl State {
    /// What a `classify` may change, by its field.
    pub(super) fn classification(&self) -> [(&'static str, Option<&Template>); 5] {
        [
            ("type", self.case_type.as_ref()),
            ("category", self.category.as_ref()),
            ("subcategory", self.subcategory.as_ref()),
            ("impact", self.impact.as_ref()),
            ("urgency", self.urgency.as_ref()),
        ]
    }
}

/// What lines tell that have certain values.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Columns, and the value or the values that each may have. All must fit.
    when: BTreeMap<String, OneOf>,
    pub(super) send: Vec<Command>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOf {
    One(String),
    Of(Vec<String>),
}

/// A command, by its verb and the fields of its body.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Command {
    verb: String,
    #[serde(flatten)]
    pub(super) body: BTreeMap<String, Template>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "lowercase", tag = "do", deny_unknown_fields)]
pub(super) enum Rest {
    /// They go into the reject report.
    #[default]
    Reject,
    /// Nothing.
    Skip,
    /// They become notes.
    Note { text: Template },
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reopen {
    pub(super) reason: Template,
}

impl Command {
    pub(super) fn verb(&self) -> Result<Verb, String> {
        Verb::parse(&self.verb).filter(|verb| *verb != Verb::Intake && *verb != Verb::Tick).ok_or_else(|| {
            let meant = Verb::nearest(&self.verb).map(|verb| format!("; did you mean `{}`?", verb.as_str()));
            format!("`{}` is no command that a line can tell{}", self.verb, meant.unwrap_or_default())
        })
    }
}

impl Rule {
    fn fits(&self, line: &Line) -> bool {
        self.when.iter().all(|(column, values)| {
            let value = line.get(column).unwrap_or_default();
            match values {
                OneOf::One(one) => one == value,
                OneOf::Of(all) => all.iter().any(|one| one == value),
            }
        })
    }
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`EventsError::Mapping`]: where it is wrong, and what is expected there.
    pub fn read(text: &str) -> Result<Self, EventsError> {
        let wrong = |cause: String| EventsError::Mapping(cause);
        let mapping: Self = toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        for command in mapping.lines.iter().flat_map(|rule| &rule.send) {
            let verb = command.verb().map_err(wrong)?;
            for field in command.body.keys() {
                if field == "caseId" || !verb.fields().iter().any(|known| known.name() == *field) {
                    let known: Vec<String> =
                        verb.fields().iter().map(|field| field.name()).filter(|name| name != "caseId").collect();
                    let (verb, known) = (verb.as_str(), known.join(", "));
                    return Err(wrong(format!("`{verb}` has no field `{field}`; it has {known}")));
                }
            }
        }
        for command in mapping.lines.iter().flat_map(|rule| &rule.send).filter(|command| command.verb == "pend") {
            if let Some(Template::Text(_)) = command.body.get("reason")
                && mapping.pend_reasons.is_empty()
            {
                return Err(wrong(
                    "`pend` wants its reasons under [pend_reasons], with the status that each means".to_owned(),
                ));
            }
        }
        Ok(mapping)
    }

    /// The columns that it names.
    pub(super) fn columns(&self) -> BTreeSet<&str> {
        let state = [&self.state.queue, &self.state.agent].into_iter().flatten();
        let classification = self.state.classification().into_iter().filter_map(|(_, template)| template);
        let bodies = self.lines.iter().flat_map(|rule| &rule.send).flat_map(|command| command.body.values());
        let rest = match &self.rest {
            Rest::Note { text } => Some(text),
            Rest::Reject | Rest::Skip => None,
        };
        let reasons = self.reopen.iter().map(|reopen| &reopen.reason);
        let templates =
            self.intake.values().chain(state).chain(classification).chain(bodies).chain(rest).chain(reasons);
        let of_rules = self.lines.iter().flat_map(|rule| rule.when.keys().map(String::as_str));
        let of_templates = templates.flat_map(Template::columns);
        [self.case.as_str(), self.time.column.as_str()].into_iter().chain(of_rules).chain(of_templates).collect()
    }

    /// The first rule that fits a line.
    pub(super) fn rule_of(&self, line: &Line) -> Option<&Rule> {
        self.lines.iter().find(|rule| rule.fits(line))
    }

    /// Whether the lines say when customers were answered.
    pub(super) fn says_what_was_answered(&self) -> bool {
        self.lines.iter().flat_map(|rule| &rule.send).any(|command| command.verb == Verb::Respond.as_str())
    }

    /// What there is in the columns that the rules ask for: a sentence.
    pub(super) fn values_of_rules(&self, lines: &[Line]) -> String {
        const SHOWN: usize = 12;
        let columns: BTreeSet<&str> = self.lines.iter().flat_map(|rule| rule.when.keys().map(String::as_str)).collect();
        let told = columns.into_iter().map(|column| {
            let values: BTreeSet<&str> = lines.iter().filter_map(|line| line.get(column)).collect();
            let more = if values.len() > SHOWN { ", …" } else { "" };
            let values: Vec<&str> = values.into_iter().take(SHOWN).collect();
            format!("`{column}` has {}{more}", values.join(", "))
        });
        told.collect::<Vec<_>>().join("; ")
    }
}
