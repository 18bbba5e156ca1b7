-- The values that fields of customers choose from: industry, level, channel … `dictionary` names the field; customers
-- keep the code. A value that is retired stays with those who have it and is offered to nobody else.
CREATE TABLE dictionary_values (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    dictionary VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    label_zh VARCHAR(60) NOT NULL,
    label_en VARCHAR(60) NOT NULL,
    position INT UNSIGNED NOT NULL,
    retired_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY dictionary_values_code (dictionary, code),
    UNIQUE KEY dictionary_values_label_zh (dictionary, label_zh),
    UNIQUE KEY dictionary_values_label_en (dictionary, label_en),
    KEY dictionary_values_order (dictionary, position, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
