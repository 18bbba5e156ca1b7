DROP TABLE usage_sources;
