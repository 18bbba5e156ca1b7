//! Every setting there is.
//!
//! To add one, write it here and into [`ALL`], name it in both languages (`setting.<key>`, `setting_help.<key>`), and
//! read it where it has its effect: `settings::read(db, &registry::TASKS_KEEP_DAYS)`.

use crate::types::Permission;

use super::model::{Definition, Kind, Setting, Unit};

/// The company's name, as it stands on bills and mails.
pub const COMPANY_NAME: Setting<String> = company("company.name", Kind::Line { max: 100 });
/// The company's name in English.
pub const COMPANY_NAME_EN: Setting<String> = company("company.name_en", Kind::Line { max: 200 });
/// The company's 统一社会信用代码.
pub const COMPANY_TAX_NUMBER: Setting<String> = on_bills("company.tax_number", Kind::TaxNumber);
/// The company's address.
pub const COMPANY_ADDRESS: Setting<String> = company("company.address", Kind::Line { max: 200 });
/// The company's address in English.
pub const COMPANY_ADDRESS_EN: Setting<String> = company("company.address_en", Kind::Line { max: 300 });
/// The company's telephone.
pub const COMPANY_PHONE: Setting<String> = company("company.phone", Kind::Line { max: 50 });
/// Where customers write to.
pub const COMPANY_EMAIL: Setting<String> = company("company.email", Kind::Email);
/// The company's site.
pub const COMPANY_WEBSITE: Setting<String> = company("company.website", Kind::WebAddress);
/// Where and how to pay, printed on bills.
pub const COMPANY_BANK_DETAILS: Setting<String> = on_bills("company.bank_details", Kind::Text { max: 1000 });
/// The company's logo: the id of a file, blank for none. [`Letterhead`](super::Letterhead) reads it.
pub const COMPANY_LOGO: Setting<String> = company("company.logo", Kind::Picture);

/// The name that mails come from; blank for the company's name.
pub const MAIL_FROM_NAME: Setting<String> = text("mail.from_name", Kind::Line { max: 100 });
/// The address that mails come from.
pub const MAIL_FROM_ADDRESS: Setting<String> = text("mail.from_address", Kind::Email);
/// Where answers to mails go; blank for where they come from.
pub const MAIL_REPLY_TO: Setting<String> = text("mail.reply_to", Kind::Email);
/// What stands below every Chinese mail.
pub const MAIL_FOOTER_ZH: Setting<String> = text("mail.footer_zh", Kind::Text { max: 1000 });
/// What stands below every English mail.
pub const MAIL_FOOTER_EN: Setting<String> = text("mail.footer_en", Kind::Text { max: 1000 });

/// How long a task that is over is kept.
pub const TASKS_KEEP_DAYS: Setting<i64> = days("tasks.keep_days", "30");
/// How long the runs of jobs are kept.
pub const JOBS_HISTORY_DAYS: Setting<i64> = days("jobs.history_days", "90");
/// How often at most a job that keeps failing raises an alarm.
pub const JOBS_ALARM_EVERY_MINUTES: Setting<i64> =
    number("jobs.alarm_every_minutes", Kind::Number { min: 5, max: 1440, unit: Unit::Minutes }, "60");
/// How long messages and their deliveries are kept.
pub const NOTIFICATIONS_KEEP_DAYS: Setting<i64> = days("notifications.keep_days", "180");
/// How long a file that was removed is kept before its bytes go.
pub const FILES_TRASH_DAYS: Setting<i64> = days("files.trash_days", "30");

/// How many days back the collection of the night looks for days of sources that are not there.
pub const USAGE_COLLECT_BACK_DAYS: Setting<i64> =
    number("usage.collect_back_days", Kind::Number { min: 1, max: 60, unit: Unit::Days }, "7");
/// How long a batch is kept that nobody has committed.
pub const BATCHES_KEEP_DAYS: Setting<i64> = days("batches.keep_days", "30");

/// Above which amount a bill takes a second approval; 0 for never.
pub const BILLING_SECOND_APPROVAL_ABOVE: Setting<i64> = number(
    "billing.second_approval_above",
    Kind::Number { min: 0, max: 1_000_000_000, unit: Unit::Amount },
    "100000",
);

/// By how many percent the bill of a customer may change until somebody should look at it.
pub const BILLING_LOOK_AT_CHANGE_PERCENT: Setting<i64> =
    number("billing.look_at_change_percent", Kind::Number { min: 0, max: 10_000, unit: Unit::Percent }, "30");
/// By which amount the bill of a customer may change, however many percent that is.
pub const BILLING_LOOK_AT_CHANGE_AMOUNT: Setting<i64> = number(
    "billing.look_at_change_amount",
    Kind::Number { min: 0, max: 1_000_000_000, unit: Unit::Amount },
    "500",
);
/// What a bill may come to until somebody should look at it; 0 for any amount.
pub const BILLING_LOOK_AT_TOTAL_ABOVE: Setting<i64> = number(
    "billing.look_at_total_above",
    Kind::Number { min: 0, max: 1_000_000_000, unit: Unit::Amount },
    "50000",
);

/// All of them, in the order of the page.
pub const ALL: &[Definition] = &[
    COMPANY_NAME.definition,
    COMPANY_NAME_EN.definition,
    COMPANY_TAX_NUMBER.definition,
    COMPANY_ADDRESS.definition,
    COMPANY_ADDRESS_EN.definition,
    COMPANY_PHONE.definition,
    COMPANY_EMAIL.definition,
    COMPANY_WEBSITE.definition,
    COMPANY_BANK_DETAILS.definition,
    COMPANY_LOGO.definition,
    MAIL_FROM_NAME.definition,
    MAIL_FROM_ADDRESS.definition,
    MAIL_REPLY_TO.definition,
    MAIL_FOOTER_ZH.definition,
    MAIL_FOOTER_EN.definition,
    TASKS_KEEP_DAYS.definition,
    JOBS_HISTORY_DAYS.definition,
    JOBS_ALARM_EVERY_MINUTES.definition,
    NOTIFICATIONS_KEEP_DAYS.definition,
    FILES_TRASH_DAYS.definition,
    USAGE_COLLECT_BACK_DAYS.definition,
    BATCHES_KEEP_DAYS.definition,
    BILLING_SECOND_APPROVAL_ABOVE.definition,
    BILLING_LOOK_AT_CHANGE_PERCENT.definition,
    BILLING_LOOK_AT_CHANGE_AMOUNT.definition,
    BILLING_LOOK_AT_TOTAL_ABOVE.definition,
];

/// The setting of a name.
pub fn find(key: &str) -> Option<&'static Definition> {
    ALL.iter().find(|definition| definition.key == key)
}

const fn definition(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    permission: Permission,
) -> Definition {
    Definition { key, kind, default, permission, needs_reason: false }
}

const fn company(key: &'static str, kind: Kind) -> Setting<String> {
    Setting::of(definition(key, kind, "", Permission::SettingEditCompany))
}

/// What money follows is not changed without a word.
const fn on_bills(key: &'static str, kind: Kind) -> Setting<String> {
    Setting::of(definition(key, kind, "", Permission::SettingEditCompany).with_reason())
}

const fn text(key: &'static str, kind: Kind) -> Setting<String> {
    Setting::of(definition(key, kind, "", Permission::SettingEditSystem))
}

const fn number(key: &'static str, kind: Kind, default: &'static str) -> Setting<i64> {
    Setting::of(definition(key, kind, default, Permission::SettingEditSystem))
}

const fn days(key: &'static str, default: &'static str) -> Setting<i64> {
    number(key, Kind::Number { min: 1, max: 3650, unit: Unit::Days }, default)
}
