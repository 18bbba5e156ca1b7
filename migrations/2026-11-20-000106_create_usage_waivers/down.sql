DROP TABLE usage_waivers;
