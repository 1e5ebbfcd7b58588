//! Events and clocks in one line each, as tests expect them.

use docket_messages::{CaseEvent, Cause, ClockState, ClockView, Name, Status};

use super::moment::tell;

/// An event: its name, its main fact, what caused it when no command did, and its own instant if it has one.
pub fn line(event: &CaseEvent) -> String {
    let (fact, cause) = fact(event);
    let fact = if fact.is_empty() { fact } else { format!(" {fact}") };
    let cause = cause.map_or("", by);
    let at = event.at().map_or_else(String::new, |at| format!(", {}", tell(at)));
    format!("{}{fact}{cause}{at}", event.name())
}

fn by(cause: Cause) -> &'static str {
    match cause {
        Cause::Retarget => " by retarget",
        Cause::Message => " by message",
        Cause::Time => " by time",
        Cause::Reopen => " by reopen",
        Cause::Resolve => " by resolve",
        Cause::Close => " by close",
        Cause::Transfer => " by transfer",
        Cause::Warning => " by warning",
        Cause::Breach => " by breach",
        Cause::Rebase => " by rebase",
        Cause::Rejection => " by rejection",
        Cause::Merge => " by merge",
        Cause::Confirmation => " by confirmation",
        Cause::Parent => " by parent",
        Cause::Push => " by push",
        Cause::NoTarget => " by no target",
    }
}

fn fact(event: &CaseEvent) -> (String, Option<Cause>) {
    match event {
        CaseEvent::Classified(classified) => (classified.priority.to_string(), None),
        CaseEvent::Routed(routed) => {
            let rule = routed.rule.map_or_else(String::new, |rule| format!(" by rule {rule}"));
            (format!("{}{rule}", routed.queue), routed.cause)
        }
        CaseEvent::Assigned(assigned) => (assigned.agent.to_string(), assigned.cause),
        CaseEvent::Unassigned(unassigned) => (unassigned.agent.to_string(), unassigned.cause),
        CaseEvent::Pended(pended) => (pended.reason.to_string(), None),
        CaseEvent::Resumed(resumed) => (String::new(), resumed.cause),
        CaseEvent::Reopened(reopened) => (String::new(), reopened.cause),
        CaseEvent::SplitRequested(asked) => (String::new(), asked.cause),
        CaseEvent::Escalated(escalated) => (escalated.level.to_string(), escalated.cause),
        CaseEvent::Deescalated(deescalated) => (deescalated.level.to_string(), None),
        CaseEvent::Notified(notified) => {
            let to: Vec<&str> = notified.to.iter().map(Name::as_str).collect();
            (format!("{} of {}/{}", to.join(" "), notified.clock, notified.instance), Some(notified.cause))
        }
        CaseEvent::EffortLogged(logged) => (format!("{} s", logged.seconds), None),
        CaseEvent::Linked(linked) => (linked.relation.as_str().to_owned(), None),
        CaseEvent::LinkRequested(asked) => (asked.relation.as_str().to_owned(), None),
        CaseEvent::LinkRefused(refused) => (format!("{} {}", refused.relation.as_str(), refused.code), None),
        CaseEvent::ParentAccepted(accepted) => (format!("of {}", accepted.children), None),
        CaseEvent::PassingOn(passing) => (format!("{} to {}", passing.of, passing.children), None),
        CaseEvent::PassedOn(passed) => (format!("{}: {} and {} not", passed.of, passed.taken, passed.refused), None),
        CaseEvent::ArticleAttached(attached) => (attached.article_id.to_string(), None),
        CaseEvent::ArticleDetached(detached) => (detached.article_id.to_string(), None),
        CaseEvent::Offered(offered) => (format!("{} until {}", offered.agent, tell(offered.expires_at)), None),
        CaseEvent::OfferDeclined(declined) => (declined.agent.to_string(), None),
        CaseEvent::OfferExpired(expired) => (expired.agent.to_string(), None),
        CaseEvent::MergeRefused(refused) => (refused.code.to_string(), None),
        CaseEvent::Closed(closed) => (closed.code.to_string(), closed.cause),
        CaseEvent::SurveyRequested(asked) => (format!("{}/{}", asked.survey, asked.cycle), None),
        CaseEvent::SurveyAnswered(answered) => (format!("{}/{}", answered.survey, answered.cycle), None),
        CaseEvent::SurveyExpired(expired) => (format!("{}/{}", expired.survey, expired.cycle), None),
        CaseEvent::Clock(_, reading) => (format!("{}/{}", reading.clock, reading.instance), reading.cause),
        CaseEvent::Opened(_)
        | CaseEvent::MessageReceived(_)
        | CaseEvent::Responded(_)
        | CaseEvent::Noted(_)
        | CaseEvent::Resolved(_)
        | CaseEvent::ResolutionConfirmed(_)
        | CaseEvent::ResolutionRejected(_)
        | CaseEvent::ArticleNotFound(_)
        | CaseEvent::MergeRequested(_)
        | CaseEvent::Absorbed(_)
        | CaseEvent::Merged(_)
        | CaseEvent::UnmergeRequested(_)
        | CaseEvent::Released(_)
        | CaseEvent::Unmerged(_)
        | CaseEvent::Cancelled(_)
        | CaseEvent::FollowUpDue(_) => (String::new(), None),
    }
}

/// The status that an event says the case has now.
pub fn status_of(event: &CaseEvent) -> Option<Status> {
    match event {
        CaseEvent::Opened(opened) => Some(opened.status),
        CaseEvent::Assigned(assigned) => Some(assigned.status),
        CaseEvent::Responded(responded) => Some(responded.status),
        CaseEvent::Pended(pended) => Some(pended.status),
        CaseEvent::Resumed(resumed) => Some(resumed.status),
        CaseEvent::Resolved(resolved) => Some(resolved.status),
        CaseEvent::Closed(closed) => Some(closed.status),
        CaseEvent::Reopened(reopened) => Some(reopened.status),
        CaseEvent::Cancelled(cancelled) => Some(cancelled.status),
        CaseEvent::Merged(merged) => Some(merged.status),
        CaseEvent::Unmerged(unmerged) => Some(unmerged.status),
        CaseEvent::Classified(_)
        | CaseEvent::Routed(_)
        | CaseEvent::Unassigned(_)
        | CaseEvent::MessageReceived(_)
        | CaseEvent::Noted(_)
        | CaseEvent::Escalated(_)
        | CaseEvent::Deescalated(_)
        | CaseEvent::Notified(_)
        | CaseEvent::ResolutionConfirmed(_)
        | CaseEvent::ResolutionRejected(_)
        | CaseEvent::EffortLogged(_)
        | CaseEvent::Linked(_)
        | CaseEvent::ArticleAttached(_)
        | CaseEvent::ArticleDetached(_)
        | CaseEvent::ArticleNotFound(_)
        | CaseEvent::LinkRequested(_)
        | CaseEvent::LinkRefused(_)
        | CaseEvent::ParentAccepted(_)
        | CaseEvent::PassingOn(_)
        | CaseEvent::PassedOn(_)
        | CaseEvent::SplitRequested(_)
        | CaseEvent::Offered(_)
        | CaseEvent::OfferDeclined(_)
        | CaseEvent::OfferExpired(_)
        | CaseEvent::MergeRequested(_)
        | CaseEvent::MergeRefused(_)
        | CaseEvent::Absorbed(_)
        | CaseEvent::UnmergeRequested(_)
        | CaseEvent::Released(_)
        | CaseEvent::SurveyRequested(_)
        | CaseEvent::SurveyAnswered(_)
        | CaseEvent::SurveyExpired(_)
        | CaseEvent::FollowUpDue(_)
        | CaseEvent::Clock(..) => None,
    }
}

/// A clock: its state, what matters in that state, and its breach.
pub fn clock_line(clock: &ClockView) -> String {
    let state = match clock.state {
        ClockState::Running => format!("running, due {}", clock.due_at.map_or("never".to_owned(), tell)),
        ClockState::Paused => format!("paused, {} s left", clock.remaining_seconds),
        ClockState::Met => format!("met {}", clock.met_at.map_or("never".to_owned(), tell)),
        ClockState::Cancelled => "cancelled".to_owned(),
    };
    let breach = clock.breached_at.map_or_else(String::new, |at| format!(", breached {}", tell(at)));
    format!("{state}{breach}")
}
