-- The words of messages that were changed. A kind and a language without a row have their original words.
CREATE TABLE message_templates (
    kind VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    language VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(1000) NOT NULL,
    body TEXT NOT NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    updated_by BIGINT UNSIGNED NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (kind, language),
    CONSTRAINT message_templates_updated_by FOREIGN KEY (updated_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
