-- The department tree. `path` holds the ids from the root to the department, as in `/1/4/`.
CREATE TABLE departments (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    parent_id BIGINT UNSIGNED NULL,
    name VARCHAR(100) NOT NULL,
    path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    -- NULL is distinct in a unique index: the siblings at the root need a value of their own.
    sibling_of BIGINT UNSIGNED GENERATED ALWAYS AS (COALESCE(parent_id, 0)) VIRTUAL,
    UNIQUE KEY departments_sibling_name (sibling_of, name),
    KEY departments_path (path),
    CONSTRAINT departments_parent FOREIGN KEY (parent_id) REFERENCES departments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
