use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use crate::billing::bills::model::{Bill, BillKind, DocumentState, SettlementState};
use crate::types::Currency;
use crate::types::ids::{BillId, BillRunId, CustomerId, DunningStepId};

use super::forms::StepForm;
use super::model::{DunningChannel, DunningStep, DunningTone, Hindrance};
use super::rules;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn bill(sent_on: &str, due_on: &str) -> Bill {
    let at = day(sent_on).and_hms_opt(2, 0, 0).unwrap();
    Bill {
        id: BillId(1),
        number: "B-202610-000001".into(),
        kind: BillKind::Monthly,
        customer_id: CustomerId(1),
        month: day("2026-10-01"),
        run_id: BillRunId(1),
        reissue_of: None,
        currency: Currency::Cny,
        document_state: DocumentState::Sent,
        settlement_state: SettlementState::Open,
        total_amount: dec!(100),
        credited_amount: Decimal::ZERO,
        settled_amount: Decimal::ZERO,
        written_off_amount: Decimal::ZERO,
        balance_amount: Some(dec!(100)),
        risk: 0,
        payment_term_days: 30,
        round: 1,
        sent_at: Some(at),
        due_on: Some(day(due_on)),
        voided_at: None,
        credited_at: None,
        open_disputes: 0,
        promised_on: None,
        invoice_number: None,
        invoiced_at: None,
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

fn ladder() -> Vec<DunningStep> {
    let step = |(id, days): (u64, i16)| DunningStep {
        id: DunningStepId(id),
        days,
        channel: DunningChannel::Mail,
        tone: DunningTone::Plain,
        tells_sales: false,
        tells_ops: true,
        tells_department: false,
        paused_at: None,
        version: 1,
    };
    [(1, -3), (2, 1), (3, 7), (4, 15), (5, 30)].into_iter().map(step).collect()
}

fn due(bill: &Bill, taken: &[(u64, i16)], today: &str) -> Option<i16> {
    let taken: Vec<_> = taken.iter().map(|(id, days)| (DunningStepId(*id), *days)).collect();
    rules::due(&ladder(), bill, &taken, day(today)).map(|step| step.days)
}

/// A day, the steps that were taken, and the step that is due.
type Case<'a> = (&'a str, &'a [(u64, i16)], Option<i16>);

#[test]
fn the_latest_step_that_was_reached_is_due_once() {
    let bill = bill("2026-11-01", "2026-12-01");
    let cases: &[Case] = &[
        ("2026-11-27", &[], None),
        ("2026-11-28", &[], Some(-3)),
        ("2026-11-28", &[(1, -3)], None),
        ("2026-12-01", &[], Some(-3)),
        ("2026-12-02", &[(1, -3)], Some(1)),
        ("2026-12-07", &[(1, -3), (2, 1)], None),
        // Nobody was there for two weeks: the steps in between are not made up for.
        ("2026-12-16", &[(1, -3), (2, 1)], Some(15)),
        ("2027-06-01", &[], Some(30)),
        ("2027-06-01", &[(5, 30)], None),
        ("2026-12-01", &[(1, -3)], None),
        // A step that was moved since it was taken is not taken again, nor is an earlier one.
        ("2026-12-09", &[(3, 5)], None),
        ("2026-12-09", &[(9, 8)], None),
    ];
    for (today, taken, step) in cases {
        assert_eq!(due(&bill, taken, today), *step, "{today} {taken:?}");
    }
}

#[test]
fn nothing_is_due_for_what_is_not_owed_or_was_sent_since() {
    let fresh = bill("2026-11-30", "2026-12-01");
    assert_eq!(due(&fresh, &[], "2026-11-30"), None);
    assert_eq!(due(&fresh, &[], "2026-12-02"), Some(1));
    let paid = Bill { settled_amount: dec!(100), ..bill("2026-11-01", "2026-12-01") };
    let draft = Bill { document_state: DocumentState::Approved, ..bill("2026-11-01", "2026-12-01") };
    for bill in [paid, draft] {
        assert_eq!(due(&bill, &[], "2027-01-01"), None);
        assert!(rules::can_promise(&bill).is_err());
    }
}

#[test]
fn that_a_bill_is_due_soon_is_not_said_of_one_that_is_overdue() {
    let bill = bill("2026-11-01", "2026-12-01");
    let off = NaiveDate::default().and_hms_opt(0, 0, 0);
    let mut steps = ladder();
    for step in steps.iter_mut().filter(|step| step.days > 0) {
        step.paused_at = off;
    }
    assert_eq!(rules::due(&steps, &bill, &[], day("2026-12-01")).map(|step| step.days), Some(-3));
    assert_eq!(rules::due(&steps, &bill, &[], day("2026-12-02")), None);
}

#[test]
fn a_dispute_and_a_promise_until_its_day_hold_reminders_back() {
    let disputed = Bill { open_disputes: 1, ..bill("2026-11-01", "2026-12-01") };
    assert_eq!(rules::hindrance(&disputed, day("2026-12-02")), Some(Hindrance::Disputed));
    let promised = Bill { promised_on: Some(day("2026-12-10")), ..bill("2026-11-01", "2026-12-01") };
    for (today, holds) in [("2026-12-09", true), ("2026-12-10", true), ("2026-12-11", false)] {
        assert_eq!(rules::hindrance(&promised, day(today)).is_some(), holds, "{today}");
    }
}

#[test]
fn the_next_step_is_the_first_that_is_to_come() {
    let bill = bill("2026-11-01", "2026-12-01");
    let next = |today: &str| rules::next(&ladder(), &bill, day(today)).map(|(step, on)| (step.days, on));
    assert_eq!(next("2026-12-01"), Some((1, day("2026-12-02"))));
    assert_eq!(next("2026-12-02"), Some((7, day("2026-12-08"))));
    assert_eq!(next("2027-01-01"), None);
}

#[test]
fn the_days_of_a_step_are_a_whole_number_within_bounds() {
    for (text, days) in [
        ("-3", Some(-3)),
        (" 0 ", Some(0)),
        ("－3", Some(-3)),
        ("365", Some(365)),
        ("366", None),
        ("-61", None),
        ("1.5", None),
        ("", None),
        ("七", None),
        ("99999999999999", None),
    ] {
        let form = StepForm { days: text.into(), ..StepForm::blank() };
        assert_eq!(form.check().ok().map(|draft| draft.days), days, "{text:?}");
    }
}
