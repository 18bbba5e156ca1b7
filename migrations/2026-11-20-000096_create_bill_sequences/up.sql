-- The last numbers given of a month: locked while numbers are given, so that none is lost or given twice.
CREATE TABLE bill_sequences (
    month DATE NOT NULL PRIMARY KEY,
    last_bill INT UNSIGNED NOT NULL DEFAULT 0,
    last_credit_note INT UNSIGNED NOT NULL DEFAULT 0,
    CONSTRAINT bill_sequences_first_day CHECK (DAYOFMONTH(month) = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
