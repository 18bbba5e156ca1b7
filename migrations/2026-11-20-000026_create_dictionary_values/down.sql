DROP TABLE dictionary_values;
