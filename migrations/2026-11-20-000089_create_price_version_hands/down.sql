DROP TABLE price_version_hands;
