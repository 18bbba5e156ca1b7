ALTER TABLE dictionary_values
    DROP FOREIGN KEY dictionary_values_merged_into_value,
    DROP KEY dictionary_values_merged_into,
    DROP COLUMN merged_into_id;
