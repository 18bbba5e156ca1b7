-- What a credit note takes back of each line of its bill.
CREATE TABLE credit_note_lines (
    credit_note_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    amount DECIMAL(18, 2) NOT NULL,
    PRIMARY KEY (credit_note_id, position),
    CONSTRAINT credit_note_lines_note FOREIGN KEY (credit_note_id) REFERENCES credit_notes (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
