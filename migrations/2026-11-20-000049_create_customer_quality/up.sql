-- How complete each live customer is, and what is wrong with it: one row each, written in the transaction that changes
-- the customer or its contacts. `problems` has one bit for each problem. What the calendar or a user's leaving changes
-- is not in it, and is asked of the customer itself.
CREATE TABLE customer_quality (
    customer_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    score INT UNSIGNED NOT NULL,
    problems BIGINT UNSIGNED NOT NULL,
    assessed_at DATETIME(6) NOT NULL,
    KEY customer_quality_score (score, customer_id, problems),
    CONSTRAINT customer_quality_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
