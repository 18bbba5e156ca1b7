-- The people whom one talks to at a customer; at most one live contact of a customer is the primary one.
CREATE TABLE contacts (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    name VARCHAR(100) NOT NULL,
    role VARCHAR(60) NULL,
    phone VARCHAR(40) NULL,
    email VARCHAR(200) NULL,
    remarks VARCHAR(500) NULL,
    is_primary BOOLEAN NOT NULL DEFAULT FALSE,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    deleted_at DATETIME(6) NULL,
    live_primary BIGINT UNSIGNED
        GENERATED ALWAYS AS (IF(deleted_at IS NULL AND is_primary, customer_id, NULL)) VIRTUAL,
    UNIQUE KEY contacts_live_primary (live_primary),
    KEY contacts_customer (customer_id, deleted_at, id),
    KEY contacts_phone (phone),
    CONSTRAINT contacts_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
