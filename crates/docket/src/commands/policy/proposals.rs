//! `docket policy proposals`: what was proposed, and what became of it.

use std::process::ExitCode;

use docket_messages::{PolicyEvent, Position, Timestamp};
use serde::Serialize;

use super::entries::entries;
use crate::commands::log::who;
use crate::endpoints::Find;
use crate::error::AnyError;
use crate::output;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Proposal {
    proposal: u32,
    position: Position,
    at: Timestamp,
    by: String,
    /// Who has approved it.
    approved_by: Option<String>,
    /// Whether another policy came into force meanwhile, so that it can no longer be approved.
    is_overtaken: bool,
}

/// Lists them.
pub async fn run(find: &Find, as_json: bool) -> Result<ExitCode, AnyError> {
    let mut all: Vec<Proposal> = Vec::new();
    for (recorded, entry) in entries(find).await? {
        for event in &entry.events {
            match event {
                PolicyEvent::PolicyProposed(proposed) => all.push(Proposal {
                    proposal: proposed.proposal,
                    position: recorded.position,
                    at: entry.at,
                    by: who(&entry),
                    approved_by: None,
                    is_overtaken: false,
                }),
                PolicyEvent::PolicyApproved(approved) => {
                    let found = all.iter_mut().find(|proposal| proposal.proposal == approved.proposal);
                    if let Some(proposal) = found {
                        proposal.approved_by = Some(who(&entry));
                    }
                }
                PolicyEvent::PolicyPublished(_) => {
                    let open = all.iter_mut().filter(|proposal| proposal.approved_by.is_none());
                    open.for_each(|proposal| proposal.is_overtaken = true);
                }
            }
        }
    }
    if as_json {
        all.iter().try_for_each(output::json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = all.into_iter().map(|Proposal { proposal, position, at, by, approved_by, is_overtaken }| {
        let state = match approved_by {
            Some(who) => format!("approved by {who}"),
            None if is_overtaken => "overtaken: another policy came into force".to_owned(),
            None => "open".to_owned(),
        };
        vec![proposal.to_string(), position.to_string(), at.to_string(), by, state]
    });
    output::say(&output::table(&["proposal", "position", "proposed", "by", "state"], rows).to_string());
    Ok(ExitCode::SUCCESS)
}
