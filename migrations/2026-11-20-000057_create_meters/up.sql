-- What is measured: shots, flights. A record of usage names a meter by its code; a meter that is retired takes none.
CREATE TABLE meters (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(100) NOT NULL,
    name_en VARCHAR(100) NOT NULL,
    unit VARCHAR(20) NOT NULL,
    unit_en VARCHAR(20) NOT NULL,
    has_device_series BOOLEAN NOT NULL,
    has_layer BOOLEAN NOT NULL,
    retired_at DATETIME(6) NULL,
    version INT UNSIGNED NOT NULL DEFAULT 1,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    UNIQUE KEY meters_code (code)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO meters (code, name, name_en, unit, unit_en, has_device_series, has_layer, created_at, updated_at)
VALUES ('shots', '拍摄', 'Shots', '张', 'shots', TRUE, TRUE, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
