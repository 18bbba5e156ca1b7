DROP TABLE customer_import_prices;
