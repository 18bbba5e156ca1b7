-- The ladder of reminders: so many days after the due day of a bill, or before it, somebody is told by mail or in the inbox.
CREATE TABLE dunning_steps (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    days SMALLINT NOT NULL,
    channel VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tone VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tells_sales BOOLEAN NOT NULL DEFAULT FALSE,
    tells_ops BOOLEAN NOT NULL DEFAULT FALSE,
    tells_department BOOLEAN NOT NULL DEFAULT FALSE,
    paused_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY dunning_steps_days (days)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
