-- Billing months whose usage has been billed: more of it takes no direct way any more, but waits to become a line of a later
-- bill. A month is closed later than that; prices may still be opened for customers that could not be billed.
CREATE TABLE billed_months (
    month DATE NOT NULL PRIMARY KEY,
    billed_by BIGINT UNSIGNED NULL,
    billed_at DATETIME(6) NOT NULL,
    CONSTRAINT billed_months_first_day CHECK (DAYOFMONTH(month) = 1),
    CONSTRAINT billed_months_billed_by FOREIGN KEY (billed_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
