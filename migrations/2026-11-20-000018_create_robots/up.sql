-- Robots of group chats. The address holds the key of the chat, so it is sealed like the secret that signs; of the
-- address a hint stays readable. `kinds` are the messages that a robot is told.
CREATE TABLE robots (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    vendor VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    language VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sealed_url VARCHAR(4000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    url_hint VARCHAR(255) NOT NULL,
    sealed_secret VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kinds JSON NOT NULL,
    paused_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY robots_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
