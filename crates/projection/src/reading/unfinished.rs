//! What is not over: for the board of the desk.

use docket_messages::{AgentId, CaseId, Position, Presence};
use uuid::Uuid;

use super::ReadModels;
use crate::ProjectionError;

/// What is not over.
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// It is at least as of this position.
    pub position: Position,
    /// Cases that are new, open or pending.
    pub cases: Vec<CaseId>,
    /// Agents, and whether they take on cases.
    pub agents: Vec<(AgentId, Presence)>,
}

impl ReadModels {
    /// The cases that are not over, and the agents with what they last said of themselves; at least as of a position.
    pub async fn unfinished(&self) -> Result<Unfinished, ProjectionError> {
        let failed = ProjectionError::postgres;
        let doing = "read which cases are not over";
        // First: what is read after it may be newer, but not older.
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM checkpoint").fetch_one(&self.pool).await.map_err(failed(doing))?;
        let statement = "SELECT case_id FROM cases WHERE is_active";
        let cases: Vec<Uuid> = sqlx::query_scalar(statement).fetch_all(&self.pool).await.map_err(failed(doing))?;
        let agents: Vec<(String, String)> =
            sqlx::query_as("SELECT agent, presence FROM agents").fetch_all(&self.pool).await.map_err(failed(doing))?;
        let agent = |(agent, presence): (String, String)| {
            Some((AgentId::parse(&agent).ok()?, Presence::ALL.into_iter().find(|known| known.as_str() == presence)?))
        };
        Ok(Unfinished {
            position: Position(u64::try_from(position).unwrap_or_default()),
            cases: cases.into_iter().map(CaseId::new).collect(),
            agents: agents.into_iter().filter_map(agent).collect(),
        })
    }
}
