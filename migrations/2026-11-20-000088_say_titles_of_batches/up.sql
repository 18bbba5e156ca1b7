-- The title in each language, where it is a sentence and not the name of a file. The key is for the sweep of batches that
-- were never committed.
ALTER TABLE batches ADD COLUMN said JSON NULL, ADD KEY batches_state (state, id);
