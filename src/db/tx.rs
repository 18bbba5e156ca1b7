//! The unit of work that writes: rows, and what is carried along with them.

use std::ops::{Deref, DerefMut};

use diesel::connection::{AnsiTransactionManager, TransactionManager as _};

use crate::types::ids::{BatchId, TaskId};
use crate::types::{Entry, NewTask, Outgoing, Result};

use super::{Db, carried};

/// An open transaction. Reads like a [`Db`]; commits its audit entries, its background tasks and its outgoing messages
/// together with the rows.
pub struct Tx {
    db: Db,
    entries: Vec<Entry>,
    batch: Option<BatchId>,
    pub(super) causes_tasks: bool,
    pub(super) causes_messages: bool,
}

impl Tx {
    pub(super) fn new(db: Db) -> Tx {
        Tx { db, entries: Vec::new(), batch: None, causes_tasks: false, causes_messages: false }
    }

    /// Puts an entry into the audit log, in the name of the actor, when the transaction commits.
    pub fn audit(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Says that what the transaction changes is the work of a batch: its audit entries name it.
    pub fn act_for(&mut self, batch: BatchId) {
        self.batch = Some(batch);
    }

    /// Asks for background work in the name of the actor, to begin once the transaction commits.
    pub fn enqueue(&mut self, task: &NewTask) -> Result<TaskId> {
        self.causes_tasks = true;
        carried::write_task(&mut self.db, task)
    }

    /// Sends a message once the transaction commits. Returns whether it will be: a message with a key that was used
    /// before is not.
    pub fn notify(&mut self, message: &Outgoing) -> Result<bool> {
        self.causes_messages = true;
        carried::write_message(&mut self.db, message)
    }

    /// Rings the bell of the workers once the transaction commits, for a task that was put back into the queue.
    pub fn wake_tasks(&mut self) {
        self.causes_tasks = true;
    }

    /// Rings the bell of the dispatcher once the transaction commits, for messages that were put on their way again.
    pub fn wake_messages(&mut self) {
        self.causes_messages = true;
    }

    /// Tries something: when it fails, the rows and the audit entries that it has written are as before, and the
    /// transaction goes on.
    pub fn attempt<T>(&mut self, work: impl FnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        AnsiTransactionManager::begin_transaction(self.conn())?;
        let before = (self.entries.len(), self.causes_tasks, self.causes_messages);
        let outcome = work(self);
        if outcome.is_ok() {
            AnsiTransactionManager::commit_transaction(self.conn())?;
        } else {
            AnsiTransactionManager::rollback_transaction(self.conn())?;
            self.entries.truncate(before.0);
            (self.causes_tasks, self.causes_messages) = (before.1, before.2);
        }
        outcome
    }

    /// Writes what the transaction carries along.
    pub(super) fn write_carried(&mut self) -> Result<()> {
        let entries = std::mem::take(&mut self.entries);
        carried::write_entries(&mut self.db, &entries, self.batch)
    }
}

impl Deref for Tx {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Db {
        &mut self.db
    }
}
