DELETE FROM role_permissions WHERE permission LIKE 'billing.%';
