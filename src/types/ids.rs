//! Ids: one type per table, so that a user's id is never taken for a department's.

/// Declares the id type of a table with a `BIGINT UNSIGNED AUTO_INCREMENT` key.
macro_rules! id_type {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow, serde::Serialize, serde::Deserialize,
        )]
        #[diesel(sql_type = diesel::sql_types::Unsigned<diesel::sql_types::BigInt>)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        // Templates hand on references.
        impl From<&$name> for $name {
            fn from(id: &$name) -> $name {
                *id
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }

        impl diesel::serialize::ToSql<diesel::sql_types::Unsigned<diesel::sql_types::BigInt>, diesel::mysql::Mysql> for $name {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, diesel::mysql::Mysql>) -> diesel::serialize::Result {
                <u64 as diesel::serialize::ToSql<
                    diesel::sql_types::Unsigned<diesel::sql_types::BigInt>,
                    diesel::mysql::Mysql,
                >>::to_sql(&self.0, out)
            }
        }

        impl diesel::deserialize::FromSql<diesel::sql_types::Unsigned<diesel::sql_types::BigInt>, diesel::mysql::Mysql> for $name {
            fn from_sql(bytes: diesel::mysql::MysqlValue<'_>) -> diesel::deserialize::Result<Self> {
                <u64 as diesel::deserialize::FromSql<
                    diesel::sql_types::Unsigned<diesel::sql_types::BigInt>,
                    diesel::mysql::Mysql,
                >>::from_sql(bytes).map($name)
            }
        }
    )+ };
}

id_type! {
    /// A sign-in: a member of staff.
    UserId,
    /// A role: a set of permissions and a data scope.
    RoleId,
    /// A department of the tree.
    DepartmentId,
    /// A signed-in browser.
    SessionId,
    /// A personal access token.
    ApiTokenId,
    /// An entry of the audit log.
    AuditEntryId,
    /// An attempt to sign in.
    SignInId,
    /// A file that was uploaded or made.
    FileId,
    /// A setting that was changed.
    SettingId,
    /// A piece of background work.
    TaskId,
    /// A job of the schedule.
    JobId,
    /// A firing of a job.
    JobRunId,
    /// A message of the outbox.
    MessageId,
    /// One message on its way to one recipient by one channel.
    DeliveryId,
    /// A line of somebody's inbox.
    NotificationId,
    /// A robot of a group chat.
    RobotId,
    /// A list of changes that was shown before they were made.
    BatchId,
    /// A customer.
    CustomerId,
    /// A value of a dictionary.
    DictionaryValueId,
    /// A person at a customer.
    ContactId,
    /// A name under which a customer's money arrives.
    PayerAliasId,
    /// Two customers that may be the same.
    DuplicatePairId,
    /// A merge of two customers.
    CustomerMergeId,
    /// A saved view of a list.
    SavedViewId,
    /// What is measured.
    MeterId,
    /// A version of the prices of a customer.
    PriceVersionId,
    /// What a version charges for a meter.
    PriceChargeId,
    /// Where usage comes from.
    UsageSourceId,
    /// Usage that came in together.
    UsageIntakeId,
    /// A correction of a record of usage.
    UsageCorrectionId,
    /// A record of usage that a rule caught.
    QuarantinedRecordId,
    /// A day of a source.
    UsageCollectionId,
    /// Usage that came too late for the bill of its month.
    LateUsageId,
    /// A plan of the bills of a month, and what became of it.
    BillRunId,
    /// Who lets a month be billed without the usage of a day.
    UsageWaiverId,
    /// A request to open a closed month again.
    MonthReopeningId,
    /// A bill.
    BillId,
    /// A credit note.
    CreditNoteId,
    /// A step of the ladder of reminders.
    DunningStepId,
    /// What a customer disputes of a bill.
    DisputeId,
    /// A link to a bill, as it was sent.
    BillLinkId,
}
