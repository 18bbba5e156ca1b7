-- What was used, by day. The key is all but the quantity, so that a record that is sent again replaces and never doubles.
-- `quantity` is what counts; `raw_quantity` is what was sent, and differs where somebody has corrected it. Meters and
-- sources are not foreign keys: each would cost one more index of all rows; `opcms check` looks instead.
CREATE TABLE usage_records (
    customer_id BIGINT UNSIGNED NOT NULL,
    used_on DATE NOT NULL,
    meter_id BIGINT UNSIGNED NOT NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_id BIGINT UNSIGNED NOT NULL,
    quantity DECIMAL(18, 4) NOT NULL,
    raw_quantity DECIMAL(18, 4) NOT NULL,
    intake_id BIGINT UNSIGNED NOT NULL,
    received_at DATETIME(6) NOT NULL,
    PRIMARY KEY (customer_id, used_on, meter_id, device_series, layer, source_id),
    KEY usage_records_day (used_on, source_id),
    CONSTRAINT usage_records_not_negative CHECK (quantity >= 0 AND raw_quantity >= 0),
    CONSTRAINT usage_records_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
