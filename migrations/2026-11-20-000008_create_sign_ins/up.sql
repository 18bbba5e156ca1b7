-- The log of sign-ins, the refused ones too. Append-only.
CREATE TABLE sign_ins (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME(6) NOT NULL,
    username VARCHAR(50) NOT NULL,
    user_id BIGINT UNSIGNED NULL,
    department_path VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL,
    outcome VARCHAR(30) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_agent VARCHAR(255) NOT NULL,
    request_id VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    KEY sign_ins_at (at),
    KEY sign_ins_username (username, at),
    KEY sign_ins_address (address, at),
    KEY sign_ins_user (user_id, at),
    KEY sign_ins_outcome (outcome, at),
    KEY sign_ins_department (department_path, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
