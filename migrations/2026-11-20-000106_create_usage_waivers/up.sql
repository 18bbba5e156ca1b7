-- Days of sources that have no usage, and that somebody lets a month be billed without: by name and reason. What was taken back
-- stays; a day has one waiver at a time.
CREATE TABLE usage_waivers (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    source_id BIGINT UNSIGNED NOT NULL,
    day DATE NOT NULL,
    reason VARCHAR(500) NOT NULL,
    waived_by BIGINT UNSIGNED NULL,
    waived_at DATETIME(6) NOT NULL,
    taken_back_by BIGINT UNSIGNED NULL,
    taken_back_at DATETIME(6) NULL,
    live_day DATE GENERATED ALWAYS AS (CASE WHEN taken_back_at IS NULL THEN day END) STORED,
    UNIQUE KEY usage_waivers_live (source_id, live_day),
    KEY usage_waivers_day (day, source_id),
    CONSTRAINT usage_waivers_source FOREIGN KEY (source_id) REFERENCES usage_sources (id),
    CONSTRAINT usage_waivers_waived_by FOREIGN KEY (waived_by) REFERENCES users (id),
    CONSTRAINT usage_waivers_taken_back_by FOREIGN KEY (taken_back_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
