//! The rules of customers, as tables of cases.

use super::fields::{Field, emails};
use super::model::{EntityType, Fields};
use super::rules::{check, normalised_name, tidy};
use super::terms::{folded, initials, of_contact, of_customer, sort_key};

fn customer() -> Fields {
    Fields {
        company_code: "KH1".into(),
        company_name: "杭州诺合公寓管理有限公司".into(),
        ..Fields::default()
    }
}

#[test]
fn names_that_mean_the_same_company_are_the_same_in_normalised_form() {
    for (name, normalised) in [
        ("杭州诺合公寓管理有限公司", "杭州诺合公寓管理"),
        ("杭州 诺合\u{3000}公寓管理有限责任公司", "杭州诺合公寓管理"),
        ("诺合股份有限公司", "诺合"),
        ("诺合公司", "诺合"),
        ("诺合（杭州）有限公司", "诺合(杭州)"),
        ("诺合(杭州)有限公司", "诺合(杭州)"),
        ("ａｂｃ Ltd", "ABCLTD"),
        ("有限公司", "有限公司"),
        ("公司", "公司"),
        ("诺合公司有限公司", "诺合公司"),
    ] {
        assert_eq!(normalised_name(name), normalised, "{name}");
    }
}

#[test]
fn every_field_can_be_read_and_set_by_its_canonical_text() {
    let mut fields = customer();
    for (field, text) in [
        (Field::AccountType, "trial"),
        (Field::Industry, "rental"),
        (Field::OnboardedOn, "2023-03-16"),
        (Field::SalesOwner, "7"),
        (Field::Status, "active"),
        (Field::Billable, "no"),
        (Field::SettlementMode, "tiered"),
        (Field::SpendLevel, "C3"),
        (Field::MonthlyAverageUsage, "56"),
        (Field::EntityType, "individual"),
        (Field::Parent, "9"),
        (Field::BillingEmails, "a@b.cn; c@d.cn"),
        (Field::PaymentTermDays, "45"),
        (Field::Currency, "USD"),
    ] {
        fields.set(field, Some(text)).unwrap();
        assert_eq!(fields.get(field).as_deref(), Some(text), "{field}");
    }
    for field in Field::ALL {
        let mut copy = fields.clone();
        let text = copy.get(*field);
        if copy.set(*field, text.as_deref()).is_ok() {
            assert_eq!(copy, fields, "{field}");
        }
        let emptied = copy.set(*field, None);
        assert_eq!(
            emptied.is_ok() && copy.get(*field).is_none(),
            !field.is_required() || { matches!(field, Field::CompanyCode | Field::CompanyName) },
            "{field}"
        );
    }
    for (field, text) in [(Field::Status, "gone"), (Field::Billable, "是"), (Field::OnboardedOn, "25上半年")]
    {
        let before = fields.clone();
        assert!(fields.set(field, Some(text)).is_err());
        assert_eq!(fields, before, "what is no value changes nothing");
    }
}

#[test]
fn a_difference_names_what_changed_with_both_texts() {
    let (before, mut after) = (customer(), customer());
    after.set(Field::Level, Some("S")).unwrap();
    let changes = before.difference(&after);
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].was.as_deref(), changes[0].becomes.as_deref()), (None, Some("S")));
}

#[test]
fn faults_stand_at_the_field_where_they_can_be_mended() {
    assert_eq!(check(&customer()), []);
    for (field, text, code) in [
        (Field::CompanyCode, "", "required"),
        (Field::CompanyName, " ", "required"),
        (Field::CompanyCode, "KH 1", "invalid_code"),
        (Field::CompanyName, "甲\u{7}乙", "control_characters"),
        (Field::Remarks, &"长".repeat(5_001), "too_long"),
        (Field::CreditCode, "91330106MA2CFLDG4X", "invalid_credit_code"),
        (Field::BillingEmails, "nobody", "invalid_email"),
        (Field::PaymentTermDays, "366", "invalid_number"),
        (Field::MonthlyAverageUsage, "-1", "invalid_number"),
    ] {
        let mut fields = customer();
        fields.set(field, Some(text)).unwrap();
        let faults = check(&fields);
        assert_eq!(
            faults.iter().map(|fault| (fault.field, fault.code)).collect::<Vec<_>>(),
            [(field, code)],
            "{text}"
        );
    }
    // What NFKC makes longer than a column.
    let mut fields = customer();
    fields.company_name = "\u{FDFA}".repeat(30);
    assert_eq!(check(&fields)[0].code, "too_long");
}

#[test]
fn a_credit_code_is_kept_as_it_is_printed_and_only_companies_have_one() {
    let mut fields = customer();
    fields.credit_code = Some("91350100m000100y43".into());
    assert_eq!(check(&fields), []);
    tidy(&mut fields);
    assert_eq!(fields.credit_code.as_deref(), Some("91350100M000100Y43"));
    fields.entity_type = EntityType::Individual;
    assert_eq!(check(&fields)[0].code, "not_applicable");
}

#[test]
fn addresses_are_read_however_they_are_separated() {
    assert_eq!(emails(" a@b.cn；c@d.cn,A@B.cn\n"), ["a@b.cn", "c@d.cn"]);
    assert!(emails(" ; ").is_empty());
}

#[test]
fn a_customer_is_found_by_any_part_of_its_name_its_initials_and_its_code() {
    let fields = customer();
    let terms = of_customer(&fields);
    for text in ["诺合", "公寓管理", "杭州诺合", "NHGY", "hz", "kh1", "Ｋｈ１", "杭 州"] {
        let typed = folded(text);
        assert!(terms.iter().any(|(term, _)| term.starts_with(&typed)), "{text}");
    }
    assert!(!terms.iter().any(|(_, personal)| *personal));
    assert_eq!(initials("杭州ABC"), "hzabc");
}

#[test]
fn a_contact_is_found_by_name_initials_and_digits_and_only_as_personal() {
    let terms = of_contact("张伟", Some("+86 138-1234-5678"));
    for text in ["张", "伟", "zw", "8613812345678", "138123", "5678", "345678"] {
        assert!(terms.iter().any(|(term, personal)| *personal && term.starts_with(text)), "{text}");
    }
    assert!(of_contact("", None).is_empty());
}

#[test]
fn names_are_ordered_as_in_a_chinese_dictionary() {
    let mut names = ["杭州诺合", "安徽金辰", "广州百博", "Abc", "成都雅合", "厦门百途"];
    names.sort_by_key(|name| sort_key(name));
    assert_eq!(names, ["Abc", "安徽金辰", "成都雅合", "广州百博", "杭州诺合", "厦门百途"]);
}
