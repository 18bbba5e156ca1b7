-- What the nightly rules look at: when a customer used and owed what. The rooms of usage and receivables keep it.
CREATE TABLE customer_activity (
    customer_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    first_used_on DATE NULL,
    last_used_on DATE NULL,
    overdue_since DATE NULL,
    updated_at DATETIME(6) NOT NULL,
    KEY customer_activity_last_used (last_used_on),
    KEY customer_activity_overdue (overdue_since),
    CONSTRAINT customer_activity_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
