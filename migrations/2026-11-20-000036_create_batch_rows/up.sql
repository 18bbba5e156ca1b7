-- What would become of each row of a batch, and against which version of its subject that was worked out. Read in the
-- order of positions, hence the key.
CREATE TABLE batch_rows (
    batch_id BIGINT UNSIGNED NOT NULL,
    position INT UNSIGNED NOT NULL,
    source_row INT UNSIGNED NULL,
    outcome VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    corrected TINYINT(1) NOT NULL,
    label VARCHAR(255) NOT NULL,
    subject_id BIGINT UNSIGNED NULL,
    subject_version INT UNSIGNED NULL,
    body JSON NOT NULL,
    PRIMARY KEY (batch_id, position),
    KEY batch_rows_outcome (batch_id, outcome, position),
    KEY batch_rows_corrected (batch_id, corrected, position),
    CONSTRAINT batch_rows_batch FOREIGN KEY (batch_id) REFERENCES batches (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
