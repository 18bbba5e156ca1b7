DELETE FROM dictionary_values;
