ALTER TABLE audit_entries DROP COLUMN batch_id;
