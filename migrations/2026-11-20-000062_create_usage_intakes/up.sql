-- How usage came in: a file, a call of the API, a day of a source that was fetched, records that were put right. The
-- counts are of its records.
CREATE TABLE usage_intakes (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    title VARCHAR(255) NOT NULL,
    source_id BIGINT UNSIGNED NULL,
    file_id BIGINT UNSIGNED NULL,
    task_id BIGINT UNSIGNED NULL,
    details JSON NOT NULL,
    fault JSON NULL,
    records INT UNSIGNED NOT NULL DEFAULT 0,
    added INT UNSIGNED NOT NULL DEFAULT 0,
    replaced INT UNSIGNED NOT NULL DEFAULT 0,
    unchanged INT UNSIGNED NOT NULL DEFAULT 0,
    quarantined INT UNSIGNED NOT NULL DEFAULT 0,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_by BIGINT UNSIGNED NULL,
    created_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    KEY usage_intakes_kind (kind, id),
    KEY usage_intakes_maker (created_by, id),
    CONSTRAINT usage_intakes_source FOREIGN KEY (source_id) REFERENCES usage_sources (id),
    CONSTRAINT usage_intakes_created_by FOREIGN KEY (created_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
