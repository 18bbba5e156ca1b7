use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use crate::billing::bills::model::{Bill, BillKind, BillLine, DocumentState, SettlementState};
use crate::i18n::Tr;
use crate::pricing::rating::LineKind;
use crate::types::ids::{BillId, BillRunId, CreditNoteId, CustomerId, UserId};
use crate::types::{Currency, Money};

use super::model::{CreditNote, CreditNoteNumber, CreditNoteState, LeftOver, Wish};
use super::rules;

fn bill(total: Decimal, credited: Decimal, settled: Decimal) -> Bill {
    let day: NaiveDate = "2026-10-01".parse().unwrap();
    let at = day.and_hms_opt(2, 0, 0).unwrap();
    Bill {
        id: BillId(1),
        number: "B-202610-000001".into(),
        kind: BillKind::Monthly,
        customer_id: CustomerId(1),
        month: day,
        run_id: BillRunId(1),
        reissue_of: None,
        currency: Currency::Cny,
        document_state: DocumentState::Sent,
        settlement_state: SettlementState::Open,
        total_amount: total,
        credited_amount: credited,
        settled_amount: settled,
        written_off_amount: Decimal::ZERO,
        balance_amount: Some(total - credited - settled),
        risk: 0,
        payment_term_days: 30,
        round: 1,
        sent_at: Some(at),
        due_on: Some(day),
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

fn line(position: u16, amount: Decimal, credited: Decimal) -> LeftOver {
    let day: NaiveDate = "2026-10-01".parse().unwrap();
    let line = BillLine {
        bill_id: BillId(1),
        position,
        kind: LineKind::Usage,
        price_version_id: None,
        price_number: None,
        meter_id: None,
        device_series: String::new(),
        layer: String::new(),
        from_on: day,
        until_on: day,
        quantity: None,
        year_from: None,
        late_of: None,
        late_month: None,
        amount,
        explanation: serde_json::Value::Null,
        description: None,
        reason: None,
        created_by: None,
    };
    LeftOver::new(line, Money(credited))
}

fn note(asked_by: Option<UserId>, state: CreditNoteState) -> CreditNote {
    let at = NaiveDate::default().and_hms_opt(0, 0, 0).unwrap();
    CreditNote {
        id: CreditNoteId(1),
        bill_id: BillId(1),
        number: None,
        state,
        whole: false,
        amount: dec!(1),
        reason: "x".into(),
        asked_by,
        asked_at: at,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        version: 1,
    }
}

#[test]
fn the_whole_is_what_is_left_of_every_line_and_a_discount_goes_with_it() {
    let lines = [line(1, dec!(100), dec!(30)), line(2, dec!(-10), dec!(0)), line(3, dec!(5), dec!(5))];
    let bill = bill(dec!(95), dec!(35), dec!(0));
    let credit = rules::credit(&bill, &lines, &Wish::Whole).unwrap();
    assert_eq!(credit.lines, [(1, Money(dec!(70))), (2, Money(dec!(-10)))]);
    assert_eq!((credit.amount, credit.is_whole), (Money(dec!(60)), true));
    assert_eq!(rules::left_of(&lines), Money(dec!(60)));
}

#[test]
fn a_line_takes_what_is_left_of_it_and_no_more() {
    let lines = [line(1, dec!(100), dec!(30)), line(2, dec!(-10), dec!(0))];
    let bill = bill(dec!(90), dec!(30), dec!(0));
    for (wish, fault) in [
        (vec![(1, dec!(70)), (2, dec!(-10))], None),
        (vec![(1, dec!(70))], Some("amounts")),
        (vec![(1, dec!(60))], None),
        (vec![(1, dec!(0.01))], None),
        (vec![(1, dec!(20)), (2, dec!(-10))], None),
        (vec![(1, dec!(70.01))], Some("amounts.1")),
        (vec![(1, dec!(-1))], Some("amounts.1")),
        (vec![(1, dec!(20)), (2, dec!(1))], Some("amounts.2")),
        (vec![(1, dec!(20)), (2, dec!(-10.01))], Some("amounts.2")),
        (vec![(1, dec!(0.005))], Some("amounts.1")),
        (vec![(7, dec!(1))], Some("amounts.7")),
        (vec![], Some("amounts")),
        (vec![(1, dec!(0))], Some("amounts")),
        (vec![(2, dec!(-1))], Some("amounts")),
    ] {
        let lines_wanted = wish.iter().map(|(position, amount)| (*position, Money(*amount))).collect();
        let outcome = rules::credit(&bill, &lines, &Wish::Lines(lines_wanted));
        let found = outcome.err().map(|errors| errors.iter().next().unwrap().0.to_owned());
        assert_eq!(found.as_deref(), fault, "{wish:?}");
    }
}

#[test]
fn no_more_is_taken_back_than_is_left_to_be_paid() {
    let lines = [line(1, dec!(100), dec!(0))];
    let paid = bill(dec!(100), dec!(0), dec!(60));
    assert!(rules::credit(&paid, &lines, &Wish::Whole).is_err());
    assert!(rules::credit(&paid, &lines, &Wish::Lines(vec![(1, Money(dec!(40.01)))])).is_err());
    let rest = rules::credit(&paid, &lines, &Wish::Lines(vec![(1, Money(dec!(40)))])).unwrap();
    // Something of it was paid, so that the bill goes on counting.
    assert!(!rest.is_whole);
    let idr = Bill { currency: Currency::Idr, ..bill(dec!(100), dec!(0), dec!(0)) };
    assert!(rules::credit(&idr, &lines, &Wish::Lines(vec![(1, Money(dec!(0.5)))])).is_err());
}

#[test]
fn who_asked_withdraws_and_somebody_else_decides() {
    let (asker, other) = (Some(UserId(1)), Some(UserId(2)));
    let waiting = note(asker, CreditNoteState::Asked);
    for (user, decides, withdraws) in [(asker, false, true), (other, true, false), (None, true, true)] {
        assert_eq!(rules::can_decide(&waiting, user).is_ok(), decides, "{user:?}");
        assert_eq!(rules::can_withdraw(&waiting, user).is_ok(), withdraws, "{user:?}");
    }
    for state in [CreditNoteState::Issued, CreditNoteState::Rejected, CreditNoteState::Withdrawn] {
        let refusal = rules::can_decide(&note(asker, state), other).unwrap_err();
        assert_eq!(refusal.message.text(Tr::En), Tr::En.credit_notes_refused_decided(state.label(Tr::En)));
    }
}

#[test]
fn a_number_is_the_month_of_issue_and_six_digits() {
    let number = CreditNoteNumber { month: "2026-11".parse().unwrap(), sequence: 42 };
    assert_eq!(number.to_string(), "C-202611-000042");
}
