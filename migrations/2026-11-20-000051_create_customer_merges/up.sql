-- Merges, with all that it takes to take them back: `changes` are the fields of the survivor that changed, `moved` what
-- went along, by the kind of record.
CREATE TABLE customer_merges (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    pair_id BIGINT UNSIGNED NOT NULL,
    survivor_id BIGINT UNSIGNED NOT NULL,
    loser_id BIGINT UNSIGNED NOT NULL,
    changes JSON NOT NULL,
    moved JSON NOT NULL,
    reason VARCHAR(500) NULL,
    merged_by BIGINT UNSIGNED NULL,
    merged_at DATETIME(6) NOT NULL,
    unmerged_by BIGINT UNSIGNED NULL,
    unmerged_at DATETIME(6) NULL,
    open_loser BIGINT UNSIGNED GENERATED ALWAYS AS (IF(unmerged_at IS NULL, loser_id, NULL)) VIRTUAL,
    UNIQUE KEY customer_merges_open_loser (open_loser),
    KEY customer_merges_pair (pair_id, id),
    KEY customer_merges_survivor (survivor_id, id),
    KEY customer_merges_loser (loser_id),
    CONSTRAINT customer_merges_pair FOREIGN KEY (pair_id) REFERENCES duplicate_pairs (id),
    CONSTRAINT customer_merges_survivor FOREIGN KEY (survivor_id) REFERENCES customers (id),
    CONSTRAINT customer_merges_loser FOREIGN KEY (loser_id) REFERENCES customers (id),
    CONSTRAINT customer_merges_merged_by FOREIGN KEY (merged_by) REFERENCES users (id),
    CONSTRAINT customer_merges_unmerged_by FOREIGN KEY (unmerged_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
