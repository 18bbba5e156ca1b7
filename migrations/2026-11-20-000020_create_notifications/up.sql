-- Inboxes: what each user was told. NULL in `read_at` is unread.
CREATE TABLE notifications (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    message_id BIGINT UNSIGNED NOT NULL,
    kind VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(300) NOT NULL,
    body MEDIUMTEXT NOT NULL,
    url VARCHAR(500) NULL,
    created_at DATETIME(6) NOT NULL,
    read_at DATETIME(6) NULL,
    UNIQUE KEY notifications_once (message_id, user_id),
    KEY notifications_user (user_id, id),
    KEY notifications_unread (user_id, read_at, id),
    CONSTRAINT notifications_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT notifications_message FOREIGN KEY (message_id) REFERENCES messages (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
