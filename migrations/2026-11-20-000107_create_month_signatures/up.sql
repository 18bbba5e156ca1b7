-- Who lets a month be closed although something of it is not as it should be, and why. `digest` is of exactly what was there
-- when it was signed: once that is different, the signature covers it no more.
CREATE TABLE month_signatures (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    month DATE NOT NULL,
    item VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(500) NOT NULL,
    signed_by BIGINT UNSIGNED NULL,
    signed_at DATETIME(6) NOT NULL,
    UNIQUE KEY month_signatures_item (month, item, digest),
    CONSTRAINT month_signatures_first_day CHECK (DAYOFMONTH(month) = 1),
    CONSTRAINT month_signatures_signed_by FOREIGN KEY (signed_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
