-- The file's side of a batch: which table of it was found, which column is which, what was put right by hand, and which
-- values nobody knows yet. `effective_on` is a day that the kind asks for.
CREATE TABLE imports (
    batch_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    file_id BIGINT UNSIGNED NULL,
    sheet INT UNSIGNED NOT NULL,
    sheet_name VARCHAR(255) NOT NULL,
    header_row INT UNSIGNED NOT NULL,
    first_row INT UNSIGNED NOT NULL,
    labels JSON NOT NULL,
    matching JSON NOT NULL,
    edits JSON NOT NULL,
    unknown JSON NOT NULL,
    effective_on DATE NULL,
    CONSTRAINT imports_batch FOREIGN KEY (batch_id) REFERENCES batches (id),
    CONSTRAINT imports_file FOREIGN KEY (file_id) REFERENCES files (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
