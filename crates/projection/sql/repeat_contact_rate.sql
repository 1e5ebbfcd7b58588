CREATE OR REPLACE FUNCTION repeat_contact_rate(within interval, "from" timestamptz, "to" timestamptz)
RETURNS TABLE (cases bigint, repeats bigint, rate double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT opened.cases, again.cases, again.cases::double precision / nullif(opened.cases, 0)
    FROM (
        SELECT count(*) AS cases FROM cases
        WHERE cases.customer_id IS NOT NULL AND cases.category IS NOT NULL
            AND cases.opened_at >= coalesce("from", '-infinity') AND cases.opened_at < coalesce("to", 'infinity')
    ) AS opened
    CROSS JOIN (
        SELECT count(*) AS cases FROM repeat_contacts(within) AS repeats
        WHERE repeats.opened_at >= coalesce("from", '-infinity') AND repeats.opened_at < coalesce("to", 'infinity')
    ) AS again
    WHERE (SELECT checked_period("from", "to")) IS NOT NULL AND (SELECT checked_within(within)) IS NOT NULL;
END;

COMMENT ON FUNCTION repeat_contact_rate IS 'How many of the cases with a customer and a category that were opened in a period are repeats, as docket.repeat_contacts says; the rate is 0 to 1, null when there is no case.';
