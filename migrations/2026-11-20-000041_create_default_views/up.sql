-- The view that somebody begins with in a list.
CREATE TABLE default_views (
    user_id BIGINT UNSIGNED NOT NULL,
    list VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    view_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (user_id, list),
    KEY default_views_view (view_id),
    CONSTRAINT default_views_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT default_views_view FOREIGN KEY (view_id) REFERENCES saved_views (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
