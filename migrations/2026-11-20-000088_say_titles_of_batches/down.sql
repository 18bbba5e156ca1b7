ALTER TABLE batches DROP KEY batches_state, DROP COLUMN said;
