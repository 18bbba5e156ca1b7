DROP TABLE customer_quality;
