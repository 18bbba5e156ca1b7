ALTER TABLE price_versions ADD CONSTRAINT price_versions_customer FOREIGN KEY (customer_id) REFERENCES customers (id);
