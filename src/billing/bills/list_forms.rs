//! The parameters of the list: its URL is its state.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::customers::grid::forms::{ME, words};
use crate::db::listing::{PageRequest, Sort};
use crate::i18n::Tr;
use crate::text_enum;
use crate::types::ids::{CustomerId, DepartmentId, UserId};
use crate::types::numbers;
use crate::types::{Actor, BillingMonth, FieldErrors};

use super::model::{DocumentState, SettlementState};

text_enum! {
    /// What the list can be sorted by.
    pub enum BillColumn {
        /// The number, and with it the month.
        Number = "number",
        /// The month, and within it the number.
        Month = "month",
        /// The code of the customer.
        Customer = "customer",
        /// What it comes to.
        Total = "total",
        /// What is left to be paid.
        Balance = "balance",
        /// Until when it is to be paid.
        Due = "due",
    }
}

text_enum! {
    /// What is special about the bills that are asked for.
    pub enum Only {
        /// Their due day has passed, and something is left to be paid.
        Overdue = "overdue",
        /// A customer disputes something.
        Disputed = "disputed",
        /// There is an invoice.
        Invoiced = "invoiced",
        /// They were sent, and there is no invoice.
        Uninvoiced = "uninvoiced",
        /// They ask to be looked at.
        Risky = "risky",
    }
}

impl Only {
    /// The label on screen.
    pub fn label(self, t: Tr) -> String {
        t.label("bill_only", self.as_str())
    }
}

/// The parameters, as they are sent.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct BillQuery {
    /// Words of the customer.
    pub q: String,
    /// The code of the customer: all of it. Of programs.
    pub customer: String,
    /// The number of a bill: all of it. Of programs.
    pub number: String,
    /// A month.
    pub month: String,
    /// How far the document is.
    pub state: String,
    /// How much is settled.
    pub settlement: String,
    /// What is special about them; see [`Only`].
    pub only: String,
    /// The id of an owner of the customer, or `me`.
    pub owner: String,
    /// The id of a department that an owner of the customer belongs to, or one above it.
    pub department: String,
    /// The smallest total.
    pub min: String,
    /// The largest total.
    pub max: String,
    /// The column to sort by.
    pub sort: String,
    /// The page.
    pub page: String,
    /// Records on a page. Of programs.
    pub per_page: String,
}

/// Which bills are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BillFilter {
    /// Words of the customer.
    pub words: Vec<String>,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// The code of the customer: all of it.
    pub code: Option<String>,
    /// The number: all of it.
    pub number: Option<String>,
    /// A month.
    pub month: Option<BillingMonth>,
    /// How far the document is.
    pub state: Option<DocumentState>,
    /// How much is settled.
    pub settlement: Option<SettlementState>,
    /// What is special about them.
    pub only: Option<Only>,
    /// An owner of the customer.
    pub owner: Option<UserId>,
    /// A department that an owner of the customer belongs to, or one above it.
    pub department: Option<DepartmentId>,
    /// The smallest total.
    pub min: Option<Decimal>,
    /// The largest total.
    pub max: Option<Decimal>,
}

impl BillFilter {
    /// Whether something narrows down what is shown.
    pub fn is_narrowed(&self) -> bool {
        *self != BillFilter::default()
    }

    /// The column and direction that what is shown is usually sorted by.
    pub fn usual_sort(&self) -> Sort<BillColumn> {
        match self.only {
            Some(Only::Overdue) => Sort::ascending(BillColumn::Due),
            _ => Sort { column: BillColumn::Number, descending: true },
        }
    }
}

impl BillQuery {
    /// Which bills are asked for; what cannot be read lets everything through.
    pub fn filter(&self, actor: &Actor) -> BillFilter {
        self.read(actor, &mut FieldErrors::new())
    }

    /// Which bills are asked for, with nothing passed over: for programs and files, which cannot look at what they got.
    pub fn check(&self, actor: &Actor) -> Result<BillFilter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let filter = self.read(actor, &mut errors);
        let name = self.sort.strip_prefix('-').unwrap_or(&self.sort);
        errors.code::<BillColumn>("sort", name);
        errors.or(filter)
    }

    fn read(&self, actor: &Actor, errors: &mut FieldErrors) -> BillFilter {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        BillFilter {
            words: words(&self.q),
            customer: None,
            code: given(&self.customer),
            number: given(&self.number),
            month: errors.code("month", &self.month),
            state: errors.code("state", &self.state),
            settlement: errors.code("settlement", &self.settlement),
            only: errors.code("only", &self.only),
            owner: match self.owner.as_str() {
                ME => actor.user_id,
                other => errors.code("owner", other),
            },
            department: errors.code("department", &self.department),
            min: amount(errors, "min", &self.min),
            max: amount(errors, "max", &self.max),
        }
    }

    /// In which order.
    pub fn sort(&self, filter: &BillFilter) -> Sort<BillColumn> {
        Sort::parse(&self.sort, filter.usual_sort())
    }

    /// Which page.
    pub fn page(&self) -> PageRequest {
        PageRequest::parse(&self.page)
    }

    /// Which page, of programs.
    pub fn page_with_size(&self) -> PageRequest {
        PageRequest::with_size(&self.page, &self.per_page)
    }
}

/// An amount; none when blank or unreadable.
fn amount(errors: &mut FieldErrors, field: &'static str, text: &str) -> Option<Decimal> {
    let text = text.trim().replace(',', "");
    if text.is_empty() {
        return None;
    }
    let most = Decimal::from(10_u64.pow(16));
    let read =
        numbers::read(&text).ok().filter(|number| number.abs() < most && number.normalize().scale() <= 6);
    if read.is_none() {
        errors.add(field, Tr::pricing_fault_number);
    }
    read
}
