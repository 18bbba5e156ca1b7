-- Who asks for a closed month to be opened again, and what somebody else decided. A month has one open request at a time.
CREATE TABLE month_reopenings (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    month DATE NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(500) NOT NULL,
    asked_by BIGINT UNSIGNED NULL,
    asked_at DATETIME(6) NOT NULL,
    decided_by BIGINT UNSIGNED NULL,
    decided_at DATETIME(6) NULL,
    decision_reason VARCHAR(500) NULL,
    open_month DATE GENERATED ALWAYS AS (CASE WHEN state = 'asked' THEN month END) STORED,
    UNIQUE KEY month_reopenings_open (open_month),
    KEY month_reopenings_month (month, id),
    CONSTRAINT month_reopenings_first_day CHECK (DAYOFMONTH(month) = 1),
    CONSTRAINT month_reopenings_asked_by FOREIGN KEY (asked_by) REFERENCES users (id),
    CONSTRAINT month_reopenings_decided_by FOREIGN KEY (decided_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
