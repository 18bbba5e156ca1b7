-- Pairs of customers that may be the same, with what speaks for and against it. Somebody decides: merged, or kept apart
-- with a reason; a pair that was kept apart is proposed again only when there is new evidence.
CREATE TABLE duplicate_pairs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    lower_id BIGINT UNSIGNED NOT NULL,
    higher_id BIGINT UNSIGNED NOT NULL,
    score INT UNSIGNED NOT NULL,
    evidence JSON NOT NULL,
    state VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(500) NULL,
    decided_by BIGINT UNSIGNED NULL,
    decided_at DATETIME(6) NULL,
    found_at DATETIME(6) NOT NULL,
    seen_at DATETIME(6) NOT NULL,
    UNIQUE KEY duplicate_pairs_both (lower_id, higher_id),
    KEY duplicate_pairs_queue (state, score, id),
    KEY duplicate_pairs_higher (higher_id),
    CONSTRAINT duplicate_pairs_lower FOREIGN KEY (lower_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT duplicate_pairs_higher FOREIGN KEY (higher_id) REFERENCES customers (id) ON DELETE CASCADE,
    CONSTRAINT duplicate_pairs_decided_by FOREIGN KEY (decided_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
