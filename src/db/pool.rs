//! The pool of connections, and what every connection is told when it is made.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::r2d2::{
    self, ConnectionManager, CustomizeConnection, HandleError, ManageConnection, PooledConnection,
};
use diesel::sql_types::Text;

pub(super) type Pool = r2d2::Pool<Manager>;
pub(super) type Pooled = PooledConnection<Manager>;

/// A connection that was alive a moment ago is believed to be so; any other is asked before it is handed out. Asking
/// always would double the round trips of a small request. That it was used proves nothing: its server may be gone.
const BELIEVED: Duration = Duration::from_secs(1);

/// A connection, when it was last known to live, and whether it was found dead.
pub(super) struct Connection {
    conn: MysqlConnection,
    alive: Instant,
    dead: bool,
}

impl Connection {
    /// The connection, for use now.
    pub(super) fn get(&mut self) -> &mut MysqlConnection {
        &mut self.conn
    }

    /// Notes that the server is gone, so that the connection is not handed out again: diesel itself only looks at the
    /// state of transactions.
    pub(super) fn give_up(&mut self) {
        self.dead = true;
    }
}

/// diesel's manager of connections, but for the question whether one still lives.
pub(super) struct Manager(ConnectionManager<MysqlConnection>);

impl ManageConnection for Manager {
    type Connection = Connection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Connection, r2d2::Error> {
        Ok(Connection { conn: self.0.connect()?, alive: Instant::now(), dead: false })
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), r2d2::Error> {
        if connection.alive.elapsed() >= BELIEVED {
            self.0.is_valid(&mut connection.conn)?;
            connection.alive = Instant::now();
        }
        Ok(())
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        connection.dead || self.0.has_broken(&mut connection.conn)
    }
}

/// How the pool is to be.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// The most connections at once.
    pub size: u32,
    /// How long a request waits for one.
    pub patience: Duration,
}

/// The session settings on which our SQL relies, whatever the server's own defaults are. READ COMMITTED, so that what
/// is read after a lock was won is what the winner before us left.
const SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SET NAMES utf8mb4 COLLATE utf8mb4_unicode_520_ci; \
    SET time_zone = '+00:00', \
    sql_mode = 'STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
    innodb_lock_wait_timeout = 10";

#[derive(Debug)]
struct OnConnect {
    needs_tls: bool,
}

impl CustomizeConnection<Connection, r2d2::Error> for OnConnect {
    fn on_acquire(&self, connection: &mut Connection) -> Result<(), r2d2::Error> {
        let conn = &mut connection.conn;
        conn.batch_execute(SESSION).map_err(r2d2::Error::QueryError)?;
        if self.needs_tls && !is_encrypted(conn)? {
            let text = "DATABASE_URL names ssl_ca, but the server does not encrypt the connection".to_owned();
            return Err(r2d2::Error::ConnectionError(ConnectionError::BadConnection(text)));
        }
        Ok(())
    }
}

/// The client library falls back to plain text without a word, so the answer is asked of the server.
fn is_encrypted(conn: &mut MysqlConnection) -> Result<bool, r2d2::Error> {
    let cipher: String = diesel::select(sql::<Text>(
        "COALESCE((SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'), '')",
    ))
    .get_result(conn)
    .or_else(|_| {
        diesel::select(sql::<Text>(
            "COALESCE((SELECT VARIABLE_VALUE FROM performance_schema.session_status WHERE VARIABLE_NAME = 'Ssl_cipher'), '')",
        ))
        .get_result(conn)
    })
    .map_err(r2d2::Error::QueryError)?;
    Ok(!cipher.is_empty())
}

pub(super) fn open(url: &str, options: PoolOptions) -> Pool {
    // `build_unchecked`: the process starts, and says so on its pages, while the database is still away.
    r2d2::Pool::builder()
        .max_size(options.size)
        .min_idle(Some(1))
        .connection_timeout(options.patience)
        .connection_customizer(Box::new(OnConnect { needs_tls: url.contains("ssl_ca=") }))
        .error_handler(Box::new(LogFaults))
        .build_unchecked(Manager(ConnectionManager::new(url)))
}

#[derive(Debug)]
struct LogFaults;

impl<E: std::fmt::Display> HandleError<E> for LogFaults {
    fn handle_error(&self, fault: E) {
        tracing::warn!(%fault, "the database does not answer");
    }
}
