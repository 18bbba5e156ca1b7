-- Who was reminded of which bill by which step: never the same step of the same bill twice. `days` is where the step stood then.
CREATE TABLE dunning_reminders (
    bill_id BIGINT UNSIGNED NOT NULL,
    step_id BIGINT UNSIGNED NOT NULL,
    days SMALLINT NOT NULL,
    channel VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tone VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    balance_amount DECIMAL(18, 2) NOT NULL,
    told JSON NOT NULL,
    reminded_at DATETIME(6) NOT NULL,
    PRIMARY KEY (bill_id, step_id),
    CONSTRAINT dunning_reminders_bill FOREIGN KEY (bill_id) REFERENCES bills (id),
    CONSTRAINT dunning_reminders_step FOREIGN KEY (step_id) REFERENCES dunning_steps (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
