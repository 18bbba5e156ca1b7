DROP TABLE bill_run_lines;
