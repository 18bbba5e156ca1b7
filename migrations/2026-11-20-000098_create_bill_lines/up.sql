-- The lines of bills, each with the arithmetic that its amount was found by. `late_of` and `late_month` name the bill and the
-- month that usage came too late for. A manual line has a description and a reason, and who wrote it.
CREATE TABLE bill_lines (
    bill_id BIGINT UNSIGNED NOT NULL,
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
    description VARCHAR(200) NULL,
    reason VARCHAR(500) NULL,
    created_by BIGINT UNSIGNED NULL,
    PRIMARY KEY (bill_id, position),
    KEY bill_lines_late (late_of),
    CONSTRAINT bill_lines_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT bill_lines_price FOREIGN KEY (price_version_id) REFERENCES price_versions (id),
    CONSTRAINT bill_lines_late_of FOREIGN KEY (late_of) REFERENCES bills (id),
    CONSTRAINT bill_lines_created_by FOREIGN KEY (created_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
