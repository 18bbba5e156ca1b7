-- What customers ask about their bills: about a line, or about all of it. While one is not closed nobody is reminded of the bill;
-- `bills.open_disputes` counts them.
CREATE TABLE disputes (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    bill_id BIGINT UNSIGNED NOT NULL,
    link_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    opened_at DATETIME(6) NOT NULL,
    written_at DATETIME(6) NOT NULL,
    closed_by BIGINT UNSIGNED NULL,
    closed_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    KEY disputes_bill (bill_id, id),
    KEY disputes_state (state, written_at, id),
    KEY disputes_written (written_at, id),
    CONSTRAINT disputes_of_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT disputes_of_link FOREIGN KEY (link_id) REFERENCES bill_links (id),
    CONSTRAINT disputes_closed_by FOREIGN KEY (closed_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
