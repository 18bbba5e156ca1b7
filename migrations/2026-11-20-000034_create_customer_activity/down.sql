DROP TABLE customer_activity;
