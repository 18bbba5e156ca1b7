-- What people decided once, for all imports of a kind: which value a text of a column means, and, where `about` is blank,
-- which columns a set of headings means.
CREATE TABLE import_choices (
    kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    about VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    meant VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    choice TEXT NOT NULL,
    chosen_by BIGINT UNSIGNED NULL,
    chosen_at DATETIME(6) NOT NULL,
    PRIMARY KEY (kind, about, meant),
    CONSTRAINT import_choices_chosen_by FOREIGN KEY (chosen_by) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
