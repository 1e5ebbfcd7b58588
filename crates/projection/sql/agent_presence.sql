CREATE OR REPLACE VIEW agent_presence AS
SELECT
    agent, version, at, presence, position
FROM tables.agent_presence;

COMMENT ON VIEW agent_presence IS 'One row for each time that an agent began or ceased to take cases on. An agent was online from one such row until the next.';
COMMENT ON COLUMN agent_presence.agent IS 'The agent, by pseudonym.';
COMMENT ON COLUMN agent_presence.version IS 'How often the presence of the agent has changed, this time included.';
COMMENT ON COLUMN agent_presence.at IS 'When.';
COMMENT ON COLUMN agent_presence.presence IS 'online, busy (at work, and takes nothing new on) or offline.';
COMMENT ON COLUMN agent_presence.position IS 'The log position of its entry.';
