//! The log of sign-ins as a file.

use crate::audit::export;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::Result;
use crate::web::download::{Cell, Finished, Format, Table};

use super::model::{SignIn, SignInFilter};
use super::queries;

/// Writes the attempts that the filter lets through; returns the file and how many they are.
pub fn write(db: &mut Db, t: Tr, filter: &SignInFilter, format: Format) -> Result<(Finished, usize)> {
    let heading = [
        t.sign_ins_at(),
        t.sign_ins_username(),
        t.sign_ins_outcome(),
        t.audit_address(),
        t.sign_ins_device(),
        t.sign_ins_user_agent(),
        t.audit_request(),
    ];
    let table = Table::begin(format, t.sign_ins_title(), &heading.map(str::to_owned))?;
    export::fill(
        table,
        |after, limit| queries::chunk(db, filter, after, limit),
        SignIn::key,
        |row| cells(row, t),
    )
}

fn cells(row: &SignIn, t: Tr) -> [Cell; 7] {
    [
        row.at.into(),
        row.username.as_str().into(),
        t.label("outcome", &row.outcome).into(),
        row.address.as_str().into(),
        row.device().into(),
        row.user_agent.as_str().into(),
        row.request_id.as_str().into(),
    ]
}
