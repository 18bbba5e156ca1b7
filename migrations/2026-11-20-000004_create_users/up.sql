-- Sign-ins of staff. A username is unique among live users; that of a deleted one may be taken again.
CREATE TABLE users (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(50) NOT NULL,
    name VARCHAR(100) NOT NULL,
    email VARCHAR(254) NULL,
    language VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NULL,
    department_id BIGINT UNSIGNED NULL,
    password_hash VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    password_changed_at DATETIME(6) NOT NULL,
    must_change_password BOOLEAN NOT NULL DEFAULT TRUE,
    disabled_at DATETIME(6) NULL,
    deleted_at DATETIME(6) NULL,
    last_signed_in_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    live_username VARCHAR(50) GENERATED ALWAYS AS (IF(deleted_at IS NULL, username, NULL)) VIRTUAL,
    UNIQUE KEY users_live_username (live_username),
    -- The orders of the list: an index alone gives the ids of a page, however deep.
    KEY users_by_username (deleted_at, username, id),
    KEY users_by_name (deleted_at, name, id),
    KEY users_by_last_sign_in (deleted_at, last_signed_in_at, id),
    KEY users_by_creation (deleted_at, created_at, id),
    KEY users_department (department_id),
    CONSTRAINT users_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
