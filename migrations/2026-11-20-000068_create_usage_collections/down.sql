DROP TABLE usage_collections;
