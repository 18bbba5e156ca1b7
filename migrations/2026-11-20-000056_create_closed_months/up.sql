-- Billing months that are closed: nothing that counts in them changes any more.
CREATE TABLE closed_months (
    month DATE NOT NULL PRIMARY KEY,
    closed_by BIGINT UNSIGNED NULL,
    closed_at DATETIME(6) NOT NULL,
    CONSTRAINT closed_months_first_day CHECK (DAYOFMONTH(month) = 1),
    CONSTRAINT closed_months_closed_by FOREIGN KEY (closed_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
