-- What both sides have written in a dispute, in its order. The customer's messages have no user.
CREATE TABLE dispute_messages (
    dispute_id BIGINT UNSIGNED NOT NULL,
    position SMALLINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NULL,
    from_customer BOOLEAN NOT NULL,
    author VARCHAR(100) NOT NULL,
    text VARCHAR(2000) NOT NULL,
    written_at DATETIME(6) NOT NULL,
    PRIMARY KEY (dispute_id, position),
    CONSTRAINT dispute_messages_dispute FOREIGN KEY (dispute_id) REFERENCES disputes (id),
    CONSTRAINT dispute_messages_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
