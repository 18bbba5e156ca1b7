-- Credit notes: what is taken back of a sent bill, as a whole or by line. Asked for by one, approved by another.
CREATE TABLE credit_notes (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    bill_id BIGINT UNSIGNED NOT NULL,
    number VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    whole BOOLEAN NOT NULL,
    amount DECIMAL(18, 2) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    asked_by BIGINT UNSIGNED NULL,
    asked_at DATETIME(6) NOT NULL,
    decided_by BIGINT UNSIGNED NULL,
    decided_at DATETIME(6) NULL,
    decision_reason VARCHAR(500) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    UNIQUE KEY credit_notes_number (number),
    KEY credit_notes_bill (bill_id),
    KEY credit_notes_state (state, id),
    CONSTRAINT credit_notes_positive CHECK (amount > 0),
    CONSTRAINT credit_notes_of_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT credit_notes_asked_by FOREIGN KEY (asked_by) REFERENCES users (id),
    CONSTRAINT credit_notes_decided_by FOREIGN KEY (decided_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
