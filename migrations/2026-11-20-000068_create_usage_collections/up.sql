-- The days of sources: fetched, empty, failed. A day without a row, and without records, is a hole.
CREATE TABLE usage_collections (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    source_id BIGINT UNSIGNED NOT NULL,
    day DATE NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    task_id BIGINT UNSIGNED NULL,
    intake_id BIGINT UNSIGNED NULL,
    records INT UNSIGNED NOT NULL DEFAULT 0,
    quarantined INT UNSIGNED NOT NULL DEFAULT 0,
    tries INT UNSIGNED NOT NULL DEFAULT 0,
    fault JSON NULL,
    reason VARCHAR(500) NULL,
    declared_by BIGINT UNSIGNED NULL,
    started_at DATETIME(6) NULL,
    ended_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    UNIQUE KEY usage_collections_day (source_id, day),
    KEY usage_collections_state (state, day),
    CONSTRAINT usage_collections_source FOREIGN KEY (source_id) REFERENCES usage_sources (id),
    CONSTRAINT usage_collections_intake FOREIGN KEY (intake_id) REFERENCES usage_intakes (id),
    CONSTRAINT usage_collections_declared_by FOREIGN KEY (declared_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
