DROP TABLE customer_details;
