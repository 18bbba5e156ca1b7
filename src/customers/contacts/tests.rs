//! The rules of contacts, as tables of cases.

use crate::db::listing::Sort;
use crate::types::ids::{ContactId, CustomerId};

use super::forms::{ContactForm, ContactQuery};
use super::model::{Contact, ContactColumn, ContactDraft};
use super::rules::{MAX_CONTACTS, can_add, is_same, tidy_phone};

fn contact(name: &str, phone: Option<&str>) -> Contact {
    let at = "2026-11-20T02:00:00".parse().unwrap();
    Contact {
        id: ContactId(1),
        customer_id: CustomerId(1),
        name: name.into(),
        role: Some("财务".into()),
        phone: phone.map(str::to_owned),
        email: Some("zhang@x.cn".into()),
        remarks: Some("只在上午接电话".into()),
        is_primary: true,
        version: 3,
        created_at: at,
        updated_at: at,
        deleted_at: None,
    }
}

fn draft(name: &str, phone: Option<&str>) -> ContactDraft {
    ContactDraft { name: name.into(), phone: phone.map(str::to_owned), ..ContactDraft::default() }
}

#[test]
fn a_phone_number_is_kept_in_one_way_only() {
    for (typed, kept) in [
        ("13812345678", Some("13812345678")),
        ("138 1234 5678", Some("13812345678")),
        ("138-1234-5678", Some("13812345678")),
        ("+86 138-1234-5678", Some("13812345678")),
        ("８６１３８１２３４５６７８", Some("13812345678")),
        ("0571-88001234", Some("0571-88001234")),
        ("(0571) 88001234#8001", Some("(0571)88001234#8001")),
        ("95588", Some("95588")),
        ("+1 415 555 0100", Some("+14155550100")),
        ("1234", None),
        ("电话 13812345678", None),
        ("", None),
        ("----------", None),
    ] {
        assert_eq!(tidy_phone(typed).as_deref(), kept, "{typed}");
    }
}

#[test]
fn the_same_person_is_told_by_name_phone_and_mail() {
    let known = contact("张伟", Some("13812345678"));
    for (name, phone, same) in [
        ("张伟", Some("13812345678"), true),
        ("张伟", None, true),
        ("张伟", Some("13900000000"), false),
        ("李娜", Some("13812345678"), false),
    ] {
        assert_eq!(is_same(&draft(name, phone), &known), same, "{name} {phone:?}");
    }
    let other_mail = ContactDraft { email: Some("other@x.cn".into()), ..draft("张伟", None) };
    assert!(!is_same(&other_mail, &known));
}

#[test]
fn a_customer_has_nobody_twice_and_not_people_without_end() {
    let others = vec![contact("张伟", Some("13812345678"))];
    assert_eq!(can_add(&draft("张伟", None), &others).unwrap_err().code, "contact_exists");
    assert!(can_add(&draft("李娜", None), &others).is_ok());
    let many: Vec<Contact> = (0..MAX_CONTACTS).map(|n| contact(&format!("第{n}位"), None)).collect();
    assert_eq!(can_add(&draft("李娜", None), &many).unwrap_err().code, "too_many_contacts");
}

#[test]
fn masking_leaves_nothing_by_which_somebody_is_reached() {
    let masked = contact("张伟", Some("13812345678")).masked();
    assert_eq!((masked.name.as_str(), masked.phone.as_deref()), ("张**", Some("138****5678")));
    assert_eq!((masked.email.as_deref(), masked.remarks), (Some("z***@x.cn"), None));
    assert_eq!(masked.role.as_deref(), Some("财务"), "what somebody does is not personal");
}

#[test]
fn a_contact_form_is_checked_field_by_field() {
    let form = ContactForm { name: " 张伟 ".into(), primary: "on".into(), ..ContactForm::default() };
    let checked = form.check().unwrap();
    assert_eq!((checked.name.as_str(), checked.is_primary, checked.role), ("张伟", true, None));
    let long = "长".repeat(101);
    for (field, text) in [
        ("name", ""),
        ("name", long.as_str()),
        ("name", "张\n伟"),
        ("role", long.as_str()),
        ("phone", "没有"),
        ("email", "nobody"),
        ("remarks", &"长".repeat(501)),
    ] {
        let mut form = ContactForm { name: "张伟".into(), ..ContactForm::default() };
        let slot = match field {
            "name" => &mut form.name,
            "role" => &mut form.role,
            "phone" => &mut form.phone,
            "email" => &mut form.email,
            _ => &mut form.remarks,
        };
        *slot = text.into();
        let errors = form.check().unwrap_err();
        assert_eq!(errors.iter().map(|(name, _)| name).collect::<Vec<_>>(), [field], "{field} {text}");
    }
}

#[test]
fn a_list_passes_over_what_it_cannot_read_and_a_program_is_told() {
    let query =
        ContactQuery { customer: "x".into(), show: "y".into(), sort: "z".into(), ..ContactQuery::default() };
    assert_eq!(query.filter().customer, None);
    assert_eq!(query.sort(), Sort::ascending(ContactColumn::Name));
    let errors = query.check().unwrap_err();
    assert_eq!(errors.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["customer", "show"]);
}
