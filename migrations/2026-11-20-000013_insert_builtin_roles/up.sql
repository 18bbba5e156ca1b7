-- The roles of the product (domain.md §1). Their names come from the catalogue of words; later rooms add their grants.
INSERT INTO roles (code, name, builtin, data_scope, created_at, updated_at) VALUES
    ('admin', 'admin', TRUE, 'all', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('ops_manager', 'ops_manager', TRUE, 'department_and_below', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('ops', 'ops', TRUE, 'own', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('sales', 'sales', TRUE, 'own', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('finance', 'finance', TRUE, 'all', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('finance_manager', 'finance_manager', TRUE, 'all', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('analyst', 'analyst', TRUE, 'all', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('executive', 'executive', TRUE, 'all', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)),
    ('auditor', 'auditor', TRUE, 'all', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
INSERT INTO role_permissions (role_id, permission)
SELECT roles.id, granted.permission FROM roles JOIN (
    SELECT 'admin' AS code, 'accounts.user.view' AS permission
    UNION ALL SELECT 'admin', 'accounts.user.create'
    UNION ALL SELECT 'admin', 'accounts.user.edit'
    UNION ALL SELECT 'admin', 'accounts.user.disable'
    UNION ALL SELECT 'admin', 'accounts.user.delete'
    UNION ALL SELECT 'admin', 'accounts.user.reset_password'
    UNION ALL SELECT 'admin', 'accounts.user.sign_out'
    UNION ALL SELECT 'admin', 'accounts.user.import'
    UNION ALL SELECT 'admin', 'accounts.user.export'
    UNION ALL SELECT 'admin', 'accounts.role.view'
    UNION ALL SELECT 'admin', 'accounts.role.edit'
    UNION ALL SELECT 'admin', 'accounts.department.view'
    UNION ALL SELECT 'admin', 'accounts.department.edit'
    UNION ALL SELECT 'admin', 'audit.entry.view'
    UNION ALL SELECT 'admin', 'audit.sign_in.view'
    UNION ALL SELECT 'admin', 'audit.entry.export'
    UNION ALL SELECT 'ops_manager', 'accounts.user.view'
    UNION ALL SELECT 'ops_manager', 'accounts.department.view'
    UNION ALL SELECT 'executive', 'accounts.user.view'
    UNION ALL SELECT 'executive', 'accounts.role.view'
    UNION ALL SELECT 'executive', 'accounts.department.view'
    UNION ALL SELECT 'executive', 'audit.entry.view'
    UNION ALL SELECT 'executive', 'audit.sign_in.view'
    UNION ALL SELECT 'auditor', 'accounts.user.view'
    UNION ALL SELECT 'auditor', 'accounts.role.view'
    UNION ALL SELECT 'auditor', 'accounts.department.view'
    UNION ALL SELECT 'auditor', 'audit.entry.view'
    UNION ALL SELECT 'auditor', 'audit.sign_in.view'
    UNION ALL SELECT 'auditor', 'audit.entry.export'
) AS granted ON granted.code = roles.code;
