-- The digests of what a customer was, what its prices, its usage and its bills were when a run was planned, sixteen digits
-- each, so that a plan that is out of date can say what has moved. The key is for the list by total.
ALTER TABLE bill_run_customers
    ADD COLUMN inputs_parts CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER inputs_hash,
    ADD KEY bill_run_customers_total (run_id, total_amount);
