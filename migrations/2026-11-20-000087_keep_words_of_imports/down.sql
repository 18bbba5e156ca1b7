ALTER TABLE batches DROP KEY batches_state, DROP COLUMN said;
ALTER TABLE import_choices DROP COLUMN shown;
