ALTER TABLE price_versions DROP FOREIGN KEY price_versions_customer;
