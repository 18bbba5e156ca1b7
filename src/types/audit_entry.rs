//! What the audit log keeps of a write: who did what to which record, and what changed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

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

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The kind of record: `user`, `role` …
    pub kind: &'static str,
    /// Its id; `None` where the action is about a list.
    pub id: Option<u64>,
    /// What it was called at that time.
    pub label: String,
    /// The department whose data scope covers it.
    pub department_path: Option<String>,
}

/// A record that can stand in the audit log.
pub trait Audited: Serialize {
    /// How the record is named there.
    fn subject(&self) -> Subject;
}

/// A field's value before and after.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct Change {
    /// The value before; `None` for a record that did not exist.
    pub was: Option<Value>,
    /// The value after; `None` for a record that is gone.
    pub becomes: Option<Value>,
}

/// One entry of the audit log, before the transaction that carries it adds the actor and the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What was done.
    pub action: Action,
    /// To which record.
    pub subject: Subject,
    /// The fields that changed.
    pub changes: BTreeMap<String, Change>,
    /// The reason that the actor gave.
    pub reason: Option<String>,
}

impl Entry {
    /// Something happened to the record that changes none of its fields.
    pub fn happened(action: Action, subject: Subject) -> Entry {
        Entry { action, subject, changes: BTreeMap::new(), reason: None }
    }

    /// The record came into being.
    pub fn created(action: Action, after: &impl Audited) -> Entry {
        Entry {
            action,
            subject: after.subject(),
            changes: difference(&Value::Null, &json(after)),
            reason: None,
        }
    }

    /// The record changed.
    pub fn changed<T: Audited>(action: Action, before: &T, after: &T) -> Entry {
        Entry {
            action,
            subject: after.subject(),
            changes: difference(&json(before), &json(after)),
            reason: None,
        }
    }

    /// The record went out of being.
    pub fn deleted(action: Action, before: &impl Audited) -> Entry {
        Entry {
            action,
            subject: before.subject(),
            changes: difference(&json(before), &Value::Null),
            reason: None,
        }
    }

    /// With the reason that the actor gave.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Entry {
        self.reason = reason.filter(|reason| !reason.is_empty());
        self
    }
}

/// A list that left the house as a file, as the audit log shows it: how many rows, and by which filters.
#[derive(Debug, Serialize)]
pub struct ExportRecord {
    #[serde(skip)]
    kind: &'static str,
    #[serde(skip)]
    file: String,
    rows: usize,
    filter: Vec<String>,
}

impl ExportRecord {
    /// The record of `file`, with so many rows of a kind, as `query` asked for them.
    pub fn new(kind: &'static str, file: String, rows: usize, query: &impl Serialize) -> ExportRecord {
        let filters = json(query).as_object().cloned().unwrap_or_default();
        let mut filter: Vec<String> = filters
            .iter()
            .filter(|(name, _)| {
                !["format", "sort", "page", "per_page", "older", "newer"].contains(&name.as_str())
            })
            .filter_map(|(name, value)| Some((name, value.as_str().filter(|text| !text.is_empty())?)))
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        filter.sort();
        ExportRecord { kind, file, rows, filter }
    }
}

impl Audited for ExportRecord {
    fn subject(&self) -> Subject {
        Subject { kind: self.kind, id: None, label: self.file.clone(), department_path: None }
    }
}

fn json(record: &impl Serialize) -> Value {
    serde_json::to_value(record).unwrap_or(Value::Null)
}

/// The fields in which two objects differ; an empty value counts as none.
fn difference(before: &Value, after: &Value) -> BTreeMap<String, Change> {
    let field = |object: &Value, name: &str| object.get(name).filter(|value| !is_blank(value)).cloned();
    let names =
        [before, after].into_iter().filter_map(Value::as_object).flat_map(|object| object.keys().cloned());
    names
        .map(|name| {
            let change = Change { was: field(before, &name), becomes: field(after, &name) };
            (name, change)
        })
        .filter(|(_, change)| change.was != change.becomes)
        .collect()
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        note: Option<&'static str>,
        tags: Vec<&'static str>,
    }

    impl Audited for Thing {
        fn subject(&self) -> Subject {
            Subject { kind: "thing", id: Some(1), label: self.name.into(), department_path: None }
        }
    }

    #[test]
    fn only_the_fields_that_changed_are_kept() {
        let before = Thing { name: "a", note: None, tags: vec!["x"] };
        let after = Thing { name: "a", note: Some("n"), tags: vec![] };
        let entry = Entry::changed(Action::UserUpdated, &before, &after);
        assert_eq!(entry.changes.keys().collect::<Vec<_>>(), ["note", "tags"]);
        assert_eq!(entry.changes["note"], Change { was: None, becomes: Some("n".into()) });
        assert_eq!(entry.changes["tags"], Change { was: Some(vec!["x"].into()), becomes: None });
    }

    #[test]
    fn a_record_that_comes_or_goes_shows_its_filled_fields_only() {
        let thing = Thing { name: "a", note: Some(""), tags: vec![] };
        assert_eq!(Entry::created(Action::UserCreated, &thing).changes.len(), 1);
        assert_eq!(Entry::deleted(Action::UserDeleted, &thing).changes["name"].becomes, None);
    }

    #[test]
    fn an_export_is_kept_with_its_filters() {
        let query = serde_json::json!({"q": "李娜", "action": "", "format": "csv", "older": "7"});
        let record = ExportRecord::new("user", "users.csv".into(), 3, &query);
        let entry = Entry::created(Action::UserExported, &record);
        assert_eq!(entry.subject.label, "users.csv");
        assert_eq!(entry.changes["rows"].becomes, Some(3.into()));
        assert_eq!(entry.changes["filter"].becomes, Some(vec!["q=李娜"].into()));
    }

    #[test]
    fn every_action_has_its_words_in_both_languages() {
        for t in Tr::ALL {
            for action in Action::ALL {
                assert_ne!(action.label(t), action.as_str(), "{action} in {}", t.tag());
            }
        }
    }
}
