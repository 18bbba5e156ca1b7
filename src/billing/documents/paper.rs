//! A bill on paper: the data that the template prints. All words come along, so that the template knows no language.

use serde_json::{Value, json};

use crate::db::Db;
use crate::files::{self, Store};
use crate::types::Result;
use crate::types::ids::FileId;
use crate::web::State;

use super::printer::Printer;
use super::statement::{Statement, StatementLine};

/// The PDF of a bill.
///
/// # Errors
/// A refusal when this machine has no fonts to typeset it in.
pub fn pdf(state: &State, statement: &Statement, logo: Option<Vec<u8>>) -> Result<Vec<u8>> {
    state.part::<Printer>()?.bill(&data(statement), logo)
}

/// The logo of the letterhead, as it is in the store; `None` where there is none.
pub fn logo(db: &mut Db, store: &Store, file: Option<FileId>) -> Result<Option<Vec<u8>>> {
    let Some(file) = file else { return Ok(None) };
    let Some(file) = files::queries::get(db, file)? else { return Ok(None) };
    let mut content = Vec::new();
    Ok(store.copy_blocking(&file.store_key, &mut content)?.then_some(content))
}

/// What the template prints.
pub fn data(statement: &Statement) -> Value {
    let (t, bill, head) = (statement.t, &statement.bill, &statement.letterhead);
    let ways: Vec<&str> =
        [head.email.as_str(), head.website.as_str()].into_iter().filter(|way| !way.is_empty()).collect();
    let phone = Some(&head.phone).filter(|phone| !phone.is_empty()).map(|phone| t.letterhead_phone(phone));
    let tax = Some(&head.tax_number).filter(|tax| !tax.is_empty()).map(|tax| t.letterhead_tax_number(tax));
    json!({
        "lang": t.tag().split('-').next(),
        "title": t.bill_paper_title(),
        "document": format!("{} {}", t.bill_paper_title(), bill.number),
        "company": head.name,
        "company_lines": [head.address.as_str(), &t.join(phone.as_deref().into_iter().chain(ways)), tax.as_deref().unwrap_or_default()],
        "addressee_label": t.bill_paper_addressee(),
        "addressee": statement.addressee(),
        "addressee_lines": [statement.customer.fields.address.as_deref().unwrap_or_default(), &t.bill_paper_code(&statement.customer.fields.company_code)],
        "facts": facts(statement),
        "columns": [t.bill_paper_position(), t.bill_paper_item(), t.bill_paper_days(), t.bill_paper_quantity(), t.bill_paper_amount()],
        "lines": statement.lines.iter().map(|line| of_line(statement, line)).collect::<Vec<_>>(),
        "totals": totals(statement),
        "notes": notes(statement),
        "payment_label": t.bill_paper_payment(),
        "payment": head.bank_details,
        "payment_hint": t.bill_paper_payment_hint(&bill.number),
        "page": t.bill_paper_page("{page}", "{pages}"),
        "foot": format!("{} · {}", bill.number, statement.addressee()),
    })
}

fn facts(statement: &Statement) -> Vec<[String; 2]> {
    let (t, bill) = (statement.t, &statement.bill);
    let mut facts = vec![
        [t.bill_paper_number().to_owned(), bill.number.clone()],
        [t.bill_paper_month().to_owned(), bill.month().to_string()],
        [t.bill_paper_currency().to_owned(), bill.currency.to_string()],
    ];
    facts.extend(statement.sent_on().map(|day| [t.bill_paper_sent_on().to_owned(), day.to_string()]));
    facts.extend(bill.due_on.map(|day| [t.bill_paper_due_on().to_owned(), day.to_string()]));
    facts
}

fn of_line(statement: &Statement, line: &StatementLine) -> Value {
    json!({
        "position": line.position,
        "label": line.label,
        "text": line.text,
        "days": line.days(),
        "quantity": line.quantity_text(),
        "amount": statement.amount(&line.amount),
    })
}

fn totals(statement: &Statement) -> Vec<[String; 2]> {
    let t = statement.t;
    let mut totals = vec![[t.bill_paper_total().to_owned(), statement.total_in_words()]];
    for credit in &statement.credits {
        let amount = format!("{} -{}", statement.currency(), statement.amount(&credit.amount));
        totals.push([t.bill_paper_credit(&credit.number), amount]);
    }
    if statement.is_reduced() {
        totals.push([t.bill_paper_balance().to_owned(), statement.balance_in_words()]);
    }
    totals
}

fn notes(statement: &Statement) -> Vec<String> {
    let t = statement.t;
    let older = statement.replaces.as_ref().map(|number| t.bill_paper_replaces(number));
    let newer = statement.replaced_by.as_ref().map(|number| t.bill_paper_replaced_by(number));
    older.into_iter().chain(newer).collect()
}
