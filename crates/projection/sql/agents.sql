CREATE OR REPLACE VIEW agents WITH (security_invoker) AS
SELECT
    last.agent,
    last.presence,
    last.at AS since,
    coalesce(held.cases, 0) AS cases
FROM (
    SELECT DISTINCT ON (agent) agent, presence, at
    FROM agent_presence
    ORDER BY agent, version DESC
) AS last
LEFT JOIN (
    SELECT assignee, count(*) AS cases
    FROM cases
    WHERE is_active AND status IN ('new', 'open')
    GROUP BY assignee
) AS held ON held.assignee = last.agent;

COMMENT ON VIEW agents IS 'One row per agent who ever said whether cases are taken on.';
COMMENT ON COLUMN agents.agent IS 'The agent, by pseudonym.';
COMMENT ON COLUMN agents.presence IS 'online, busy or offline, as last said.';
COMMENT ON COLUMN agents.since IS 'When that was said.';
COMMENT ON COLUMN agents.cases IS 'How many new and open cases the agent has; those that wait do not count.';
