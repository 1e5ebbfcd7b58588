CREATE OR REPLACE FUNCTION intervals("from" timestamptz, "to" timestamptz, zone text, step interval)
RETURNS TABLE (starts_at timestamptz, ends_at timestamptz, local_label text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    period tstzrange := checked_period("from", "to");
    named text := checked_zone(zone);
    length interval := checked_within(step);
    days integer := extract(day FROM step);
    months integer := extract(year FROM step) * 12 + extract(month FROM step);
    is_by_days boolean := length = make_interval(months => months, days => days)
        AND step - make_interval(months => months, days => days) = '0';
BEGIN
    -- '1 month -29 days' leads from the 30th of January to the same day, again and again.
    IF months < 0 OR days < 0 OR NOT is_by_days AND (months <> 0 OR days <> 0) THEN
        RAISE EXCEPTION 'a step is of days, weeks and months, or of hours, minutes and seconds; it got %', step
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Such as ''7 days'', or ''15 minutes''.';
    END IF;
    IF length < interval '1 minute' THEN
        RAISE EXCEPTION 'a step is a minute or more; it got %', step USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF extract(epoch FROM "to" - "from") / extract(epoch FROM length) > 1000000 THEN
        RAISE EXCEPTION 'a period of % has more than a million steps of %', "to" - "from", step
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Take longer steps, or a shorter period.';
    END IF;
    IF is_by_days THEN
        -- A day of the zone has 23 to 25 hours.
        RETURN QUERY SELECT greatest(instant_of(begins.at, named), lower(period)), instant_of(begins.at + length, named),
                to_char(begins.at, 'YYYY-MM-DD HH24:MI')
            FROM generate_series(lower(period) AT TIME ZONE named, upper(period) AT TIME ZONE named, length) AS begins (at)
            WHERE instant_of(begins.at, named) < upper(period);
    ELSE
        RETURN QUERY SELECT begins.at, begins.at + length, to_char(begins.at AT TIME ZONE named, 'YYYY-MM-DD HH24:MI')
            FROM generate_series(lower(period), upper(period), length) AS begins (at)
            WHERE begins.at < upper(period);
    END IF;
END;
$$;

COMMENT ON FUNCTION intervals IS 'Every interval of a period, from its beginning on, with its beginning as the clocks of a zone show it. Steps of whole days, weeks or months are those of the zone, so a day may have 23 or 25 hours; shorter ones have one length, so a local day has 92, 96 or 100 quarters of an hour. The last interval may end after the period.';
