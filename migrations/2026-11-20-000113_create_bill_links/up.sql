-- Links to bills, as they were sent. A token is looked for by its hash; sealed by the secret of the installation it can be put
-- into a mail once more. The first link that a customer confirms a bill by says so.
CREATE TABLE bill_links (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    bill_id BIGINT UNSIGNED NOT NULL,
    token_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sealed_token VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    language VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    recipients VARCHAR(2000) NOT NULL,
    created_by BIGINT UNSIGNED NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    revoked_by BIGINT UNSIGNED NULL,
    revoked_at DATETIME(6) NULL,
    revoked_why VARCHAR(500) NULL,
    confirmed_at DATETIME(6) NULL,
    confirmed_by VARCHAR(100) NULL,
    confirmed_from VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL,
    UNIQUE KEY bill_links_token (token_hash),
    KEY bill_links_bill (bill_id, id),
    CONSTRAINT bill_links_of_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT bill_links_created_by FOREIGN KEY (created_by) REFERENCES users (id),
    CONSTRAINT bill_links_revoked_by FOREIGN KEY (revoked_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
