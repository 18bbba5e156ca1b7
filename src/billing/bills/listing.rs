//! Reading lists of bills, within the reach of who asks: a bill is where its customer is.
//!
//! How a page is found depends on how many bills the filter lets through. Few are found by what they have in common, and
//! put in order then. Many are met by walking along the index that is in the order of the list; from the end where that is
//! nearer. What they add up to is remembered until something is written.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Decimal as SqlDecimal, Text, Unsigned};
use rust_decimal::Decimal;

use crate::accounts::{departments, users};
use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::customers::directory::reach::Reach;
use crate::customers::grid::conditions::{Bounds, begins, found_by};
use crate::customers::grid::sql::{Sql, Value};
use crate::db::listing::{Listing, PageRequest, Sort};
use crate::db::{Db, kept, remembered};
use crate::types::ids::{BillId, CustomerId, UserId};
use crate::types::time::business_day;
use crate::types::{BillingMonth, Currency, Money, Permission, Result};

use super::list_forms::{BillColumn, BillFilter, Only};
use super::model::{Bill, DocumentState};
use super::queries;

/// So many are few.
const FEW: i64 = 4_000;

/// So long nothing of a month has changed before its sums are kept: longer than any change takes to be committed.
const AT_REST_MINUTES: i64 = 5;

/// The index of bills that are owed, by their due days.
const OWED: &str = " FORCE INDEX (bills_owed)";

/// A bill in a list, and its customer.
#[derive(Debug, Clone)]
pub struct BillRow {
    /// The bill.
    pub bill: Bill,
    /// The customer.
    pub customer: Customer,
}

/// What the bills of a list add up to in one currency; those that are void count for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// The currency.
    pub currency: Currency,
    /// How many, the void ones too.
    pub count: i64,
    /// What they come to.
    pub total: Money,
    /// What is left of that to be paid.
    pub balance: Money,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.count += other.count;
        self.total.0 += other.total.0;
        self.balance.0 += other.balance.0;
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Unsigned<BigInt>)]
    id: u64,
}

#[derive(QueryableByName)]
struct Summed {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    bills: i64,
    #[diesel(sql_type = SqlDecimal)]
    total: Decimal,
    #[diesel(sql_type = SqlDecimal)]
    balance: Decimal,
}

#[derive(QueryableByName)]
struct InMonth {
    #[diesel(sql_type = Date)]
    month: chrono::NaiveDate,
}

/// A page of bills, and what all of them add up to.
pub fn list(
    db: &mut Db,
    filter: &BillFilter,
    sort: Sort<BillColumn>,
    page: PageRequest,
) -> Result<(Listing<BillRow>, Arc<Vec<Sums>>)> {
    let asked = Asked::new(db, filter, Permission::BillView)?;
    let sums = asked.sums(db)?;
    let total = sums.iter().map(|sums| sums.count).sum();
    let page = page.within(total);
    let ids = asked.ids(db, sort, total, Some(page))?;
    Ok((Listing { rows: rows(db, &ids)?, total, page }, sums))
}

/// What the bills of a filter add up to, by currency.
pub fn sums(db: &mut Db, filter: &BillFilter) -> Result<Arc<Vec<Sums>>> {
    Asked::new(db, filter, Permission::BillView)?.sums(db)
}

/// The ids of all bills that the filter lets through, in the order of the list: for what leaves as a file.
pub fn ids(
    db: &mut Db,
    permission: Permission,
    filter: &BillFilter,
    sort: Sort<BillColumn>,
) -> Result<Vec<BillId>> {
    let asked = Asked::new(db, filter, permission)?;
    let total = asked.sums(db)?.iter().map(|sums| sums.count).sum();
    asked.ids(db, sort, total, None)
}

/// The ids of all bills that the filter lets through, where up to `few` are few: for making sure that both ways of finding
/// them agree.
pub fn ids_by(db: &mut Db, filter: &BillFilter, sort: Sort<BillColumn>, few: i64) -> Result<Vec<BillId>> {
    let asked = Asked { few, ..Asked::new(db, filter, Permission::BillView)? };
    let total = asked.sums(db)?.iter().map(|sums| sums.count).sum();
    asked.ids(db, sort, total, None)
}

/// Bills with their customers, in the order of their ids as they are given.
pub fn rows(db: &mut Db, ids: &[BillId]) -> Result<Vec<BillRow>> {
    let mut bills: std::collections::BTreeMap<BillId, Bill> =
        queries::by_ids(db, ids)?.into_iter().map(|bill| (bill.id, bill)).collect();
    let mut owners: Vec<CustomerId> = bills.values().map(|bill| bill.customer_id).collect();
    owners.sort_unstable();
    owners.dedup();
    let customers = directory::queries::by_ids(db, &owners)?;
    let row = |id: &BillId| {
        let bill = bills.remove(id)?;
        let customer = customers.get(&bill.customer_id)?.clone();
        Some(BillRow { bill, customer })
    };
    Ok(ids.iter().filter_map(row).collect())
}

/// The months that there are bills of, the latest first.
pub fn months(db: &mut Db) -> Result<Arc<Vec<BillingMonth>>> {
    let sql = Sql::new("SELECT DISTINCT b.month AS month FROM bills b ORDER BY b.month DESC");
    remembered(db, sql.name(), |db| {
        let found: Vec<InMonth> = sql.query().load(db.conn())?;
        Ok(found.into_iter().map(|found| BillingMonth::of(found.month)).collect())
    })
}

/// What is asked for, and by whom.
struct Asked<'a> {
    filter: &'a BillFilter,
    reach: Reach,
    owners: Option<Vec<UserId>>,
    today: chrono::NaiveDate,
    few: i64,
}

impl Asked<'_> {
    fn new<'a>(db: &mut Db, filter: &'a BillFilter, permission: Permission) -> Result<Asked<'a>> {
        let owners = match filter.department {
            Some(department) => {
                let path = departments::queries::tree(db)?
                    .get(department)
                    .map(|node| node.department.path.clone())
                    .unwrap_or_default();
                let within = |at: &Option<String>| {
                    at.as_ref().is_some_and(|at| !path.is_empty() && at.starts_with(&path))
                };
                let people = users::queries::people(db)?;
                Some(people.iter().filter(|one| within(&one.department_path)).map(|one| one.id).collect())
            }
            None => None,
        };
        Ok(Asked {
            filter,
            reach: Reach::of(db, permission)?,
            owners,
            today: business_day(db.now()),
            few: FEW,
        })
    }

    /// Whether a bill is asked for by something that only its customer says.
    fn is_by_customer(&self) -> bool {
        let filter = self.filter;
        self.reach != Reach::All
            || self.owners.is_some()
            || filter.owner.is_some()
            || filter.code.is_some()
            || !filter.words.is_empty()
    }

    /// The bills that match, from `FROM` on, found by what they have in common.
    fn matching(&self) -> Sql {
        let longest = self.filter.words.iter().max_by_key(|word| word.chars().count());
        let mut sql = match longest {
            Some(longest) => {
                let mut sql = Sql::new(" FROM (SELECT DISTINCT t.customer_id FROM customer_terms t WHERE ");
                sql.add(&begins(longest, &bounds()));
                sql.push(") f STRAIGHT_JOIN customers c ON c.id = f.customer_id JOIN bills b ON b.customer_id = c.id");
                sql
            }
            None if self.is_by_customer() => {
                Sql::new(" FROM bills b JOIN customers c ON c.id = b.customer_id")
            }
            None => Sql::new(" FROM bills b"),
        };
        sql.push(" WHERE TRUE").add(&self.conditions());
        sql
    }

    fn conditions(&self) -> Sql {
        let mut sql = of_bills(self.filter, self.today);
        if let Reach::OwnedBy(users) = &self.reach {
            owned_by(&mut sql, users.iter());
        }
        if let Some(owners) = &self.owners {
            owned_by(&mut sql, owners.iter());
        }
        if let Some(owner) = &self.filter.owner {
            owned_by(&mut sql, std::iter::once(owner));
        }
        if let Some(code) = &self.filter.code {
            sql.push(" AND c.company_code = ").bind(Value::Text(code.clone()));
        }
        sql.add(&found_by(&self.filter.words, &bounds()));
        sql
    }

    /// Whether one index has all that the sums are made of, and nothing narrows the bills down to few.
    fn is_summed_by_index(&self) -> bool {
        let filter = self.filter;
        let is_of_most = matches!(filter.state, None | Some(DocumentState::Sent)) || filter.month.is_some();
        let has_other = filter.only.is_some() || filter.customer.is_some() || filter.number.is_some();
        let has_amount = filter.month.is_none() && (filter.min.is_some() || filter.max.is_some());
        is_of_most && !has_other && !has_amount && !self.is_by_customer()
    }

    /// What all of them add up to: month by month, where that is made of one index, since most months are at rest.
    fn sums(&self, db: &mut Db) -> Result<Arc<Vec<Sums>>> {
        if self.filter.month.is_some() || !self.is_summed_by_index() {
            let sql = self.sums_sql();
            return remembered(db, sql.name(), |db| summed(db, &sql));
        }
        let mut all: Vec<Sums> = Vec::new();
        for month in months(db)?.iter() {
            let filter = BillFilter { month: Some(*month), ..self.filter.clone() };
            let of_month =
                Asked { filter: &filter, reach: Reach::All, owners: None, today: self.today, few: self.few };
            for sums in of_month.sums_at_rest(db, *month)?.iter() {
                match all.iter_mut().find(|known| known.currency == sums.currency) {
                    Some(known) => known.add(sums),
                    None => all.push(*sums),
                }
            }
        }
        all.sort_by_key(|sums| sums.currency.as_str());
        Ok(Arc::new(all))
    }

    /// The sums of a month, kept as long as nothing of the month changes. A change that is on its way has a moment of its
    /// own: only what was at rest for a while is believed to have none.
    fn sums_at_rest(&self, db: &mut Db, month: BillingMonth) -> Result<Arc<Vec<Sums>>> {
        let changed_at = queries::changed_at(db, month)?;
        let sql = self.sums_sql();
        let at_rest = changed_at.filter(|at| db.now() - *at > chrono::Duration::minutes(AT_REST_MINUTES));
        match at_rest {
            Some(at) => kept(db, format!("{} {at}", sql.name()), |db| summed(db, &sql)),
            None => remembered(db, sql.name(), |db| summed(db, &sql)),
        }
    }

    fn sums_sql(&self) -> Sql {
        let mut sql = Sql::new(
            "SELECT CAST(b.currency AS CHAR) AS currency, COUNT(*) AS bills, \
             CAST(SUM(IF(b.document_state = 'void', 0, b.total_amount)) AS DECIMAL(30, 2)) AS total, \
             CAST(SUM(IF(b.document_state = 'void', 0, b.balance_amount)) AS DECIMAL(30, 2)) AS balance",
        );
        if self.is_summed_by_index() {
            sql.push(" FROM bills b FORCE INDEX (bills_sums) WHERE TRUE").add(&self.conditions());
        } else {
            sql.add(&self.matching());
        }
        sql.push(" GROUP BY b.currency ORDER BY b.currency");
        sql
    }

    /// The ids of a page, or all of them.
    fn ids(
        &self,
        db: &mut Db,
        sort: Sort<BillColumn>,
        total: i64,
        page: Option<PageRequest>,
    ) -> Result<Vec<BillId>> {
        let (mut skip, mut most, mut descending) = (0, total, sort.descending);
        if let Some(page) = page {
            (skip, most) = (page.offset(), page.per_page.min((total - page.offset()).max(0)));
        }
        let by_customer = sort.column == BillColumn::Customer;
        let is_nearer_to_the_end = skip > total / 2 && !by_customer;
        if is_nearer_to_the_end {
            skip = (total - skip - most).max(0);
            descending = !descending;
        }
        let mut sql = if total <= self.few { self.few_of(sort.column) } else { self.walk(sort.column) };
        let few = total <= self.few;
        let is_owed = self.index(sort.column) == OWED && !few;
        sql.push(match (is_owed, descending) {
            (true, false) => " ORDER BY b.owed_on, b.id",
            (true, true) => " ORDER BY b.owed_on DESC, b.id DESC",
            (false, _) => order(sort.column, few, descending),
        });
        sql.push(" LIMIT ").bind(Value::Number(most)).push(" OFFSET ").bind(Value::Number(skip));
        let found: Vec<Found> = sql.query().load(db.conn())?;
        let mut ids: Vec<BillId> = found.into_iter().map(|found| BillId(found.id)).collect();
        if is_nearer_to_the_end {
            ids.reverse();
        }
        Ok(ids)
    }

    /// Those that match as a table of their own, so that no server is tempted to walk along an order to find few.
    fn few_of(&self, column: BillColumn) -> Sql {
        let mut sql = Sql::new("SELECT m.id AS id FROM (SELECT b.id AS id, ");
        let by_customer = column == BillColumn::Customer && !self.is_by_customer();
        sql.push(match column {
            BillColumn::Number | BillColumn::Month => "b.number",
            BillColumn::Customer if by_customer => {
                "(SELECT c.company_code FROM customers c WHERE c.id = b.customer_id)"
            }
            BillColumn::Customer => "c.company_code",
            BillColumn::Total => "b.total_amount",
            BillColumn::Balance => "b.balance_amount",
            BillColumn::Due => "b.due_on",
        });
        sql.push(" AS k, b.month AS month")
            .add(&self.matching())
            .push(" LIMIT ")
            .bind(Value::Number(self.few + 1));
        sql.push(") m");
        sql
    }

    /// A walk along the index of an order.
    fn walk(&self, column: BillColumn) -> Sql {
        let mut sql = if column == BillColumn::Customer {
            Sql::new(
                "SELECT b.id AS id FROM customers c FORCE INDEX (customers_code) \
                 STRAIGHT_JOIN bills b FORCE INDEX (bills_customer) ON b.customer_id = c.id",
            )
        } else {
            let mut sql = Sql::new("SELECT b.id AS id FROM bills b");
            sql.push(self.index(column));
            if self.is_by_customer() {
                sql.push(" STRAIGHT_JOIN customers c ON c.id = b.customer_id");
            }
            sql
        };
        sql.push(" WHERE TRUE").add(&self.conditions());
        sql
    }

    fn index(&self, column: BillColumn) -> &'static str {
        let BillFilter { month, state, settlement, only, .. } = self.filter;
        match (column, month.is_some()) {
            (BillColumn::Due, false) if *only == Some(Only::Overdue) => OWED,
            (BillColumn::Due, false) => " FORCE INDEX (bills_due)",
            (BillColumn::Due, true) => " FORCE INDEX (bills_month_due)",
            (BillColumn::Total, false) => " FORCE INDEX (bills_total)",
            (BillColumn::Total, true) => " FORCE INDEX (bills_month_total)",
            (BillColumn::Balance, false) => " FORCE INDEX (bills_balance)",
            (BillColumn::Balance, true) => " FORCE INDEX (bills_month_balance)",
            (_, true) => " FORCE INDEX (bills_month)",
            (_, false) if state.is_some() => " FORCE INDEX (bills_document_number)",
            (_, false) if settlement.is_some() => " FORCE INDEX (bills_settlement_number)",
            (_, false) => " FORCE INDEX (bills_number)",
        }
    }
}

fn summed(db: &mut Db, sql: &Sql) -> Result<Vec<Sums>> {
    let found: Vec<Summed> = sql.query().load(db.conn())?;
    let sums = found.into_iter().filter_map(|one| {
        let (total, balance) = (Money(one.total), Money(one.balance));
        Some(Sums { currency: one.currency.parse().ok()?, count: one.bills, total, balance })
    });
    Ok(sums.collect())
}

/// What the bills themselves say, as conditions behind `AND`.
fn of_bills(filter: &BillFilter, today: chrono::NaiveDate) -> Sql {
    let mut sql = Sql::default();
    if let Some(customer) = filter.customer {
        sql.push(" AND b.customer_id = ").bind(Value::Id(customer.0));
    }
    if let Some(number) = &filter.number {
        // Numbers are kept in ASCII: nothing has any other one.
        if number.is_ascii() {
            sql.push(" AND b.number = ").bind(Value::Text(number.clone()));
        } else {
            sql.push(" AND FALSE");
        }
    }
    if let Some(month) = filter.month {
        sql.push(" AND b.month = ").bind(Value::Day(month.first_day()));
    }
    if let Some(state) = filter.state {
        sql.push(" AND b.document_state = ").bind(Value::Text(state.to_string()));
    }
    if let Some(settlement) = filter.settlement {
        // What is void is neither open nor paid.
        sql.push(" AND b.settlement_state = ").bind(Value::Text(settlement.to_string()));
        sql.push(" AND b.document_state <> ").bind(Value::Text(DocumentState::Void.to_string()));
    }
    match filter.only {
        Some(Only::Overdue) => sql.push(" AND b.owed_on < ").bind(Value::Day(today)),
        Some(Only::Disputed) => sql.push(" AND b.open_disputes > 0"),
        Some(Only::Invoiced) => sql.push(" AND b.invoiced_at IS NOT NULL"),
        Some(Only::Uninvoiced) => sql
            .push(" AND b.invoiced_at IS NULL AND b.credited_at IS NULL AND b.document_state = ")
            .bind(Value::Text(DocumentState::Sent.to_string())),
        Some(Only::Risky) => sql.push(" AND b.risk > 0"),
        None => &mut sql,
    };
    if let Some(min) = filter.min {
        bound(&mut sql, " AND b.total_amount >= ", min);
    }
    if let Some(max) = filter.max {
        bound(&mut sql, " AND b.total_amount <= ", max);
    }
    sql
}

/// An amount is bound as a text, and becomes a decimal before it is compared.
fn bound(sql: &mut Sql, condition: &'static str, amount: Decimal) {
    sql.push(condition).push("CAST(").bind(Value::Text(amount.to_string())).push(" AS DECIMAL(24, 6))");
}

/// That one of these users owns the customer.
pub(super) fn owned_by<'a>(sql: &mut Sql, users: impl Iterator<Item = &'a UserId>) {
    let ids: Vec<Value> = users.map(|user| Value::Id(user.0)).collect();
    sql.push(" AND (c.sales_owner_id IN ").list(ids.iter().cloned());
    sql.push(" OR c.ops_owner_id IN ").list(ids).push(")");
}

/// Bills are no reason to find customers by people who may be hidden.
fn bounds() -> Bounds {
    Bounds { reaches: Vec::new(), sees_contacts: false }
}

fn order(column: BillColumn, few: bool, descending: bool) -> &'static str {
    if few {
        return match (column, descending) {
            (BillColumn::Customer, false) => " ORDER BY m.k, m.month, m.id",
            (BillColumn::Customer, true) => " ORDER BY m.k DESC, m.month, m.id",
            (_, false) => " ORDER BY m.k, m.id",
            (_, true) => " ORDER BY m.k DESC, m.id DESC",
        };
    }
    match (column, descending) {
        (BillColumn::Number | BillColumn::Month, false) => " ORDER BY b.number",
        (BillColumn::Number | BillColumn::Month, true) => " ORDER BY b.number DESC",
        // Bills of one customer are met in the order of their months.
        (BillColumn::Customer, false) => " ORDER BY c.company_code, c.id",
        (BillColumn::Customer, true) => " ORDER BY c.company_code DESC, c.id DESC",
        (BillColumn::Total, false) => " ORDER BY b.total_amount, b.id",
        (BillColumn::Total, true) => " ORDER BY b.total_amount DESC, b.id DESC",
        (BillColumn::Balance, false) => " ORDER BY b.balance_amount, b.id",
        (BillColumn::Balance, true) => " ORDER BY b.balance_amount DESC, b.id DESC",
        (BillColumn::Due, false) => " ORDER BY b.due_on, b.id",
        (BillColumn::Due, true) => " ORDER BY b.due_on DESC, b.id DESC",
    }
}
