COMMENT ON COLUMN clocks.clock IS 'first_response, next_response, update, resolution or ownership.';
COMMENT ON COLUMN cases.merged_into IS 'The case that it goes on in, if it was merged.';
