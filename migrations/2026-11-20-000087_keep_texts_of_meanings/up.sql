-- What stood in the file whose meaning is remembered, for the page that lists it: the text of a cell, or the headings.
ALTER TABLE import_choices ADD COLUMN shown TEXT NULL;
