-- Searches for duplicates among all customers that came to their end, so that an empty queue can say how fresh it is.
CREATE TABLE duplicate_searches (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    begun_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NOT NULL,
    customers BIGINT UNSIGNED NOT NULL,
    pairs BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
