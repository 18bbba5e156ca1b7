-- What customers promised about paying a bill, and what became of the promise: the last one counts until its day has passed.
CREATE TABLE bill_promises (
    bill_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    promised_on DATE NULL,
    note VARCHAR(500) NOT NULL,
    noted_by BIGINT UNSIGNED NULL,
    noted_at DATETIME(6) NOT NULL,
    PRIMARY KEY (bill_id, position),
    CONSTRAINT bill_promises_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT bill_promises_noted_by FOREIGN KEY (noted_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
