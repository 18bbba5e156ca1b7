//! What can be done that the audit log keeps.

use crate::i18n::Tr;
use crate::text_enum;

text_enum! {
    /// An audited action, named `room.resource.done`.
    pub enum Action {
        /// A user was created.
        UserCreated = "accounts.user.created",
        /// A user was edited.
        UserUpdated = "accounts.user.updated",
        /// A user was disabled.
        UserDisabled = "accounts.user.disabled",
        /// A user was enabled again.
        UserEnabled = "accounts.user.enabled",
        /// A user was deleted.
        UserDeleted = "accounts.user.deleted",
        /// A deleted user was restored.
        UserRestored = "accounts.user.restored",
        /// A user's password was reset by somebody else.
        UserPasswordReset = "accounts.user.password_reset",
        /// A user was signed out everywhere by somebody else.
        UserSignedOut = "accounts.user.signed_out",
        /// Users were imported from a file.
        UserImported = "accounts.user.imported",
        /// The list of users was exported.
        UserExported = "accounts.user.exported",
        /// A role was created.
        RoleCreated = "accounts.role.created",
        /// A role was edited.
        RoleUpdated = "accounts.role.updated",
        /// A role was deleted.
        RoleDeleted = "accounts.role.deleted",
        /// A department was created.
        DepartmentCreated = "accounts.department.created",
        /// A department was renamed or moved.
        DepartmentUpdated = "accounts.department.updated",
        /// A department was deleted.
        DepartmentDeleted = "accounts.department.deleted",
        /// Somebody changed their own profile.
        ProfileUpdated = "accounts.profile.updated",
        /// Somebody changed their own password.
        PasswordChanged = "accounts.password.changed",
        /// Somebody ended a session of their own.
        SessionRevoked = "accounts.session.revoked",
        /// A personal access token was created.
        TokenCreated = "accounts.token.created",
        /// A personal access token was revoked.
        TokenRevoked = "accounts.token.revoked",
        /// The audit log was exported.
        AuditExported = "audit.entry.exported",
        /// The log of sign-ins was exported.
        SignInsExported = "audit.sign_in.exported",
        /// A setting was changed.
        SettingChanged = "settings.setting.changed",
        /// A file was attached to a record.
        FileAttached = "files.file.attached",
        /// A file was taken off a record.
        FileDeleted = "files.file.deleted",
        /// A file that had been taken off its record was brought back.
        FileRestored = "files.file.restored",
        /// Somebody asked for a task to stop.
        TaskCancelled = "tasks.task.cancelled",
        /// A task that had failed was started again.
        TaskRetried = "tasks.task.retried",
        /// A job was created.
        JobCreated = "jobs.job.created",
        /// A job was edited.
        JobUpdated = "jobs.job.updated",
        /// A job was paused.
        JobPaused = "jobs.job.paused",
        /// A paused job was resumed.
        JobResumed = "jobs.job.resumed",
        /// A job was deleted.
        JobDeleted = "jobs.job.deleted",
        /// A job was run by hand.
        JobTriggered = "jobs.job.triggered",
        /// Missed runs of a job were caught up.
        JobCaughtUp = "jobs.job.caught_up",
        /// Missed runs of a job were found not to be needed.
        JobDismissed = "jobs.job.dismissed",
        /// A message was written and sent by hand.
        MessageSent = "notifications.message.sent",
        /// A delivery was sent again.
        MessageResent = "notifications.message.resent",
        /// The words of a template were changed.
        TemplateUpdated = "notifications.template.updated",
        /// A template got its original words back.
        TemplateRestored = "notifications.template.restored",
        /// A robot was connected.
        RobotCreated = "notifications.robot.created",
        /// A robot was edited.
        RobotUpdated = "notifications.robot.updated",
        /// A robot was disconnected.
        RobotDeleted = "notifications.robot.deleted",
        /// A customer was created.
        CustomerCreated = "customers.customer.created",
        /// A customer was edited.
        CustomerUpdated = "customers.customer.updated",
        /// A customer was deleted.
        CustomerDeleted = "customers.customer.deleted",
        /// A deleted customer was restored.
        CustomerRestored = "customers.customer.restored",
        /// A customer was imported from a file.
        CustomerImported = "customers.customer.imported",
        /// A customer was changed together with others.
        CustomerBulkEdited = "customers.customer.bulk_edited",
        /// A change of many customers was taken back.
        CustomerReverted = "customers.customer.reverted",
        /// A customer was handed over to another owner.
        CustomerHandedOver = "customers.customer.handed_over",
        /// A customer moved to another status.
        CustomerMoved = "customers.status.moved",
        /// Two customers were merged.
        CustomerMerged = "customers.customer.merged",
        /// A merge was taken back.
        CustomerUnmerged = "customers.customer.unmerged",
        /// Two customers were found not to be the same.
        CustomerKeptApart = "customers.customer.kept_apart",
        /// The list of customers was exported.
        CustomerExported = "customers.customer.exported",
        /// A contact was created.
        ContactCreated = "customers.contact.created",
        /// A contact was edited.
        ContactUpdated = "customers.contact.updated",
        /// A contact was deleted.
        ContactDeleted = "customers.contact.deleted",
        /// A deleted contact was restored.
        ContactRestored = "customers.contact.restored",
        /// A payer alias was added.
        PayerAliasAdded = "customers.payer_alias.added",
        /// A payer alias was removed.
        PayerAliasRemoved = "customers.payer_alias.removed",
        /// A value was added to a dictionary.
        DictionaryValueCreated = "customers.dictionary_value.created",
        /// A value of a dictionary was edited.
        DictionaryValueUpdated = "customers.dictionary_value.updated",
        /// A value of a dictionary was retired.
        DictionaryValueRetired = "customers.dictionary_value.retired",
        /// A retired value of a dictionary was offered again.
        DictionaryValueRevived = "customers.dictionary_value.revived",
        /// Two values of a dictionary were merged.
        DictionaryValueMerged = "customers.dictionary_value.merged",
        /// A value of a dictionary was deleted.
        DictionaryValueDeleted = "customers.dictionary_value.deleted",
        /// A view of a list was saved.
        ViewSaved = "customers.view.saved",
        /// A saved view was deleted.
        ViewDeleted = "customers.view.deleted",
        /// A batch of changes was committed.
        BatchCommitted = "batches.batch.committed",
        /// A batch of changes was taken back.
        BatchUndone = "batches.batch.undone",
        /// A batch of changes was discarded.
        BatchDiscarded = "batches.batch.discarded",
        /// A meaning that was remembered for imports was forgotten.
        MeaningForgotten = "imports.meaning.forgotten",
        /// A billing month was closed.
        MonthClosed = "periods.month.closed",
        /// A closed month was opened again.
        MonthReopened = "periods.month.reopened",
        /// The usage of a month was billed: more of it waits for a later bill.
        MonthBilled = "periods.month.billed",
        /// A month was not billed after all.
        MonthUnbilled = "periods.month.unbilled",
        /// A meter was created.
        MeterCreated = "catalog.meter.created",
        /// A meter was edited.
        MeterUpdated = "catalog.meter.updated",
        /// A meter was retired.
        MeterRetired = "catalog.meter.retired",
        /// A retired meter was taken into use again.
        MeterRestored = "catalog.meter.restored",
        /// A version of prices was drafted.
        PriceDrafted = "pricing.price_version.drafted",
        /// A draft of prices was edited.
        PriceEdited = "pricing.price_version.edited",
        /// A draft of prices was submitted for approval.
        PriceSubmitted = "pricing.price_version.submitted",
        /// A submitted version was taken back by who submitted it.
        PriceRecalled = "pricing.price_version.recalled",
        /// A version of prices was approved.
        PriceApproved = "pricing.price_version.approved",
        /// A version of prices was rejected.
        PriceRejected = "pricing.price_version.rejected",
        /// A version was superseded by one from the same day.
        PriceSuperseded = "pricing.price_version.superseded",
        /// A version is in force again, because the one that superseded it was withdrawn.
        PriceReinstated = "pricing.price_version.reinstated",
        /// A version went to another customer, or back, because customers were merged or parted.
        PriceHandedOver = "pricing.price_version.handed_over",
        /// An approved version was withdrawn before its first day.
        PriceWithdrawn = "pricing.price_version.withdrawn",
        /// A draft of prices was discarded.
        PriceDiscarded = "pricing.price_version.discarded",
        /// A list of price versions left as a file.
        PriceExported = "pricing.price_version.exported",
        /// Usage came in.
        UsageTaken = "usage.usage_intake.taken",
        /// Usage left as a file.
        UsageExported = "usage.usage_record.exported",
        /// A record of usage was corrected.
        UsageCorrected = "usage.usage_record.corrected",
        /// A correction was taken back.
        CorrectionEnded = "usage.usage_record.correction_ended",
        /// A record that a rule caught was put right.
        QuarantineFixed = "usage.quarantined_record.fixed",
        /// A record that a rule caught was accepted as it is.
        QuarantineAccepted = "usage.quarantined_record.accepted",
        /// A record that a rule caught was dropped.
        QuarantineDropped = "usage.quarantined_record.dropped",
        /// A record of the quarantine becomes a line of a later bill.
        QuarantineDeferred = "usage.quarantined_record.deferred",
        /// A source of usage was connected.
        SourceCreated = "usage.usage_source.created",
        /// A source of usage was edited.
        SourceUpdated = "usage.usage_source.updated",
        /// A source of usage was paused.
        SourcePaused = "usage.usage_source.paused",
        /// A paused source goes on.
        SourceResumed = "usage.usage_source.resumed",
        /// Days of a source were fetched again.
        DayReplayed = "usage.usage_source.replayed",
        /// A day of a source was declared empty.
        DayDeclaredEmpty = "usage.usage_source.declared_empty",
        /// A bill was submitted for review.
        BillSubmitted = "billing.bill.submitted",
        /// A submitted bill was taken back to be changed.
        BillRecalled = "billing.bill.recalled",
        /// A bill was approved.
        BillApproved = "billing.bill.approved",
        /// A bill was rejected.
        BillRejected = "billing.bill.rejected",
        /// A bill was voided.
        BillVoided = "billing.bill.voided",
        /// A bill was sent.
        BillSent = "billing.bill.sent",
        /// Something of a bill was taken back by a credit note.
        BillCredited = "billing.bill.credited",
        /// Days without usage were waived, so that their month can be billed.
        HoleWaived = "billing.waiver.given",
        /// Waivers of days without usage were taken back.
        WaiverTakenBack = "billing.waiver.taken_back",
        /// The customers of a bill run were exported.
        RunExported = "billing.bill_run.exported",
        /// A difference was signed, so that its month can be closed.
        DifferenceSigned = "billing.month.signed",
        /// Somebody asked for a closed month to be opened again.
        ReopeningAsked = "billing.month.reopening_asked",
        /// A request to open a closed month again was rejected.
        ReopeningRejected = "billing.month.reopening_rejected",
        /// A bill that was sent before was sent once more.
        BillSentAgain = "billing.bill.sent_again",
        /// A link to a bill was made, for somebody to take along.
        BillLinkMade = "billing.bill.link_made",
        /// A link to a bill was ended.
        BillLinkRevoked = "billing.bill.link_revoked",
        /// A customer confirmed a bill.
        BillConfirmed = "billing.bill.confirmed",
        /// A customer disputed a bill.
        DisputeOpened = "billing.dispute.opened",
        /// A customer wrote to a dispute.
        DisputeWritten = "billing.dispute.written",
        /// A dispute was answered.
        DisputeAnswered = "billing.dispute.answered",
        /// A dispute was closed.
        DisputeClosed = "billing.dispute.closed",
        /// A closed dispute was opened again.
        DisputeReopened = "billing.dispute.reopened",
        /// A credit note was asked for.
        CreditNoteAsked = "billing.credit_note.asked",
        /// A credit note was approved, and counts.
        CreditNoteIssued = "billing.credit_note.issued",
        /// A credit note was not approved.
        CreditNoteRejected = "billing.credit_note.rejected",
        /// A credit note was taken back by who asked for it.
        CreditNoteWithdrawn = "billing.credit_note.withdrawn",
        /// A customer's promise to pay a bill was noted, or taken back.
        BillPromised = "billing.bill.promised",
        /// Somebody was reminded of a bill.
        BillReminded = "billing.bill.reminded",
        /// A step of the ladder of reminders was written.
        DunningStepCreated = "billing.dunning_step.created",
        /// A step of the ladder of reminders was changed.
        DunningStepUpdated = "billing.dunning_step.updated",
        /// A line was written into a bill by hand.
        BillLineAdded = "billing.bill.line_added",
        /// A line by hand was removed from a bill.
        BillLineRemoved = "billing.bill.line_removed",
        /// The invoice of a bill was noted.
        BillInvoiced = "billing.bill.invoiced",
        /// The invoice of a bill was taken back.
        BillUninvoiced = "billing.bill.uninvoiced",
        /// A bill went to another customer, for a merge.
        BillHandedOver = "billing.bill.handed_over",
        /// The list of bills was exported.
        BillExported = "billing.bill.exported",
        /// The bills of a month were worked out.
        BillRunPlanned = "billing.bill_run.planned",
        /// The bills of a run were written.
        BillRunCommitted = "billing.bill_run.committed",
        /// A run was given up.
        BillRunDiscarded = "billing.bill_run.discarded",
    }
}

impl Action {
    /// The verb on screen, as in 「修改了用户」.
    pub fn label(self, t: Tr) -> String {
        t.label("action", self.as_str())
    }
}
