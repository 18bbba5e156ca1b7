-- What customers are found by: every tail of a name, of its pinyin initials, of a code or a number, so that a search for
-- any part of one is a look at the beginning of a term. What comes from contacts is personal: only who may see contacts
-- finds by it.
CREATE TABLE customer_terms (
    term VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    personal BOOLEAN NOT NULL,
    customer_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (term, personal, customer_id),
    KEY customer_terms_customer (customer_id),
    CONSTRAINT customer_terms_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
