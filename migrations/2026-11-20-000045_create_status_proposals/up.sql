-- What the rules of the night propose and do not do by themselves: to suspend a customer whose balance is overdue. Somebody
-- approves or rejects it; it lapses when the balance is paid before. One proposal for each time that a customer is overdue.
CREATE TABLE status_proposals (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    overdue_since DATE NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    facts JSON NOT NULL,
    reason VARCHAR(500) NULL,
    decided_by BIGINT UNSIGNED NULL,
    decided_at DATETIME(6) NULL,
    created_at DATETIME(6) NOT NULL,
    UNIQUE KEY status_proposals_once (customer_id, overdue_since),
    KEY status_proposals_state (state, id),
    CONSTRAINT status_proposals_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT status_proposals_decided_by FOREIGN KEY (decided_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
