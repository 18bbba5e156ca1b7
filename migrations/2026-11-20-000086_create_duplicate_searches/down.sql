DROP TABLE duplicate_searches;
