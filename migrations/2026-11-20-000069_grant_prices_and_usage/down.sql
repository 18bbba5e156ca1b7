DELETE FROM role_permissions
WHERE permission LIKE 'catalog.%' OR permission LIKE 'pricing.%' OR permission LIKE 'usage.%';
