//! The names of subjects and streams.

use docket_eventlog::Subject;

/// The durable consumer of the firings.
pub(crate) const TICKER: &str = "ticker";

/// The prefix of all names: `docket` for a company, another for each test that shares a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace {
    prefix: String,
}

/// What ends the subject of a submission that the operator sent in somebody's name. No principal may publish to it.
pub(crate) const BY_OPERATOR: &str = "operator";

impl Default for Namespace {
    fn default() -> Self {
        Self::new("docket")
    }
}

impl Namespace {
    /// Names with a prefix, which must be one lower-case subject token.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The stream of the log.
    #[must_use]
    pub fn log_stream(&self) -> String {
        format!("{}_LOG", self.prefix.to_uppercase())
    }

    /// The stream of the timers.
    #[must_use]
    pub fn timer_stream(&self) -> String {
        format!("{}_TIMERS", self.prefix.to_uppercase())
    }

    /// The stream of the log's seals.
    #[must_use]
    pub fn seal_stream(&self) -> String {
        format!("{}_SEALS", self.prefix.to_uppercase())
    }

    /// The stream of the bucket of keys.
    #[must_use]
    pub fn key_stream(&self) -> String {
        format!("KV_{}", self.key_bucket())
    }

    fn key_bucket(&self) -> String {
        format!("{}_KEYS", self.prefix.to_uppercase())
    }

    /// All subjects of the bucket of keys.
    #[must_use]
    pub fn key_subjects(&self) -> String {
        format!("$KV.{}.>", self.key_bucket())
    }

    /// The subject of a block of data keys.
    #[must_use]
    pub fn keys(&self, block: &str) -> String {
        format!("$KV.{}.keys.{block}", self.key_bucket())
    }

    /// The id of the block of data keys of a subject.
    #[must_use]
    pub fn below_keys<'s>(&self, subject: &'s str) -> Option<&'s str> {
        subject.strip_prefix(&self.keys(""))
    }

    /// The subject of the key of an epoch.
    #[must_use]
    pub fn epoch(&self, number: &str) -> String {
        format!("$KV.{}.epoch.{number}", self.key_bucket())
    }

    /// The subject of seals.
    #[must_use]
    pub fn seals(&self) -> String {
        format!("{}.seal", self.prefix)
    }

    /// The subject of checkpoints that witnesses have signed, too; they may be older than the last seal.
    #[must_use]
    pub fn witnessed(&self) -> String {
        format!("{}.witnessed", self.prefix)
    }

    /// The subject of what the sealer has found to be wrong with the log.
    #[must_use]
    pub fn findings(&self) -> String {
        format!("{}.finding", self.prefix)
    }

    /// Where the sealer is asked for a checkpoint with all signatures.
    #[must_use]
    pub fn sealer(&self) -> String {
        format!("{}.sealer", self.prefix)
    }

    /// All subjects of the log.
    #[must_use]
    pub fn log_subjects(&self) -> String {
        format!("{}.log.>", self.prefix)
    }

    /// The subject of an aggregate.
    #[must_use]
    pub fn log_subject(&self, subject: &Subject) -> String {
        format!("{}.log.{subject}", self.prefix)
    }

    /// The aggregate's part of a subject of the log.
    #[must_use]
    pub fn below_log<'s>(&self, subject: &'s str) -> &'s str {
        self.below(".log.", subject)
    }

    /// What follows a branch of the names; a subject that is not on it stays as it is.
    fn below<'s>(&self, branch: &str, subject: &'s str) -> &'s str {
        subject.strip_prefix(&self.prefix).and_then(|rest| rest.strip_prefix(branch)).unwrap_or(subject)
    }

    /// The subject of a command.
    #[must_use]
    pub fn command(&self, principal: &str, kind: &str, verb: &str) -> String {
        format!("{}.cmd.{principal}.{kind}.{verb}", self.prefix)
    }

    /// All subjects on which a principal sends commands, asks, and submits.
    #[must_use]
    pub fn of_principal(&self, principal: &str) -> [String; 3] {
        ["cmd", "query", "submit"].map(|what| format!("{}.{what}.{principal}.>", self.prefix))
    }

    /// All commands.
    #[must_use]
    pub fn commands(&self) -> String {
        format!("{}.cmd.>", self.prefix)
    }

    /// The stream of submissions.
    #[must_use]
    pub fn inbox_stream(&self) -> String {
        format!("{}_INBOX", self.prefix.to_uppercase())
    }

    /// The subject of a submission.
    #[must_use]
    pub fn submission(&self, principal: &str, kind: &str, verb: &str) -> String {
        format!("{}.submit.{principal}.{kind}.{verb}", self.prefix)
    }

    /// The part of a submission's subject that says who submits what.
    #[must_use]
    pub fn below_submissions<'s>(&self, subject: &'s str) -> &'s str {
        self.below(".submit.", subject)
    }

    /// All subjects that begin with a principal's submissions, those that are none included.
    #[must_use]
    pub fn submissions_of(&self, principal: &str) -> String {
        format!("{}.submit.{principal}.>", self.prefix)
    }

    /// All submissions.
    #[must_use]
    pub fn submissions(&self) -> String {
        format!("{}.submit.>", self.prefix)
    }

    /// The stream of outcomes.
    #[must_use]
    pub fn outcome_stream(&self) -> String {
        format!("{}_OUTCOMES", self.prefix.to_uppercase())
    }

    /// The subject of an outcome.
    #[must_use]
    pub fn outcome(&self, principal: &str, command: &str) -> String {
        format!("{}.outcome.{principal}.{command}", self.prefix)
    }

    /// What the operator may submit, as anybody: it becomes [`submissions_by_operator`](Self::submissions_by_operator).
    #[must_use]
    pub(crate) fn submissions_as_anybody(&self) -> String {
        format!("{}.submit.*.*.*", self.prefix)
    }

    /// What the operator has submitted in the name of somebody.
    #[must_use]
    pub(crate) fn submissions_by_operator(&self, principal: &str) -> String {
        format!("{}.submit.{principal}.*.*.{BY_OPERATOR}", self.prefix)
    }

    /// The same as the operator writes it: the tokens of the one stand in the other.
    #[must_use]
    pub(crate) fn submissions_mapped(&self) -> String {
        format!("{}.submit.$1.$2.$3", self.prefix)
    }

    /// A subject of the outcomes' stream on which there never is one: it names no command.
    #[must_use]
    pub(crate) fn no_outcome(&self) -> String {
        format!("{}.outcome.none", self.prefix)
    }

    /// All outcomes.
    #[must_use]
    pub fn outcomes(&self) -> String {
        format!("{}.outcome.>", self.prefix)
    }

    /// The subject of a query.
    #[must_use]
    pub fn query(&self, principal: &str, kind: &str, verb: &str) -> String {
        format!("{}.query.{principal}.{kind}.{verb}", self.prefix)
    }

    /// All queries.
    #[must_use]
    pub fn queries(&self) -> String {
        format!("{}.query.>", self.prefix)
    }

    /// The subject of a case's schedule.
    #[must_use]
    pub fn timer(&self, case: &str) -> String {
        format!("{}.timer.case.{case}", self.prefix)
    }

    /// All schedules.
    #[must_use]
    pub fn timers(&self) -> String {
        format!("{}.timer.>", self.prefix)
    }

    /// The subject on which a case's schedule fires.
    #[must_use]
    pub fn due(&self, case: &str) -> String {
        format!("{}.due.case.{case}", self.prefix)
    }

    /// All firings.
    #[must_use]
    pub fn dues(&self) -> String {
        format!("{}.due.>", self.prefix)
    }

    /// The name under which the service is announced, and its queue group.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.prefix
    }
}
