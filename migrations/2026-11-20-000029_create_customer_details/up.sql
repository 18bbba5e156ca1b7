-- What is kept of a customer beside what lists work with: one row each. Billing addresses are mail addresses with "; "
-- between them.
CREATE TABLE customer_details (
    customer_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    credit_code VARCHAR(18) CHARACTER SET ascii COLLATE ascii_bin NULL,
    address VARCHAR(300) NULL,
    invoice_title VARCHAR(200) NULL,
    billing_emails VARCHAR(1000) NULL,
    payment_term_days INT UNSIGNED NOT NULL,
    currency VARCHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    spend_level_reason VARCHAR(200) NULL,
    remarks TEXT NULL,
    KEY customer_details_credit_code (credit_code),
    CONSTRAINT customer_details_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
