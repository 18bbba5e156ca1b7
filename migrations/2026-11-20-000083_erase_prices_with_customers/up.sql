-- A customer that an import created, and that nobody has touched since, is erased by the undo of that import. What the
-- same import opened for it, and nobody has approved, goes along.
ALTER TABLE price_versions ADD CONSTRAINT price_versions_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE;
