DELETE FROM role_permissions WHERE permission LIKE 'tasks.%' OR permission LIKE 'jobs.%'
    OR permission LIKE 'notifications.%' OR permission LIKE 'settings.%';
