DROP TABLE dunning_reminders;
