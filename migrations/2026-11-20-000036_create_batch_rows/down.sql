DROP TABLE batch_rows;
