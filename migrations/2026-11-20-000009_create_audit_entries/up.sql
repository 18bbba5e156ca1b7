-- Who did what to which record. Append-only: names are kept as they were, and nothing refers to other tables.
CREATE TABLE audit_entries (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME(6) NOT NULL,
    actor_id BIGINT UNSIGNED NULL,
    actor_username VARCHAR(50) NOT NULL,
    actor_name VARCHAR(100) NOT NULL,
    source VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request_id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject_kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject_id BIGINT UNSIGNED NULL,
    subject_label VARCHAR(255) NOT NULL,
    department_path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
    changes JSON NOT NULL,
    reason VARCHAR(500) NULL,
    -- Every index ends in the order of the log. The first one holds what a search in the names looks at together with
    -- other filters, so that it passes over entries without fetching them.
    KEY audit_entries_at (at, id, subject_label, actor_id, action, department_path),
    KEY audit_entries_actor (actor_id, at),
    KEY audit_entries_action (action, at),
    KEY audit_entries_subject (subject_kind, subject_id, at),
    KEY audit_entries_department (department_path, at),
    KEY audit_entries_request (request_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
