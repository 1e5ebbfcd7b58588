CREATE OR REPLACE VIEW backlog_aging WITH (security_invoker) AS
SELECT queue, priority, type, age_bucket(now() - opened_at) AS bucket, count(*) AS cases
FROM cases
WHERE is_active
GROUP BY queue, priority, type, age_bucket(now() - opened_at);

COMMENT ON VIEW backlog_aging IS 'The backlog by age, now.';
COMMENT ON COLUMN backlog_aging.queue IS 'The queue.';
COMMENT ON COLUMN backlog_aging.priority IS 'The priority.';
COMMENT ON COLUMN backlog_aging.type IS 'The type.';
COMMENT ON COLUMN backlog_aging.bucket IS 'The age: <4h, 4-24h, 1-3d, 3-7d, 7-14d, 14-30d or >=30d.';
COMMENT ON COLUMN backlog_aging.cases IS 'How many cases.';
