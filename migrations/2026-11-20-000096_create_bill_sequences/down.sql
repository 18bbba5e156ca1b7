DROP TABLE bill_sequences;
