//! What one may do, and to whose records.
//!
//! A permission is named `room.resource.verb`. A route declares the one it needs; a role grants a set of them,
//! all with the role's data scope. Whoever holds a permission through several roles has the widest of their scopes.

use crate::i18n::Tr;
use crate::text_enum;

text_enum! {
    /// A permission that a role can grant.
    pub enum Permission {
        /// See users.
        UserView = "accounts.user.view",
        /// Create users.
        UserCreate = "accounts.user.create",
        /// Edit users, their department and their roles.
        UserEdit = "accounts.user.edit",
        /// Disable and enable users.
        UserDisable = "accounts.user.disable",
        /// Delete and restore users.
        UserDelete = "accounts.user.delete",
        /// Reset a user's password.
        UserResetPassword = "accounts.user.reset_password",
        /// See where a user is signed in, and sign them out.
        UserSignOut = "accounts.user.sign_out",
        /// Import staff from a file.
        UserImport = "accounts.user.import",
        /// Export the list of users.
        UserExport = "accounts.user.export",
        /// See roles and what they grant.
        RoleView = "accounts.role.view",
        /// Create, edit and delete roles.
        RoleEdit = "accounts.role.edit",
        /// See the department tree.
        DepartmentView = "accounts.department.view",
        /// Create, rename, move and delete departments.
        DepartmentEdit = "accounts.department.edit",
        /// Read the audit log.
        AuditView = "audit.entry.view",
        /// Read the log of sign-ins.
        SignInView = "audit.sign_in.view",
        /// Export the audit log and the log of sign-ins.
        AuditExport = "audit.entry.export",
        /// See the background tasks of others.
        TaskView = "tasks.task.view",
        /// Cancel and retry the background tasks of others.
        TaskManage = "tasks.task.manage",
        /// See the schedule and its history.
        JobView = "jobs.job.view",
        /// Create, edit, pause and delete jobs.
        JobEdit = "jobs.job.edit",
        /// Run a job now, and catch up on missed runs.
        JobRun = "jobs.job.run",
        /// Read the delivery log and the templates of messages.
        MessageView = "notifications.message.view",
        /// Send messages, and send failed ones again.
        MessageSend = "notifications.message.send",
        /// Edit the templates of messages.
        TemplateEdit = "notifications.template.edit",
        /// Connect robots of group chats.
        RobotEdit = "notifications.robot.edit",
        /// See the settings.
        SettingView = "settings.setting.view",
        /// Change what stands on bills and mails: the company's name, logo and addresses.
        SettingEditCompany = "settings.company.edit",
        /// Change how the system behaves.
        SettingEditSystem = "settings.system.edit",
        /// See customers.
        CustomerView = "customers.customer.view",
        /// Create customers.
        CustomerCreate = "customers.customer.create",
        /// Edit customers, one or many at once.
        CustomerEdit = "customers.customer.edit",
        /// Delete and restore customers.
        CustomerDelete = "customers.customer.delete",
        /// Import customers from a file.
        CustomerImport = "customers.customer.import",
        /// Export the list of customers.
        CustomerExport = "customers.customer.export",
        /// Hand customers over to other owners.
        CustomerHandOver = "customers.customer.hand_over",
        /// Merge customers that are the same, and take them apart again.
        CustomerMerge = "customers.customer.merge",
        /// Move customers from status to status.
        StatusMove = "customers.status.move",
        /// See the names, phones and mail addresses of contacts.
        ContactView = "customers.contact.view",
        /// Create, edit and delete contacts.
        ContactEdit = "customers.contact.edit",
        /// Share saved views with everybody.
        ViewShare = "customers.view.share",
        /// Edit the dictionaries.
        DictionaryEdit = "customers.dictionary.edit",
        /// See the quality of the data and likely duplicates.
        QualityView = "customers.quality.view",
        /// Create, edit and retire meters.
        MeterEdit = "catalog.meter.edit",
        /// See prices.
        PriceView = "pricing.version.view",
        /// Draft versions of prices, and submit them for approval.
        PriceEdit = "pricing.version.edit",
        /// Approve versions of prices, and withdraw those that have not begun.
        PriceApprove = "pricing.version.approve",
        /// Import prices from a file.
        PriceImport = "pricing.version.import",
        /// See usage.
        UsageView = "usage.record.view",
        /// Bring usage in, by file or by program.
        UsageImport = "usage.record.import",
        /// Correct usage, and decide about records that a rule caught.
        UsageCorrect = "usage.record.correct",
        /// See the sources of usage and their days.
        SourceView = "usage.source.view",
        /// Connect, edit and pause sources of usage.
        SourceEdit = "usage.source.edit",
        /// Fetch days of a source again, and declare days empty.
        UsageCollect = "usage.source.collect",
        /// See bills.
        BillView = "billing.bill.view",
        /// Take bills back to be changed, and write manual lines.
        BillEdit = "billing.bill.edit",
        /// Approve bills, and reject them.
        BillApprove = "billing.bill.approve",
        /// Void bills that were not sent.
        BillVoid = "billing.bill.void",
        /// Send bills to customers.
        BillSend = "billing.bill.send",
        /// Export lists of bills.
        BillExport = "billing.bill.export",
        /// See bill runs.
        RunView = "billing.run.view",
        /// Plan bill runs, and take responsibility for holes in usage.
        RunStart = "billing.run.start",
        /// Commit bill runs.
        RunCommit = "billing.run.commit",
        /// Ask for credit notes.
        CreditNoteCreate = "billing.credit_note.create",
        /// Approve credit notes.
        CreditNoteApprove = "billing.credit_note.approve",
        /// Answer what customers ask about their bills.
        DisputeAnswer = "billing.dispute.answer",
        /// Say when customers are reminded of bills that are due.
        DunningEdit = "billing.dunning.edit",
        /// Close billing months.
        MonthClose = "billing.month.close",
        /// Approve that a closed month is opened again.
        MonthReopen = "billing.month.reopen",
    }
}

impl Permission {
    /// The room that the permission belongs to: the first part of its code.
    pub fn room(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }

    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("permission", self.as_str())
    }

    /// All permissions by the room that they belong to, in the order of their declaration.
    pub fn by_room() -> Vec<(&'static str, Vec<Permission>)> {
        let mut rooms: Vec<(&'static str, Vec<Permission>)> = Vec::new();
        for permission in Permission::ALL {
            match rooms.iter_mut().find(|(room, _)| *room == permission.room()) {
                Some((_, permissions)) => permissions.push(*permission),
                None => rooms.push((permission.room(), vec![*permission])),
            }
        }
        rooms
    }
}

text_enum! {
    /// Whose records a role's permissions reach, from the narrowest to the widest.
    pub enum DataScope {
        /// One's own.
        Own = "own",
        /// Those of one's department.
        Department = "department",
        /// Those of one's department and all departments below it.
        DepartmentAndBelow = "department_and_below",
        /// Everybody's.
        All = "all",
    }
}

impl DataScope {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("scope", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_and_scope_has_a_label_in_both_languages() {
        for t in Tr::ALL {
            for permission in Permission::ALL {
                assert_ne!(permission.label(t), permission.as_str(), "{permission} in {}", t.tag());
                assert_ne!(t.label("room", permission.room()), permission.room());
            }
            for scope in DataScope::ALL {
                assert_ne!(scope.label(t), scope.as_str());
            }
        }
    }

    #[test]
    fn every_permission_stands_in_exactly_one_room() {
        let rooms = Permission::by_room();
        assert_eq!(
            rooms.iter().map(|(_, permissions)| permissions.len()).sum::<usize>(),
            Permission::ALL.len()
        );
        for (room, permissions) in rooms {
            assert!(permissions.iter().all(|permission| permission.room() == room), "{room}");
        }
    }

    #[test]
    fn scopes_are_ordered_by_width() {
        assert!(DataScope::All > DataScope::DepartmentAndBelow);
        assert!(DataScope::DepartmentAndBelow > DataScope::Department);
        assert!(DataScope::Department > DataScope::Own);
    }
}
