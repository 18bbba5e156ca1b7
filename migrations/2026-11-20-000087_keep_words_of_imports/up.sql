-- `shown` is what stood in the file whose meaning is remembered, for the page that lists it: the text of a cell, or the
-- headings. `said` is the title of a batch in each language, where it is a sentence and not the name of a file. The key is
-- for the sweep of batches that were never committed.
ALTER TABLE import_choices ADD COLUMN shown TEXT NULL;
ALTER TABLE batches ADD COLUMN said JSON NULL, ADD KEY batches_state (state, id);
