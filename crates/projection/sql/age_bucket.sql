CREATE OR REPLACE FUNCTION age_bucket(age interval) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN age < interval '4 hours' THEN '<4h'
    WHEN age < interval '24 hours' THEN '4-24h'
    WHEN age < interval '3 days' THEN '1-3d'
    WHEN age < interval '7 days' THEN '3-7d'
    WHEN age < interval '14 days' THEN '7-14d'
    WHEN age < interval '30 days' THEN '14-30d'
    ELSE '>=30d'
END;

COMMENT ON FUNCTION age_bucket IS 'The ageing bucket of an age; buckets hold from their lower end until before their upper end.';
