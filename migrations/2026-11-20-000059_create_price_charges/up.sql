-- What a version charges for a meter: for all of it, or for a device series or a layer of it. Blank dimensions are the
-- rest that no other charge names.
CREATE TABLE price_charges (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    price_version_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    meter_id BIGINT UNSIGNED NOT NULL,
    device_series VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    layer VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    model VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    unit_price DECIMAL(18, 6) NULL,
    block_quantity DECIMAL(18, 4) NULL,
    free_quantity DECIMAL(18, 4) NULL,
    block_price DECIMAL(18, 6) NULL,
    annual_fee_amount DECIMAL(18, 2) NULL,
    included_quantity DECIMAL(18, 4) NULL,
    overage_price DECIMAL(18, 6) NULL,
    charge_when_zero BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE KEY price_charges_position (price_version_id, position),
    UNIQUE KEY price_charges_key (price_version_id, meter_id, device_series, layer),
    CONSTRAINT price_charges_not_negative CHECK (unit_price >= 0 AND block_quantity > 0 AND free_quantity >= 0 AND block_price >= 0 AND annual_fee_amount >= 0 AND included_quantity >= 0 AND overage_price >= 0),
    CONSTRAINT price_charges_version FOREIGN KEY (price_version_id) REFERENCES price_versions (id) ON DELETE CASCADE,
    CONSTRAINT price_charges_meter FOREIGN KEY (meter_id) REFERENCES meters (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
