-- Who has had a hand in a version: whoever wrote, edited, submitted or prepared it. None of them approves it, however many
-- have worked on it since.
CREATE TABLE price_version_hands (
    price_version_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (price_version_id, user_id),
    CONSTRAINT price_version_hands_version FOREIGN KEY (price_version_id) REFERENCES price_versions (id) ON DELETE CASCADE,
    CONSTRAINT price_version_hands_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO price_version_hands (price_version_id, user_id)
SELECT id, author_id FROM price_versions WHERE author_id IS NOT NULL
UNION SELECT id, created_by FROM price_versions WHERE created_by IS NOT NULL
UNION SELECT id, submitted_by FROM price_versions WHERE submitted_by IS NOT NULL
UNION SELECT v.id, b.created_by FROM price_versions v JOIN batches b ON b.id = v.batch_id WHERE b.created_by IS NOT NULL;
