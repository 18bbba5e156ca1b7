-- Small choices of a user that are no business of anybody else, such as the columns of a list.
CREATE TABLE user_preferences (
    user_id BIGINT UNSIGNED NOT NULL,
    name VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value TEXT NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (user_id, name),
    CONSTRAINT user_preferences_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
