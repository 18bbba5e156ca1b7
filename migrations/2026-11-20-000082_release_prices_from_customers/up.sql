-- The next migration ties prices to their customers in another way.
ALTER TABLE price_versions DROP FOREIGN KEY price_versions_customer;
