DROP TABLE bill_decisions;
