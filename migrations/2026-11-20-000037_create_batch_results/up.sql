-- What became of a row: one line for each act, so that none can be done twice.
CREATE TABLE batch_results (
    batch_id BIGINT UNSIGNED NOT NULL,
    act VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    position INT UNSIGNED NOT NULL,
    mark VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject_id BIGINT UNSIGNED NULL,
    subject_version INT UNSIGNED NULL,
    said JSON NULL,
    PRIMARY KEY (batch_id, act, position),
    KEY batch_results_mark (batch_id, act, mark, position),
    CONSTRAINT batch_results_row FOREIGN KEY (batch_id, position) REFERENCES batch_rows (batch_id, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
