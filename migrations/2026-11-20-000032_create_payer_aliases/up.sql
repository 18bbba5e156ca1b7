-- Names under which a customer's money arrives at the bank. A name belongs to one customer at a time.
CREATE TABLE payer_aliases (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    name VARCHAR(200) NOT NULL,
    normalised_name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    created_by BIGINT UNSIGNED NULL,
    created_at DATETIME(6) NOT NULL,
    deleted_at DATETIME(6) NULL,
    live_name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
        GENERATED ALWAYS AS (IF(deleted_at IS NULL, normalised_name, NULL)) VIRTUAL,
    UNIQUE KEY payer_aliases_live_name (live_name),
    KEY payer_aliases_customer (customer_id, id),
    CONSTRAINT payer_aliases_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT payer_aliases_created_by FOREIGN KEY (created_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
