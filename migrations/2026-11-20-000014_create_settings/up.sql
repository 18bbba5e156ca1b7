-- What an administrator has changed while the system runs. A setting that nobody ever changed has no row; one that was
-- put back to its default keeps its row, without a value.
CREATE TABLE settings (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    setting_key VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value TEXT NULL,
    reason VARCHAR(500) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    updated_by BIGINT UNSIGNED NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY settings_setting_key (setting_key),
    CONSTRAINT settings_updated_by FOREIGN KEY (updated_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
