DROP TABLE bill_runs;
