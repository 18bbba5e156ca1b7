-- A value that was merged into another one stays as a row: what it was called still leads to what it became.
ALTER TABLE dictionary_values
    ADD COLUMN merged_into_id BIGINT UNSIGNED NULL AFTER retired_at,
    ADD KEY dictionary_values_merged_into (merged_into_id),
    ADD CONSTRAINT dictionary_values_merged_into_value FOREIGN KEY (merged_into_id) REFERENCES dictionary_values (id);
