CREATE TABLE agent_presence (
    agent    text NOT NULL,
    version  integer NOT NULL,
    at       timestamptz NOT NULL,
    presence text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (agent, version)
);

COMMENT ON TABLE agent_presence IS 'One row for each time that an agent began or ceased to take cases on.';
COMMENT ON COLUMN agent_presence.agent IS 'The agent, by pseudonym.';
COMMENT ON COLUMN agent_presence.version IS 'How often the presence of the agent has changed, this time included.';
COMMENT ON COLUMN agent_presence.at IS 'When.';
COMMENT ON COLUMN agent_presence.presence IS 'online, busy (at work, and takes nothing new on) or offline.';
COMMENT ON COLUMN agent_presence.position IS 'The log position of its entry.';

CREATE VIEW agents AS
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
    WHERE status IN ('new', 'open')
    GROUP BY assignee
) AS held ON held.assignee = last.agent;

COMMENT ON VIEW agents IS 'One row per agent who ever said whether cases are taken on.';
COMMENT ON COLUMN agents.agent IS 'The agent, by pseudonym.';
COMMENT ON COLUMN agents.presence IS 'online, busy or offline, as last said.';
COMMENT ON COLUMN agents.since IS 'When that was said.';
COMMENT ON COLUMN agents.cases IS 'How many new and open cases the agent has; those that wait do not count.';
