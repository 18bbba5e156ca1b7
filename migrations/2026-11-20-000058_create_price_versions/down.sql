DROP TABLE price_versions;
