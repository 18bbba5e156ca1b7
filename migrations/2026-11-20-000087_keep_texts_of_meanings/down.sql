ALTER TABLE import_choices DROP COLUMN shown;
