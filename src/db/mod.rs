//! The database: a pool of connections, and the units of work that read and write through it.
//!
//! [`Database::read`] and [`Database::write`] take one synchronous closure. `write` is one transaction that commits the
//! rows together with their audit entries, background tasks and outgoing messages, and is run once more when it was the
//! victim of a deadlock; the closure therefore takes its arguments by reference. Inside a closure nobody takes a second
//! connection.

mod carried;
pub mod checks;
pub mod errors;
pub mod idempotency;
pub mod like;
pub mod listing;
pub mod local_server;
pub mod migrate;
mod pool;
pub mod rate;
mod remembered;
mod tx;
mod wakes;

use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::mysql::MysqlConnection;

use crate::types::{Actor, Clock, Error, Result};

pub use carried::last_id;
pub use pool::PoolOptions;
pub use remembered::{count, kept, remembered};
pub use tx::Tx;
pub use wakes::Wakes;

use pool::{Pool, Pooled};
use remembered::Memory;

/// A connection for reading, with who reads and when.
pub struct Db {
    conn: Pooled,
    actor: Arc<Actor>,
    now: NaiveDateTime,
    memory: Memory,
    #[expect(clippy::option_option, reason = "not asked yet, and asked but there is none")]
    newest_entry: Option<Option<u64>>,
}

impl Db {
    /// The connection, for diesel.
    pub fn conn(&mut self) -> &mut MysqlConnection {
        self.conn.get()
    }

    /// Notes that the server is gone.
    fn give_up(&mut self) {
        self.conn.give_up();
    }

    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The moment of the request (UTC): the same throughout.
    pub fn now(&self) -> NaiveDateTime {
        self.now
    }
}

/// The database as the rest of the house sees it. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool,
    clock: Clock,
    memory: Memory,
    wakes: Wakes,
}

impl Database {
    /// Opens a pool; connections are made when they are first needed.
    pub fn new(url: &str, options: PoolOptions, clock: Clock) -> Database {
        Database { pool: pool::open(url, options), clock, memory: Memory::default(), wakes: Wakes::default() }
    }

    /// The clock that all work is stamped with.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What tells the workers of this process that there is something to do.
    pub fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    /// Reads on behalf of `actor`. Outside of a transaction: a single statement that only counts, such as the last use
    /// of a session, may be written here, too.
    pub fn read<T>(&self, actor: &Arc<Actor>, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut db = self.open(actor)?;
        let outcome = work(&mut db);
        if let Err(Error::Unavailable(_)) = outcome {
            db.give_up();
        }
        outcome
    }

    /// Writes on behalf of `actor`: all of it, its audit entries included, or nothing.
    pub fn write<T>(&self, actor: &Arc<Actor>, work: impl Fn(&mut Tx) -> Result<T>) -> Result<T> {
        match self.attempt(actor, &work) {
            Err(Error::Deadlock) => self.attempt(actor, &work),
            outcome => outcome,
        }
    }

    fn attempt<T>(&self, actor: &Arc<Actor>, work: &impl Fn(&mut Tx) -> Result<T>) -> Result<T> {
        let mut db = self.open(actor)?;
        AnsiTransactionManager::begin_transaction(db.conn())?;
        let mut tx = Tx::new(db);
        let outcome = work(&mut tx).and_then(|value| tx.write_carried().map(|()| value));
        match outcome {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(tx.conn()).inspect_err(|_| tx.give_up())?;
                if tx.causes_tasks {
                    self.wakes.tasks.notify_one();
                }
                if tx.causes_messages {
                    self.wakes.messages.notify_one();
                }
                Ok(value)
            }
            Err(error) => {
                if let Error::Unavailable(_) = error {
                    tx.give_up();
                }
                // A failed rollback means a dead connection, and that has rolled back by itself.
                if let Err(fault) = AnsiTransactionManager::rollback_transaction(tx.conn()) {
                    tracing::debug!(%fault, "rollback on a broken connection");
                }
                Err(error)
            }
        }
    }

    fn open(&self, actor: &Arc<Actor>) -> Result<Db> {
        let conn = self.pool.get().map_err(|fault| Error::Unavailable(fault.to_string()))?;
        Ok(Db {
            conn,
            actor: Arc::clone(actor),
            now: self.clock.now(),
            memory: self.memory.clone(),
            newest_entry: None,
        })
    }
}
