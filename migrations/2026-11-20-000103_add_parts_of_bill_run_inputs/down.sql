ALTER TABLE bill_run_customers DROP KEY bill_run_customers_total, DROP COLUMN inputs_parts;
