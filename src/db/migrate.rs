//! The migrations, embedded in the binary.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::migration::MigrationSource;
use diesel::mysql::{Mysql, MysqlConnection};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::types::{Error, Result};

use super::Db;

/// All migrations, oldest first.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// How long a replica waits while another one migrates, in seconds.
const LOCK_SECONDS: u32 = 300;

/// Runs the migrations that the database has not seen; returns their names. Several replicas may start at once: one
/// runs them, the others wait.
pub fn run(db: &mut Db) -> Result<Vec<String>> {
    lock(db.conn())?;
    let outcome = pending(db).and_then(|names| {
        db.conn()
            .run_pending_migrations(MIGRATIONS)
            .map_err(|fault| Error::Internal(anyhow::anyhow!("a migration failed: {fault}")))?;
        Ok(names)
    });
    db.conn().batch_execute("DO RELEASE_LOCK('opcms.migrate')")?;
    outcome
}

fn lock(conn: &mut MysqlConnection) -> Result<()> {
    let got: Option<i64> =
        diesel::select(sql::<Nullable<BigInt>>(&format!("GET_LOCK('opcms.migrate', {LOCK_SECONDS})")))
            .get_result(conn)?;
    if got == Some(1) {
        Ok(())
    } else {
        Err(Error::Unavailable("another process has been migrating the database for minutes".into()))
    }
}

/// The names of the migrations that the database has not seen.
pub fn pending(db: &mut Db) -> Result<Vec<String>> {
    let pending = db
        .conn()
        .pending_migrations(MIGRATIONS)
        .map_err(|fault| Error::Unavailable(format!("the list of migrations cannot be read: {fault}")))?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}

/// The versions of the migrations that the database has seen and this binary does not know: a newer one ran them.
pub fn unknown(db: &mut Db) -> Result<Vec<String>> {
    let broken = |fault: &dyn std::fmt::Display| {
        Error::Unavailable(format!("the list of migrations cannot be read: {fault}"))
    };
    let known: Vec<String> = MigrationSource::<Mysql>::migrations(&MIGRATIONS)
        .map_err(|fault| broken(&fault))?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let applied = db.conn().applied_migrations().map_err(|fault| broken(&fault))?;
    Ok(applied.iter().map(ToString::to_string).filter(|version| !known.contains(version)).collect())
}

/// How many migrations this binary knows.
pub fn count() -> usize {
    MigrationSource::<Mysql>::migrations(&MIGRATIONS).map_or(0, |all| all.len())
}

/// Makes sure that the database which `url` names exists.
///
/// # Errors
/// [`Error::Unavailable`] when the server does not answer or does not let us.
pub fn create_database(url: &str) -> Result<()> {
    let unavailable = |fault: String| Error::Unavailable(fault);
    let reason = match MysqlConnection::establish(url) {
        Ok(_) => return Ok(()),
        Err(reason) => reason.to_string(),
    };
    if !reason.contains("Unknown database") {
        return Err(unavailable(reason));
    }
    let mut server = url::Url::parse(url).map_err(|fault| Error::Internal(fault.into()))?;
    let name = server.path().trim_matches('/').replace('`', "");
    server.set_path("/");
    let mut conn =
        MysqlConnection::establish(server.as_str()).map_err(|fault| unavailable(fault.to_string()))?;
    conn.batch_execute(&format!(
        "CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"
    ))?;
    Ok(())
}
