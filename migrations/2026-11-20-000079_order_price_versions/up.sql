-- The orders in which versions are listed: by first day, by first day within a state, and as they wait for approval.
ALTER TABLE price_versions
    ADD KEY price_versions_from (valid_from),
    ADD KEY price_versions_state_from (state, valid_from),
    ADD KEY price_versions_waiting (state, submitted_at);
