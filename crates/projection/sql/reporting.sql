CREATE OR REPLACE VIEW reporting AS
SELECT coalesce((SELECT reporting_zone FROM tables.policies ORDER BY policy DESC LIMIT 1), 'UTC') AS zone;

COMMENT ON VIEW reporting IS 'How numbers are reported, as the policy in force says: one row.';
COMMENT ON COLUMN reporting.zone IS 'The zone in which days, weeks and hours begin, by its IANA name; UTC unless the policy says otherwise.';
