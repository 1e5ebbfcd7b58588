CREATE OR REPLACE FUNCTION volume("from" timestamptz, "to" timestamptz, zone text, step interval)
RETURNS TABLE (
    starts_at timestamptz, local_label text, type text, category text, channel text, queue text, cases bigint,
    messages bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH steps AS MATERIALIZED (
        SELECT intervals.starts_at, intervals.local_label, row_number() OVER (ORDER BY intervals.starts_at) AS number
        FROM intervals("from", "to", zone, step)
    ), bounds AS MATERIALIZED (
        SELECT array_agg(steps.starts_at ORDER BY steps.starts_at) AS starts FROM steps
    ), counted AS (
        SELECT
            width_bucket(contacts.at, (SELECT bounds.starts FROM bounds)) AS number,
            contacts.type, contacts.category, contacts.channel, contacts.queue,
            count(*) FILTER (WHERE contacts.kind = 'intake') AS cases,
            count(*) FILTER (WHERE contacts.kind = 'message') AS messages
        FROM contacts
        -- Asked for first, so that wrong arguments are an error also when nothing came.
        WHERE (SELECT bounds.starts FROM bounds) IS NOT NULL
            AND contacts.at >= coalesce("from", '-infinity') AND contacts.at < coalesce("to", 'infinity')
        GROUP BY 1, 2, 3, 4, 5
    )
    SELECT
        steps.starts_at, steps.local_label, counted.type, counted.category, counted.channel, counted.queue,
        counted.cases, counted.messages
    FROM counted
    JOIN steps USING (number)
    ORDER BY 1, 3, 4, 5, 6;
END;

COMMENT ON FUNCTION volume IS 'How many cases were opened and how many messages came, by interval, type, category, channel and queue (for a case the first one that it was in, for a message the one that it was in then, or the first one if it was in none yet). An interval in which nothing came has no row: join docket.intervals to have them all.';
