-- When a link to a bill was opened, and from where: once a minute at most.
CREATE TABLE bill_views (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    link_id BIGINT UNSIGNED NOT NULL,
    address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    minute DATETIME(6) NOT NULL,
    agent VARCHAR(255) NOT NULL,
    UNIQUE KEY bill_views_once (link_id, address, minute),
    CONSTRAINT bill_views_link FOREIGN KEY (link_id) REFERENCES bill_links (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
