-- Usage that came too late for the bill of its month, and that somebody took responsibility for: it becomes a line of a later
-- bill. `quantity` is what it adds to what was known under its key, and may be below zero; `bill_id` and `position` are the line
-- that it is on, as long as that bill counts.
CREATE TABLE late_usages (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    record_id BIGINT UNSIGNED NOT NULL,
    customer_id BIGINT UNSIGNED NOT NULL,
    used_on DATE NOT NULL,
    month DATE NOT NULL,
    meter_id BIGINT UNSIGNED NOT NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    source_id BIGINT UNSIGNED NOT NULL,
    quantity DECIMAL(18, 4) NOT NULL,
    sent_quantity DECIMAL(18, 4) NOT NULL,
    accepted_by BIGINT UNSIGNED NULL,
    accepted_at DATETIME(6) NOT NULL,
    bill_id BIGINT UNSIGNED NULL,
    position SMALLINT UNSIGNED NULL,
    UNIQUE KEY late_usages_record (record_id),
    KEY late_usages_customer (customer_id, month),
    KEY late_usages_bill (bill_id),
    CONSTRAINT late_usages_first_day CHECK (DAYOFMONTH(month) = 1),
    CONSTRAINT late_usages_line CHECK ((bill_id IS NULL) = (position IS NULL)),
    CONSTRAINT late_usages_of_record FOREIGN KEY (record_id) REFERENCES quarantined_records (id),
    CONSTRAINT late_usages_of_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT late_usages_meter FOREIGN KEY (meter_id) REFERENCES meters (id),
    CONSTRAINT late_usages_source FOREIGN KEY (source_id) REFERENCES usage_sources (id),
    CONSTRAINT late_usages_accepted_by FOREIGN KEY (accepted_by) REFERENCES users (id),
    CONSTRAINT late_usages_bill FOREIGN KEY (bill_id) REFERENCES bills (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
