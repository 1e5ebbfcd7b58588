//! How a desk does its work, counted: surveys, effort, articles, agents, splits.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::ReadModels;
use crate::ProjectionError;

/// What customers answered, by kind of survey.
#[derive(Debug, Clone, FromRow)]
pub struct SurveyRow {
    /// `csat`, `ces` or `nps`.
    pub survey: String,
    /// How often it was asked for.
    pub requested: i64,
    /// How often it was answered.
    pub answered: i64,
    /// The mean score.
    pub average: Option<f64>,
    /// Answers in favour: csat 4 and 5, ces 5 to 7, nps 9 and 10.
    pub favourable: i64,
    /// Answers against: csat 1 and 2, ces 1 to 3, nps 0 to 6.
    pub unfavourable: i64,
}

/// Work that was recorded, by the queue that its case is in now.
#[derive(Debug, Clone, FromRow)]
pub struct EffortRow {
    /// The queue.
    pub queue: Option<String>,
    /// Cases with recorded work.
    pub cases: i64,
    /// The work, in seconds.
    pub seconds: i64,
}

/// A knowledge article, and how often it was of use.
#[derive(Debug, Clone, FromRow)]
pub struct ArticleRow {
    /// The article.
    pub article: String,
    /// How often it was attached to a case.
    pub attached: i64,
    /// How often it solved one.
    pub solved: i64,
}

/// A row of `docket.agents`.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.agents of the same name")]
pub struct AgentRow {
    pub agent: String,
    pub presence: String,
    pub since: DateTime<Utc>,
    pub cases: i64,
}

/// A part of a case that goes on by itself.
#[derive(Debug, Clone, FromRow)]
pub struct SplitRow {
    /// The case that was split.
    pub case_id: Uuid,
    /// The case that its part goes on as.
    pub follow_up: Uuid,
}

impl ReadModels {
    /// Surveys, by kind.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`], here and below, when they cannot be read.
    pub async fn surveys(&self) -> Result<Vec<SurveyRow>, ProjectionError> {
        let statement = "SELECT asked.survey, asked.requested, given.answered, given.average, given.favourable,
                given.unfavourable
            FROM (
                SELECT survey, count(*) AS requested FROM survey_requests GROUP BY survey
            ) AS asked CROSS JOIN LATERAL (
                SELECT count(*) AS answered, avg(score)::float8 AS average,
                    count(*) FILTER (WHERE score >= CASE asked.survey WHEN 'csat' THEN 4 WHEN 'ces' THEN 5 ELSE 9 END)
                        AS favourable,
                    count(*) FILTER (WHERE score <= CASE asked.survey WHEN 'csat' THEN 2 WHEN 'ces' THEN 3 ELSE 6 END)
                        AS unfavourable
                FROM survey_answers WHERE survey_answers.survey = asked.survey
            ) AS given ORDER BY asked.survey";
        self.all("count the surveys", statement).await
    }

    /// Recorded work, by queue.
    pub async fn effort(&self) -> Result<Vec<EffortRow>, ProjectionError> {
        let statement = "SELECT cases.queue, count(DISTINCT cases.case_id) AS cases,
                sum(efforts.seconds)::bigint AS seconds
            FROM efforts JOIN cases USING (case_id) GROUP BY cases.queue ORDER BY cases.queue";
        self.all("add up the effort", statement).await
    }

    /// The articles that were of most use.
    pub async fn articles(&self) -> Result<Vec<ArticleRow>, ProjectionError> {
        let statement = "SELECT article_id AS article,
                count(*) FILTER (WHERE event = 'attached') AS attached,
                count(*) FILTER (WHERE event = 'solved') AS solved
            FROM article_events WHERE event IN ('attached', 'solved')
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 8";
        self.all("count the articles", statement).await
    }

    /// `docket.agents`.
    pub async fn agents(&self) -> Result<Vec<AgentRow>, ProjectionError> {
        self.all("read the agents", "SELECT agent, presence, since, cases FROM agents ORDER BY agent").await
    }

    /// Agents who have open cases.
    pub async fn agents_at_work(&self) -> Result<Vec<String>, ProjectionError> {
        let statement = "SELECT DISTINCT assignee FROM cases
            WHERE assignee IS NOT NULL AND is_active ORDER BY assignee LIMIT 6";
        let agents: Vec<(String,)> = self.all("look for agents at work", statement).await?;
        Ok(agents.into_iter().map(|(agent,)| agent).collect())
    }

    /// Parts of cases that go on by themselves.
    pub async fn splits(&self) -> Result<Vec<SplitRow>, ProjectionError> {
        let statement = "SELECT case_id, (detail->>'into')::uuid AS follow_up FROM case_timeline
            WHERE event = 'splitRequested' ORDER BY position";
        self.all("read what was split", statement).await
    }
}
