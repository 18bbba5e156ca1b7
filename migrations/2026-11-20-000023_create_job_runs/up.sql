-- What became of each fire. A job fires once for a moment, on however many replicas: the pair is unique. A fire that was
-- missed stands here without a task until somebody catches it up or dismisses it; `covers` says for how many it stands.
CREATE TABLE job_runs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    job_id BIGINT UNSIGNED NOT NULL,
    fire_at DATETIME(6) NOT NULL,
    business_date DATE NOT NULL,
    cause VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    covers INT UNSIGNED NOT NULL DEFAULT 1,
    user_id BIGINT UNSIGNED NULL,
    task_id BIGINT UNSIGNED NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    outcome JSON NULL,
    log_lines JSON NULL,
    created_at DATETIME(6) NOT NULL,
    started_at DATETIME(6) NULL,
    finished_at DATETIME(6) NULL,
    UNIQUE KEY job_runs_fire (job_id, fire_at),
    KEY job_runs_job (job_id, id),
    KEY job_runs_job_state (job_id, state, id),
    KEY job_runs_state (state, id),
    KEY job_runs_finished (finished_at),
    KEY job_runs_task (task_id),
    CONSTRAINT job_runs_job FOREIGN KEY (job_id) REFERENCES jobs (id) ON DELETE CASCADE,
    CONSTRAINT job_runs_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT job_runs_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE SET NULL,
    CONSTRAINT job_runs_finished_or_not CHECK ((finished_at IS NULL) = (state IN ('waiting', 'running', 'missed')))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
