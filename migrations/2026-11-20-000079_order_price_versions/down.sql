ALTER TABLE price_versions
    DROP KEY price_versions_from,
    DROP KEY price_versions_state_from,
    DROP KEY price_versions_waiting;
