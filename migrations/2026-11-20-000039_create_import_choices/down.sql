DROP TABLE import_choices;
