DROP TABLE bill_promises;
