-- One row that whoever writes something of a month locks in shared mode, and whoever closes or opens a month for
-- themselves: a month that is not closed yet has no row of its own that could be locked.
CREATE TABLE month_gate (
    id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
    CONSTRAINT month_gate_one CHECK (id = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO month_gate (id) VALUES (1);
