CREATE OR REPLACE VIEW policy_versions AS
SELECT policy, at, by, on_behalf_of, position
FROM tables.policies;

COMMENT ON VIEW policy_versions IS 'One row for each version of the policy that came into force.';
COMMENT ON COLUMN policy_versions.policy IS 'The version.';
COMMENT ON COLUMN policy_versions.at IS 'When it came into force.';
COMMENT ON COLUMN policy_versions.by IS 'The principal who published it.';
COMMENT ON COLUMN policy_versions.on_behalf_of IS 'On whose behalf, by pseudonym.';
COMMENT ON COLUMN policy_versions.position IS 'The log position of its entry.';
