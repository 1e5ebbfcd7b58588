//! The words that a history uses and that a policy must list.

use std::collections::{BTreeMap, BTreeSet};

use docket_messages::{CaseCommand, Name, Status};

/// The words of a history, collected while it is translated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Types of cases.
    pub types: BTreeSet<Name>,
    /// Categories with their subcategories.
    pub categories: BTreeMap<Name, BTreeSet<Name>>,
    /// Queues.
    pub queues: BTreeSet<Name>,
    /// Channels.
    pub channels: BTreeSet<Name>,
    /// Tiers of customers, which a policy may list.
    pub tiers: BTreeSet<Name>,
    /// Impacts. No import adds one to a policy: which priorities it leads to is the manager's to say.
    pub impacts: BTreeSet<Name>,
    /// Urgencies; like impacts.
    pub urgencies: BTreeSet<Name>,
    /// Resolution codes.
    pub resolution_codes: BTreeSet<Name>,
    /// Closure codes, which close from any status.
    pub closure_codes: BTreeSet<Name>,
    /// Pend reasons with the status that each means.
    pub pend_reasons: BTreeMap<Name, Status>,
}

impl Vocabulary {
    /// Adds the words of a command.
    ///
    /// # Errors
    /// That nobody says which status a reason to wait means.
    pub fn learn(&mut self, command: &CaseCommand, reasons: &BTreeMap<Name, Status>) -> Result<(), String> {
        if let CaseCommand::Intake(intake) = command {
            self.types.insert(intake.case_type.clone());
            self.channels.insert(intake.channel.clone());
            self.tiers.extend(intake.tier.clone());
            self.impacts.insert(intake.impact.clone());
            self.urgencies.insert(intake.urgency.clone());
            self.learn_category(intake.category.as_ref(), intake.subcategory.as_ref());
        } else if let CaseCommand::Receive(receive) = command {
            self.channels.extend(receive.channel.clone());
        } else if let CaseCommand::Respond(respond) = command {
            self.channels.extend(respond.channel.clone());
        } else if let CaseCommand::Classify(classify) = command {
            self.types.extend(classify.case_type.clone());
            self.impacts.extend(classify.impact.clone());
            self.urgencies.extend(classify.urgency.clone());
            self.learn_category(classify.category.as_ref(), classify.subcategory.as_ref());
        } else if let CaseCommand::Route(route) = command {
            self.queues.insert(route.queue.clone());
        } else if let CaseCommand::Assign(assign) = command {
            self.queues.extend(assign.queue.clone());
        } else if let CaseCommand::Resolve(resolve) = command {
            self.resolution_codes.insert(resolve.code.clone());
        } else if let CaseCommand::Close(close) = command {
            self.closure_codes.insert(close.code.clone());
        } else if let CaseCommand::Pend(pend) = command {
            let Some(status) = reasons.get(&pend.reason) else {
                return Err(format!("[pend_reasons] of the mapping does not say which status `{}` means", pend.reason));
            };
            self.pend_reasons.insert(pend.reason.clone(), *status);
        }
        Ok(())
    }

    fn learn_category(&mut self, category: Option<&Name>, subcategory: Option<&Name>) {
        if let Some(category) = category {
            self.categories.entry(category.clone()).or_default().extend(subcategory.cloned());
        }
    }
}
