-- What the built-in roles may do with tasks, jobs, messages and settings.
INSERT INTO role_permissions (role_id, permission)
SELECT roles.id, granted.permission FROM roles JOIN (
    SELECT 'admin' AS code, 'tasks.task.view' AS permission
    UNION ALL SELECT 'admin', 'tasks.task.manage'
    UNION ALL SELECT 'admin', 'jobs.job.view'
    UNION ALL SELECT 'admin', 'jobs.job.edit'
    UNION ALL SELECT 'admin', 'jobs.job.run'
    UNION ALL SELECT 'admin', 'notifications.message.view'
    UNION ALL SELECT 'admin', 'notifications.message.send'
    UNION ALL SELECT 'admin', 'notifications.template.edit'
    UNION ALL SELECT 'admin', 'notifications.robot.edit'
    UNION ALL SELECT 'admin', 'settings.setting.view'
    UNION ALL SELECT 'admin', 'settings.company.edit'
    UNION ALL SELECT 'admin', 'settings.system.edit'
    UNION ALL SELECT 'finance_manager', 'notifications.message.view'
    UNION ALL SELECT 'finance_manager', 'notifications.message.send'
    UNION ALL SELECT 'finance_manager', 'settings.setting.view'
    UNION ALL SELECT 'finance_manager', 'settings.company.edit'
    UNION ALL SELECT 'finance', 'notifications.message.view'
    UNION ALL SELECT 'finance', 'notifications.message.send'
    UNION ALL SELECT 'ops_manager', 'tasks.task.view'
    UNION ALL SELECT 'executive', 'settings.setting.view'
    UNION ALL SELECT 'executive', 'jobs.job.view'
    UNION ALL SELECT 'auditor', 'tasks.task.view'
    UNION ALL SELECT 'auditor', 'jobs.job.view'
    UNION ALL SELECT 'auditor', 'notifications.message.view'
    UNION ALL SELECT 'auditor', 'settings.setting.view'
) AS granted ON granted.code = roles.code;
