-- The batch that a change came from, for the history of what it changed. Without a key, as everything in the log.
ALTER TABLE audit_entries ADD COLUMN batch_id BIGINT UNSIGNED NULL;
