-- The tiers of charges, the lowest first; the last has no bound.
CREATE TABLE price_tiers (
    price_charge_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    up_to_quantity DECIMAL(18, 4) NULL,
    unit_price DECIMAL(18, 6) NOT NULL,
    flat_fee_amount DECIMAL(18, 2) NOT NULL DEFAULT 0,
    PRIMARY KEY (price_charge_id, position),
    CONSTRAINT price_tiers_not_negative CHECK (up_to_quantity > 0 AND unit_price >= 0 AND flat_fee_amount >= 0),
    CONSTRAINT price_tiers_charge FOREIGN KEY (price_charge_id) REFERENCES price_charges (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
