DELETE FROM user_roles WHERE role_id IN (SELECT id FROM roles WHERE builtin);
DELETE FROM roles WHERE builtin;
