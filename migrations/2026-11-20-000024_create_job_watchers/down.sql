DROP TABLE job_watchers;
