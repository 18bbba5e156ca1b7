-- What was decided about a bill, in its order: submitted, approved, rejected, voided. `round` counts the submissions.
CREATE TABLE bill_decisions (
    bill_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    round SMALLINT UNSIGNED NOT NULL,
    decision VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(500) NULL,
    decided_by BIGINT UNSIGNED NULL,
    decided_at DATETIME(6) NOT NULL,
    PRIMARY KEY (bill_id, position),
    CONSTRAINT bill_decisions_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT bill_decisions_decided_by FOREIGN KEY (decided_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
