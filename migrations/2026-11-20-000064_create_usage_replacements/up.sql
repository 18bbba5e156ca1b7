-- What a record said before it was sent again with another quantity.
CREATE TABLE usage_replacements (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    used_on DATE NOT NULL,
    meter_id BIGINT UNSIGNED NOT NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_id BIGINT UNSIGNED NOT NULL,
    raw_quantity DECIMAL(18, 4) NOT NULL,
    intake_id BIGINT UNSIGNED NOT NULL,
    received_at DATETIME(6) NOT NULL,
    replaced_by BIGINT UNSIGNED NOT NULL,
    replaced_at DATETIME(6) NOT NULL,
    KEY usage_replacements_record (customer_id, used_on),
    CONSTRAINT usage_replacements_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT usage_replacements_intake FOREIGN KEY (replaced_by) REFERENCES usage_intakes (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
