-- Filters, orders and columns of a list under a name: what stands behind the question mark of its URL. Somebody's own, or
-- shared with everybody who may open the list; nobody sees more rows by a shared one.
CREATE TABLE saved_views (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    list VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    name VARCHAR(60) NOT NULL,
    query VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    shared BOOLEAN NOT NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY saved_views_name (user_id, list, name),
    KEY saved_views_shared (list, shared),
    CONSTRAINT saved_views_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
