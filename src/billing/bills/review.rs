//! What waits for review, as far as whoever asks may decide about it: by risk, then by amount. What they had a hand in is
//! not among it, only counted.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Decimal as SqlDecimal, Integer, Text, Unsigned};
use rust_decimal::Decimal;

use crate::customers::directory::reach::Reach;
use crate::customers::grid::sql::{Sql, Value};
use crate::db::Db;
use crate::db::listing::{Listing, PageRequest};
use crate::types::ids::{BillId, UserId};
use crate::types::{BillingMonth, Currency, Money, Permission, Result};
use crate::web::secret::sha256;

use super::listing::{self, BillRow, owned_by};
use super::model::Bill;

/// So many bills are approved at once at most.
pub const AT_ONCE: i64 = 1_000;

/// What waits, in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many of those that nothing calls for a look at.
    pub quiet: i64,
    /// How many ask to be looked at.
    pub loud: i64,
    /// How many wait for somebody else, because whoever asks had a hand in them.
    pub own: i64,
}

/// Bills that are approved together as they are shown.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// The bills and their versions, the largest first.
    pub shown: Vec<(BillId, u32)>,
    /// What they come to, by currency.
    pub totals: Vec<(Currency, Money)>,
    /// The greatest change against last month among them.
    pub greatest_change: Option<Money>,
    /// The first of them.
    pub rows: Vec<BillRow>,
}

impl Bundle {
    /// What tells this very bundle apart from any other: which bills, in which versions.
    pub fn digest(&self) -> String {
        let text: Vec<String> = self.shown.iter().map(|(id, version)| format!("{id}-{version}")).collect();
        sha256(&text.join(","))
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: u64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    quiet: i64,
    #[diesel(sql_type = BigInt)]
    loud: i64,
}

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: u64,
    #[diesel(sql_type = Unsigned<Integer>)]
    version: u32,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = SqlDecimal)]
    total_amount: Decimal,
    #[diesel(sql_type = diesel::sql_types::Nullable<SqlDecimal>)]
    moved_amount: Option<Decimal>,
}

/// How much waits, of a month or of all.
pub fn waiting(db: &mut Db, month: Option<BillingMonth>) -> Result<Waiting> {
    let mut counted = |of_others: bool| -> Result<Counted> {
        let mut sql = Sql::new(
            "SELECT COUNT(CASE WHEN b.risk = 0 THEN 1 END) AS quiet, COUNT(CASE WHEN b.risk > 0 THEN 1 END) AS loud",
        );
        sql.add(&pending(db, month, of_others)?);
        Ok(sql.query().get_result(db.conn())?)
    };
    let (others, own) = (counted(true)?, counted(false)?);
    Ok(Waiting { quiet: others.quiet, loud: others.loud, own: own.quiet + own.loud })
}

/// The bills that ask to be looked at, the riskiest first.
pub fn loud(
    db: &mut Db,
    month: Option<BillingMonth>,
    total: i64,
    page: PageRequest,
) -> Result<Listing<BillRow>> {
    let page = page.within(total);
    let mut sql = Sql::new("SELECT b.id AS id");
    sql.add(&pending(db, month, true)?).push(" AND b.risk > 0");
    sql.push(" ORDER BY b.risk DESC, b.total_amount DESC, b.id DESC LIMIT ");
    sql.bind(Value::Number(page.per_page)).push(" OFFSET ").bind(Value::Number(page.offset()));
    let found: Vec<Found> = sql.query().load(db.conn())?;
    let ids: Vec<BillId> = found.into_iter().map(|found| BillId(found.id)).collect();
    Ok(Listing { rows: listing::rows(db, &ids)?, total, page })
}

/// The bills that nothing calls for a look at, the largest first, as many as are approved at once; with their rows up to a
/// number.
pub fn quiet(db: &mut Db, month: Option<BillingMonth>, rows: usize) -> Result<Bundle> {
    let mut sql = Sql::new(
        "SELECT b.id AS id, b.version AS version, CAST(b.currency AS CHAR) AS currency, \
         b.total_amount AS total_amount, (SELECT r.moved_amount FROM bill_run_customers r \
         WHERE r.customer_id = b.customer_id AND r.run_id = b.run_id) AS moved_amount",
    );
    sql.add(&pending(db, month, true)?).push(" AND b.risk = 0");
    sql.push(" ORDER BY b.total_amount DESC, b.id DESC LIMIT ").bind(Value::Number(AT_ONCE));
    let found: Vec<Shown> = sql.query().load(db.conn())?;
    let mut bundle = Bundle::default();
    for one in &found {
        bundle.shown.push((BillId(one.id), one.version));
        bundle.greatest_change = bundle.greatest_change.max(one.moved_amount.map(Money));
        let Ok(currency) = one.currency.parse::<Currency>() else { continue };
        match bundle.totals.iter_mut().find(|(of, _)| *of == currency) {
            Some((_, total)) => total.0 += one.total_amount,
            None => bundle.totals.push((currency, Money(one.total_amount))),
        }
    }
    let first: Vec<BillId> = bundle.shown.iter().take(rows).map(|(id, _)| *id).collect();
    bundle.rows = listing::rows(db, &first)?;
    Ok(bundle)
}

/// The bill before and the one behind one in the order in which they are reviewed.
pub fn beside(db: &mut Db, bill: &Bill) -> Result<[Option<BillId>; 2]> {
    let mut beside = |before: bool| -> Result<Option<BillId>> {
        let mut sql = Sql::new("SELECT b.id AS id");
        sql.add(&pending(db, None, true)?);
        let (risk, total, id) = (
            Value::Number(i64::from(bill.risk)),
            Value::Text(bill.total_amount.to_string()),
            Value::Id(bill.id.0),
        );
        let than = if before { " > " } else { " < " };
        sql.push(" AND (b.risk").push(than).bind(risk.clone());
        sql.push(" OR b.risk = ").bind(risk).push(" AND (b.total_amount").push(than);
        sql.push("CAST(").bind(total.clone()).push(" AS DECIMAL(18, 2)) OR b.total_amount = CAST(");
        sql.bind(total).push(" AS DECIMAL(18, 2)) AND b.id").push(than).bind(id).push("))");
        sql.push(if before {
            " ORDER BY b.risk, b.total_amount, b.id LIMIT 1"
        } else {
            " ORDER BY b.risk DESC, b.total_amount DESC, b.id DESC LIMIT 1"
        });
        let found: Option<Found> = sql.query().get_result(db.conn()).optional()?;
        Ok(found.map(|found| BillId(found.id)))
    };
    Ok([beside(true)?, beside(false)?])
}

/// The bills of a month that wait for review and that `permission` reaches, whoever had a hand in them.
pub fn ids_pending(db: &mut Db, month: BillingMonth) -> Result<Vec<BillId>> {
    let mut sql = Sql::new("SELECT b.id AS id FROM bills b JOIN customers c ON c.id = b.customer_id WHERE ");
    sql.push("b.document_state = 'pending_review' AND b.month = ").bind(Value::Day(month.first_day()));
    if let Reach::OwnedBy(users) = Reach::of(db, Permission::BillApprove)? {
        owned_by(&mut sql, users.iter());
    }
    sql.push(" ORDER BY b.id");
    let found: Vec<Found> = sql.query().load(db.conn())?;
    Ok(found.into_iter().map(|found| BillId(found.id)).collect())
}

/// The bills that wait, from `FROM` on: those whom whoever asks may decide about, or those that they had a hand in.
fn pending(db: &mut Db, month: Option<BillingMonth>, of_others: bool) -> Result<Sql> {
    let reach = Reach::of(db, Permission::BillApprove)?;
    let mut sql = match &reach {
        Reach::All => Sql::new(" FROM bills b WHERE b.document_state = 'pending_review'"),
        Reach::OwnedBy(users) => {
            let mut sql = Sql::new(
                " FROM bills b JOIN customers c ON c.id = b.customer_id WHERE b.document_state = 'pending_review'",
            );
            owned_by(&mut sql, users.iter());
            sql
        }
    };
    if let Some(month) = month {
        sql.push(" AND b.month = ").bind(Value::Day(month.first_day()));
    }
    match (db.actor().user_id, of_others) {
        (Some(me), true) => sql.push(" AND NOT ").add(&had_a_hand(me)),
        (Some(me), false) => sql.push(" AND ").add(&had_a_hand(me)),
        // The operator of the machine has no hands.
        (None, true) => &mut sql,
        (None, false) => sql.push(" AND FALSE"),
    };
    Ok(sql)
}

/// That somebody has started or committed the run of a bill, submitted it, written a line of it, or approved it since: as
/// [`queries::pasts`](super::queries::pasts) finds hands.
fn had_a_hand(user: UserId) -> Sql {
    let mut sql = Sql::new("(EXISTS (SELECT 1 FROM bill_runs r WHERE r.id = b.run_id AND (r.started_by = ");
    let me = || Value::Id(user.0);
    sql.bind(me()).push(" OR r.committed_by = ").bind(me()).push("))");
    sql.push(" OR EXISTS (SELECT 1 FROM bill_decisions d WHERE d.bill_id = b.id AND d.round = b.round");
    sql.push(" AND d.decision IN ('submitted', 'approved') AND d.decided_by = ").bind(me()).push(")");
    sql.push(" OR EXISTS (SELECT 1 FROM bill_lines l WHERE l.bill_id = b.id AND l.kind = 'manual'");
    sql.push(" AND l.created_by = ").bind(me()).push("))");
    sql
}
