DROP TABLE batch_results;
