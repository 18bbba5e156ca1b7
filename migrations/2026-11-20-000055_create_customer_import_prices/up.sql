-- The prices that an import brought for customers, as they were written and checked: the pricing room opens versions from
-- them. `effective_on` is the day that was asked for; NULL leaves it to whoever opens the version.
CREATE TABLE customer_import_prices (
    customer_id BIGINT UNSIGNED NOT NULL,
    batch_id BIGINT UNSIGNED NOT NULL,
    single_price DECIMAL(18, 6) NULL,
    tier_prices TEXT NULL,
    effective_on DATE NULL,
    PRIMARY KEY (customer_id, batch_id),
    KEY customer_import_prices_batch (batch_id),
    CONSTRAINT customer_import_prices_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT customer_import_prices_from_batch FOREIGN KEY (batch_id) REFERENCES batches (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
