-- The moves of customers from status to status: by hand with a reason, or by a rule with the facts that it saw.
CREATE TABLE status_moves (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    was VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
    becomes VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(500) NULL,
    facts JSON NULL,
    moved_by BIGINT UNSIGNED NULL,
    moved_at DATETIME(6) NOT NULL,
    KEY status_moves_customer (customer_id, id),
    CONSTRAINT status_moves_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT status_moves_moved_by FOREIGN KEY (moved_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
