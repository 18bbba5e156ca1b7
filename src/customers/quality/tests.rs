//! What is found of customers, as tables of cases.

use std::collections::BTreeSet;

use super::model::{Band, Problem, Reachable};
use super::rules::{FULL, assess, assess_today, bits, from_bits, is_phone};
use crate::customers::directory::fields::Field;
use crate::customers::directory::model::{EntityType, Fields};
use crate::types::ids::UserId;

fn complete() -> Fields {
    let mut fields =
        Fields { company_code: "KH1".into(), company_name: "诺合".into(), ..Fields::default() };
    for (field, text) in [
        (Field::SalesOwner, "1"),
        (Field::OpsOwner, "2"),
        (Field::Industry, "rental"),
        (Field::Level, "A"),
        (Field::CreditCode, "91350100M000100Y43"),
        (Field::OnboardedOn, "2025-03-01"),
        (Field::SettlementMode, "per_unit"),
        (Field::BillingEmails, "a@b.cn"),
        (Field::InvoiceTitle, "诺合有限公司"),
        (Field::Address, "杭州"),
    ] {
        fields.set(field, Some(text)).unwrap();
    }
    fields
}

fn contact(phone: &str, email: &str) -> Reachable {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Reachable { phone: some(phone), email: some(email) }
}

#[test]
fn nothing_is_missing_of_a_complete_customer() {
    let assessment = assess(&complete(), &[contact("13812345678", "")]);
    assert_eq!((assessment.score, assessment.problems), (FULL, vec![]));
}

#[test]
fn all_points_together_are_the_full_score() {
    let all: u32 = Problem::ALL.iter().map(|problem| problem.points()).sum();
    assert_eq!(all, FULL);
    let empty = Fields { company_code: "KH1".into(), company_name: "诺合".into(), ..Fields::default() };
    assert_eq!(assess(&empty, &[]).score, 0);
}

#[test]
fn each_problem_is_found_where_it_is() {
    let good = [contact("0571-88886666转8", "x@y.cn")];
    for (field, text, problem) in [
        (Field::SalesOwner, "", Problem::NoSalesOwner),
        (Field::OpsOwner, "", Problem::NoOpsOwner),
        (Field::Industry, "", Problem::NoIndustry),
        (Field::Level, "", Problem::NoLevel),
        (Field::CreditCode, "", Problem::NoCreditCode),
        (Field::CreditCode, "91350100M000100Y44", Problem::InvalidCreditCode),
        (Field::OnboardedOn, "", Problem::NoOnboarding),
        (Field::SettlementMode, "", Problem::NoSettlementMode),
        (Field::BillingEmails, "", Problem::NoBillingEmail),
        (Field::BillingEmails, "nobody", Problem::InvalidEmail),
        (Field::InvoiceTitle, "", Problem::NoInvoiceTitle),
        (Field::Address, "", Problem::NoAddress),
        (Field::Status, "unconfirmed", Problem::Unconfirmed),
        (Field::AccountType, "trial", Problem::BillableNotFormal),
        (Field::EntityType, "individual", Problem::PersonWithCreditCode),
    ] {
        let mut fields = complete();
        fields.set(field, Some(text)).unwrap();
        let assessment = assess(&fields, &good);
        assert_eq!(assessment.problems, [problem], "{field} {text}");
        assert_eq!(assessment.score, FULL - problem.points(), "{field}");
    }
    let mut fields = complete();
    fields.set(Field::OnboardedOn, None).unwrap();
    fields.set(Field::OnboardedText, Some("25上半年")).unwrap();
    assert_eq!(assess(&fields, &good).problems, [Problem::OnboardingInWords]);
    let mut fields = complete();
    (fields.disabled, fields.status) = (true, crate::customers::status::model::Status::Active);
    assert_eq!(assess(&fields, &good).problems, [Problem::DisabledButActive]);
    assert_eq!(assess(&complete(), &[]).problems, [Problem::NoContact]);
    assert_eq!(assess(&complete(), &[contact("12345", "")]).problems, [Problem::InvalidPhone]);
    assert_eq!(assess(&complete(), &[contact("", "x@")]).problems, [Problem::InvalidEmail]);
}

#[test]
fn what_only_bills_need_is_not_missing_of_those_who_get_none() {
    let mut fields = complete();
    for field in [Field::SettlementMode, Field::BillingEmails, Field::InvoiceTitle] {
        fields.set(field, None).unwrap();
    }
    fields.billable = false;
    assert_eq!(assess(&fields, &[contact("", "")]).score, FULL);
    let mut person = complete();
    (person.entity_type, person.credit_code) = (EntityType::Individual, None);
    assert_eq!(assess(&person, &[contact("", "")]).score, FULL, "persons have no credit code");
}

#[test]
fn the_day_and_who_has_left_count_on_the_day_they_are_asked() {
    let (today, contacts) = ("2025-02-28".parse().unwrap(), [contact("", "")]);
    let left = BTreeSet::from([UserId(2)]);
    let assessment = assess_today(&complete(), &contacts, &left, today);
    assert_eq!(assessment.problems, [Problem::FutureOnboarding, Problem::OwnerLeft]);
    let later = "2025-03-01".parse().unwrap();
    assert_eq!(assess_today(&complete(), &contacts, &BTreeSet::new(), later).problems, []);
}

#[test]
fn problems_survive_being_stored() {
    let some = vec![Problem::NoContact, Problem::NoAddress, Problem::OwnerLeft];
    assert_eq!(from_bits(bits(&some)), some);
    assert!(Problem::ALL.len() < 64);
}

#[test]
fn a_phone_can_be_dialled() {
    for (phone, good) in [
        ("13812345678", true),
        ("138 1234 5678", true),
        ("+86 138-1234-5678", true),
        ("8613812345678", true),
        ("0571-88886666", true),
        ("(010) 6666 8888 转 123", true),
        ("400-800-1234", true),
        ("+62 21 5790 1234", true),
        ("88886666", true),
        ("12345678901", false),
        ("1381234567", false),
        ("微信同号", false),
        ("", false),
        ("+1", false),
        ("０１０", false),
    ] {
        assert_eq!(is_phone(phone), good, "{phone}");
    }
}

#[test]
fn every_score_is_in_one_band() {
    for (score, band) in [
        (0, Band::Low),
        (59, Band::Low),
        (60, Band::Middle),
        (80, Band::High),
        (99, Band::High),
        (100, Band::Full),
    ] {
        assert_eq!(Band::of(score), band, "{score}");
    }
}
