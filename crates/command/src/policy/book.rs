//! The policy as the service knows it: every version, kept up to the log.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use docket_calendar::zones::Zones;
use docket_domain::authority;
use docket_domain::policy::{Finding, Policies, Policy};
use docket_eventlog::{EventLog, Flaw, ReadError, Recorded, Subject, Tail, follow};
use docket_messages::{CommandId, Failure, FailureCode, PolicyEvent, PolicyVersion, PrincipalName, Rejection};
use futures::StreamExt;
use tokio::sync::Mutex;

use super::change::Answer;
use crate::answers::{failure, no_policy};
use crate::receipts::Receipt;

/// The policy's entries, folded.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownPolicies {
    pub policies: Option<Policies>,
    pub tail: Option<Tail>,
    pub receipts: HashMap<(PrincipalName, CommandId), PolicyReceipt>,
    /// What was proposed, in order.
    pub proposals: Vec<Proposal>,
    /// The moment of the last entry.
    pub at: Option<docket_messages::Timestamp>,
}

/// What a command to the policy was answered.
#[derive(Debug, Clone)]
pub(crate) struct PolicyReceipt {
    pub receipt: Receipt,
    pub(super) answer: Answer,
}

/// A policy that somebody has proposed.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    pub by: PrincipalName,
    /// The version that was in force.
    pub against: PolicyVersion,
    /// Empty once another version came into force.
    pub document: String,
}

impl KnownPolicies {
    /// The version in force; 0 when there is none.
    pub(crate) fn version(&self) -> PolicyVersion {
        self.policies.as_ref().map_or(PolicyVersion(0), |policies| policies.current().version)
    }

    /// The policies.
    ///
    /// # Errors
    /// That there is none.
    pub(crate) fn policies(&self) -> Result<&Policies, Rejection> {
        self.policies.as_ref().ok_or_else(no_policy)
    }

    /// The policies, if the one in force grants a request.
    ///
    /// # Errors
    /// That it does not, or that there is none.
    pub(crate) fn check(&self, request: &authority::Request<'_>) -> Result<&Policies, Rejection> {
        let policies = self.policies()?;
        authority::check(policies.current(), request).map(|()| policies)
    }

    fn apply(&mut self, recorded: &Recorded, zones: &Zones) -> Result<(), Flaw> {
        let flaw = |message: String| Flaw { position: recorded.position, message };
        let (entry, tail) = follow::<PolicyEvent>(recorded, self.tail)?;
        for event in &entry.events {
            if let PolicyEvent::PolicyProposed(proposed) = event {
                let (by, document) = (entry.by.clone(), proposed.document.clone());
                self.proposals.push(Proposal { by, against: self.version(), document });
            }
            let Some(published) = event.published() else { continue };
            // Whatever was proposed until now can no longer be approved.
            self.proposals.iter_mut().for_each(|proposal| proposal.document = String::new());
            let version = PolicyVersion(self.version().get().saturating_add(1));
            compare_zones(version, published.zone_version.as_deref(), zones.version());
            let policy = Policy::compile_published(&published.document, version, entry.at, zones);
            let policy = Arc::new(policy.map_err(|findings| flaw(describe(&findings)))?);
            self.policies = Some(match self.policies.take() {
                Some(policies) => policies.with(policy),
                None => Policies::new(policy),
            });
        }
        let (receipt, answer) = (Receipt::of(&entry, recorded.position), Answer::of(&entry));
        self.receipts.insert((entry.by.clone(), entry.id.clone()), PolicyReceipt { receipt, answer });
        self.tail = Some(tail);
        self.at = self.at.max(Some(entry.at));
        Ok(())
    }
}

/// Says that a policy was published where time zones are known better than here. Releases sort as texts do.
fn compare_zones(version: PolicyVersion, published: Option<&str>, own: &str) {
    if let Some(published) = published.filter(|published| *published > own) {
        tracing::warn!(
            policy = version.get(),
            "policy {version} was published with the time zones of {published}, and this service counts by those of {own}; \
             install a newer zone database (the package tzdata) and start it again"
        );
    }
}

/// Findings as one sentence for the sender of the document.
pub(crate) fn describe(findings: &[Finding]) -> String {
    const SHOWN: usize = 20;
    let mut lines: Vec<String> = findings.iter().take(SHOWN).map(ToString::to_string).collect();
    if findings.len() > SHOWN {
        lines.push(format!("and {} more", findings.len() - SHOWN));
    }
    lines.join("; ")
}

/// Why the policy is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyError {
    #[error("could not read the policy")]
    Read(#[from] ReadError),
    #[error("the policy in the log cannot be used")]
    Unreadable(#[from] Flaw),
    #[error("compiling the policy was broken off")]
    BrokenOff(#[from] tokio::task::JoinError),
}

impl PolicyError {
    /// What a sender is told.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Read(_) | Self::BrokenOff(_) => failure(FailureCode::LogUnavailable, self, true),
            Self::Unreadable(_) => failure(FailureCode::LogUnreadable, self, false),
        }
    }
}

/// The policy as the service knows it.
#[derive(Debug)]
pub(crate) struct PolicyBook<L> {
    log: L,
    zones: &'static Zones,
    known: RwLock<Arc<KnownPolicies>>,
    /// Only one reads the log at a time; the others use what it found.
    refreshing: Mutex<()>,
    /// Only one document is checked at a time.
    pub(crate) checking: Mutex<()>,
}

impl<L: EventLog> PolicyBook<L> {
    pub(crate) fn new(log: L, zones: &'static Zones) -> Self {
        Self { log, zones, known: RwLock::default(), refreshing: Mutex::new(()), checking: Mutex::new(()) }
    }

    /// What is known now.
    pub(crate) fn known(&self) -> Arc<KnownPolicies> {
        // Nobody can panic while holding the lock: it only guards a pointer.
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known, at least up to a version that an entry names.
    pub(crate) async fn at_least(&self, version: PolicyVersion) -> Result<Arc<KnownPolicies>, PolicyError> {
        let known = self.known();
        if known.version() >= version && known.policies.is_some() {
            return Ok(known);
        }
        // Hardly ever, so it is boxed.
        Box::pin(self.refresh()).await
    }

    /// What is known now; read, when nothing is.
    pub(crate) async fn current(&self) -> Result<Arc<KnownPolicies>, PolicyError> {
        self.at_least(PolicyVersion(0)).await
    }

    /// Reads on where what is known ends.
    pub(crate) async fn refresh(&self) -> Result<Arc<KnownPolicies>, PolicyError> {
        let _one = self.refreshing.lock().await;
        let known = self.known();
        let after = known.tail.map(|tail| tail.position);
        let entries = self.log.read_subject(&Subject::Policy, after).await?;
        if entries.is_empty() {
            return Ok(known);
        }
        let (mut next, zones) = (KnownPolicies::clone(&known), self.zones);
        // Compiling takes its time, so it is done where no command waits for it.
        let applied = tokio::task::spawn_blocking(move || {
            entries.iter().try_for_each(|recorded| next.apply(recorded, zones)).map(|()| next)
        });
        let next = Arc::new(applied.await??);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        Ok(next)
    }

    /// Whether what is known is all there is, as the log's leader says.
    pub(crate) async fn is_current(&self, known: &KnownPolicies) -> Result<bool, ReadError> {
        Ok(self.log.last_of(&Subject::Policy).await? == known.tail.map(|tail| tail.position))
    }

    /// Follows what other instances publish, until the log cannot be followed.
    pub(crate) async fn follow(&self) -> Result<(), PolicyError> {
        let after = self.known().tail.map(|tail| tail.position).unwrap_or_default();
        let mut entries = self.log.follow_subject(&Subject::Policy, after).await?;
        while let Some(entry) = entries.next().await {
            entry?;
            self.refresh().await?;
        }
        Ok(())
    }
}
