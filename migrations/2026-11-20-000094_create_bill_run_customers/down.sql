DROP TABLE bill_run_customers;
