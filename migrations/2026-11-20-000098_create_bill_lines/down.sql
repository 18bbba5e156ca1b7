DROP TABLE bill_lines;
