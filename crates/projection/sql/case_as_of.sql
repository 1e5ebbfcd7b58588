CREATE OR REPLACE FUNCTION case_as_of(case_id uuid, t timestamptz) RETURNS SETOF cases
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT past.*
    FROM cases AS live
    CROSS JOIN LATERAL (
        SELECT entries.version, entries.position FROM case_entries AS entries
        WHERE entries.case_id = live.case_id AND entries.at <= case_as_of.t
        ORDER BY entries.position DESC LIMIT 1
    ) AS last
    -- What later entries changed, as it was before the first of them.
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(was.key, was.value ORDER BY entries.position DESC), '{}') AS columns
        FROM case_entries AS entries
        CROSS JOIN LATERAL jsonb_each(entries.before) AS was
        WHERE entries.case_id = live.case_id AND entries.position > last.position
    ) AS undone
    CROSS JOIN LATERAL jsonb_populate_record(
        live, undone.columns || jsonb_build_object('version', last.version, 'position', last.position)
    ) AS past
    WHERE live.case_id = case_as_of.case_id;
END;

COMMENT ON FUNCTION case_as_of IS 'The row of docket.cases of a case as it was at a past moment, from the moments of the entries, as known at the current position; no row before it began.';
