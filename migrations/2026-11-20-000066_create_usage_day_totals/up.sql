-- What all customers used on a day, kept with every record that comes in, so that nobody sums millions of them for a page.
CREATE TABLE usage_day_totals (
    used_on DATE NOT NULL,
    source_id BIGINT UNSIGNED NOT NULL,
    meter_id BIGINT UNSIGNED NOT NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    quantity DECIMAL(24, 4) NOT NULL,
    records INT UNSIGNED NOT NULL,
    PRIMARY KEY (used_on, source_id, meter_id, device_series, layer),
    KEY usage_day_totals_source (source_id, used_on)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
