-- What was uploaded or made: its facts. The bytes are in the store, under `store_key`. A row without `stored_at` is an
-- upload that has not ended, or never did. The same content is on a record once, not counting what was deleted.
CREATE TABLE files (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    store_key VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(255) NOT NULL,
    media_type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT UNSIGNED NOT NULL,
    sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    subject_kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject_id BIGINT UNSIGNED NOT NULL,
    created_by BIGINT UNSIGNED NULL,
    created_at DATETIME(6) NOT NULL,
    stored_at DATETIME(6) NULL,
    deleted_at DATETIME(6) NULL,
    deleted_by BIGINT UNSIGNED NULL,
    live_sha256 VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin
        GENERATED ALWAYS AS (IF(deleted_at IS NULL, sha256, NULL)) VIRTUAL,
    UNIQUE KEY files_store_key (store_key),
    UNIQUE KEY files_live_content (subject_kind, subject_id, live_sha256),
    KEY files_subject (subject_kind, subject_id, id),
    KEY files_unfinished (stored_at, created_at),
    KEY files_deleted (deleted_at, id),
    CONSTRAINT files_created_by FOREIGN KEY (created_by) REFERENCES users (id),
    CONSTRAINT files_deleted_by FOREIGN KEY (deleted_by) REFERENCES users (id),
    CONSTRAINT files_stored_whole CHECK (stored_at IS NULL OR sha256 IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
