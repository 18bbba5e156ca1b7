-- Corrections of records: what counts instead of what was sent, why, and who said so. One of a record is in force at most.
CREATE TABLE usage_corrections (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    used_on DATE NOT NULL,
    meter_id BIGINT UNSIGNED NOT NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_id BIGINT UNSIGNED NOT NULL,
    raw_quantity DECIMAL(18, 4) NOT NULL,
    quantity DECIMAL(18, 4) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    created_by BIGINT UNSIGNED NULL,
    created_at DATETIME(6) NOT NULL,
    ended_by BIGINT UNSIGNED NULL,
    ended_at DATETIME(6) NULL,
    live_customer_id BIGINT UNSIGNED GENERATED ALWAYS AS (CASE WHEN ended_at IS NULL THEN customer_id END) STORED,
    UNIQUE KEY usage_corrections_in_force (live_customer_id, used_on, meter_id, device_series, layer, source_id),
    KEY usage_corrections_record (customer_id, used_on),
    CONSTRAINT usage_corrections_not_negative CHECK (quantity >= 0),
    CONSTRAINT usage_corrections_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT usage_corrections_created_by FOREIGN KEY (created_by) REFERENCES users (id),
    CONSTRAINT usage_corrections_ended_by FOREIGN KEY (ended_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
