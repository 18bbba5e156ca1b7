-- The lines that a run would write, of the same shape as the lines of bills, so that committing copies them within the
-- database. They go once the run is committed or given up.
CREATE TABLE bill_run_lines (
    run_id BIGINT UNSIGNED NOT NULL,
    customer_position INT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    price_version_id BIGINT UNSIGNED NULL,
    price_number INT UNSIGNED NULL,
    meter_id BIGINT UNSIGNED NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    from_on DATE NOT NULL,
    until_on DATE NOT NULL,
    quantity DECIMAL(18, 4) NULL,
    year_from DATE NULL,
    late_of BIGINT UNSIGNED NULL,
    late_month DATE NULL,
    amount DECIMAL(18, 2) NOT NULL,
    explanation JSON NOT NULL,
    PRIMARY KEY (run_id, customer_position, position),
    CONSTRAINT bill_run_lines_customer FOREIGN KEY (run_id, customer_position) REFERENCES bill_run_customers (run_id, position) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
