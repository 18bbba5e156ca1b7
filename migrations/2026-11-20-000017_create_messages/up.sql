-- The outbox: messages as the transactions that caused them wrote them. `due_at` says when they may be spread into
-- inboxes and deliveries; `spread_at` when they were. With neither, nobody tries any more. A message with a `once_key`
-- that exists already is not written again.
CREATE TABLE messages (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    recipients JSON NOT NULL,
    variables JSON NOT NULL,
    url VARCHAR(500) NULL,
    once_key VARCHAR(150) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_by BIGINT UNSIGNED NULL,
    created_at DATETIME(6) NOT NULL,
    due_at DATETIME(6) NULL,
    spread_at DATETIME(6) NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    error VARCHAR(1000) NULL,
    UNIQUE KEY messages_once_key (once_key),
    KEY messages_due (due_at, id),
    KEY messages_spread (spread_at, id),
    KEY messages_kind (kind, id),
    KEY messages_created (created_at, id),
    CONSTRAINT messages_created_by FOREIGN KEY (created_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
