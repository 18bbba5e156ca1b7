//! Names, evidence and merges, as tables of cases.

use super::matching::{Profile, all_pairs, compare, digits, pair};
use super::model::Evidence;
use super::names::{NameParts, Nearness, is_contained, nearness};
use super::rules::{
    fingerprint, has_new_evidence, merged, moved_since, proposed_from_loser, proposed_survivor, score,
    unmerged,
};
use crate::customers::directory::fields::Field;
use crate::customers::directory::model::{Customer, Fields};
use crate::types::ids::CustomerId;

fn fields(name: &str, changes: &[(Field, &str)]) -> Fields {
    let mut fields = Fields { company_code: "KH1".into(), company_name: name.into(), ..Fields::default() };
    for (field, text) in changes {
        fields.set(*field, Some(text)).unwrap();
    }
    fields
}

fn profile(id: u64, name: &str, changes: &[(Field, &str)]) -> Profile {
    let mut fields = fields(name, &[]);
    fields.company_code = format!("CODE{id}");
    for (field, text) in changes {
        fields.set(*field, Some(text)).unwrap();
    }
    Profile::of(CustomerId(id), &fields, &[], &[])
}

fn customer(id: u64, name: &str, changes: &[(Field, &str)]) -> Customer {
    Customer {
        id: CustomerId(id),
        fields: fields(name, changes),
        merged_into: None,
        version: 1,
        created_at: "2026-11-20T02:00:00".parse().unwrap(),
        updated_at: "2026-11-20T02:00:00".parse().unwrap(),
        deleted_at: None,
    }
}

#[test]
fn a_name_is_taken_apart() {
    for (name, core, place) in [
        ("杭州诺合公寓管理有限公司", "诺合公寓管理", Some("杭州")),
        ("杭州市诺合公寓管理有限公司", "诺合公寓管理", Some("杭州")),
        ("诺合公寓管理（杭州）有限公司", "诺合公寓管理", Some("杭州")),
        ("诺合公寓管理有限公司（杭州分公司）", "诺合公寓管理", Some("杭州")),
        ("諾合公寓管理有限公司", "诺合公寓管理", None),
        ("诺合（一店）", "诺合一店", None),
        ("上海", "上海", Some("上海")),
        ("ABC Ltd.", "ABCLTD", None),
    ] {
        let parts = NameParts::of(name);
        assert_eq!((parts.core.as_str(), parts.place), (core, place), "{name}");
    }
    assert_eq!(NameParts::of("杭州诺合").sounds, "nuo he");
}

#[test]
fn names_are_near_by_a_slip_or_by_another_letter() {
    for (one, other, near) in [
        ("诺合公寓管理", "诺合公寓管", Some(Nearness::Slip)),
        ("诺合公寓管理", "合诺公寓管理", Some(Nearness::Slip)),
        ("诺合公寓管理", "诺和公寓管理", Some(Nearness::Other)),
        ("诺合公寓管理服务", "诺和公寓管里服务", Some(Nearness::Other)),
        ("诺合公寓管理", "雅和公寓管理", None),
        ("诺合", "诺和", None),
        ("诺合公寓管理", "诺合公寓管理", None),
        ("诺合公寓管理", "诺合公寓", None),
        ("", "诺合公寓", None),
    ] {
        assert_eq!(nearness(one, other), near, "{one} {other}");
        assert_eq!(nearness(other, one), near, "{other} {one}");
    }
    assert!(is_contained("诺合公寓", "诺合公寓管理"));
    assert!(!is_contained("诺合公寓", "诺合公寓管理服务咨询"));
    assert!(!is_contained("诺合公寓", "诺合公寓"));
}

#[test]
fn evidence_is_named_for_and_against() {
    use Evidence::{
        ContainedName, DifferentCities, DifferentCreditCodes, DifferentKinds, NearName, Related, SameAddress,
        SameCode, SameCreditCode, SameEmail, SameName, SameSound, SameTitle, SimilarName, TitleIsName,
    };
    let (a, b) = ("91350100M000100Y43", "91330106MA2CFLDG4R");
    let name = "杭州诺合公寓管理有限公司";
    for (other, one_has, other_has, evidence) in [
        ("诺合公寓管理", &[][..], &[][..], vec![SameName]),
        ("杭州诺和公寓管理有限公司", &[], &[], vec![SameSound]),
        ("杭州合诺公寓管理有限公司", &[], &[], vec![NearName]),
        ("杭州雅合公寓管理有限公司", &[], &[], vec![SimilarName]),
        ("诺合公寓管", &[], &[], vec![NearName]),
        ("诺合公寓", &[], &[], vec![ContainedName]),
        ("上海诺合公寓管理有限公司", &[], &[], vec![SameName, DifferentCities]),
        ("百博", &[(Field::CreditCode, a)], &[(Field::CreditCode, a)], vec![SameCreditCode]),
        ("百博", &[(Field::CreditCode, a)], &[(Field::CreditCode, b)], vec![DifferentCreditCodes]),
        ("百博", &[(Field::CompanyCode, "kh-0001")], &[(Field::CompanyCode, "KH0001")], vec![SameCode]),
        ("百博", &[(Field::InvoiceTitle, "百博有限公司")], &[], vec![TitleIsName]),
        ("百博", &[(Field::InvoiceTitle, "甲乙")], &[(Field::InvoiceTitle, "甲乙")], vec![SameTitle]),
        ("百博", &[(Field::BillingEmails, "A@b.cn")], &[(Field::BillingEmails, "a@b.cn")], vec![SameEmail]),
        (
            "百博",
            &[(Field::Address, "杭州市西湖区文三路 100 号")],
            &[(Field::Address, "杭州市西湖区文三路100号")],
            vec![SameAddress],
        ),
        ("百博", &[(Field::Parent, "2")], &[], vec![Related]),
        ("百博", &[(Field::Parent, "9")], &[(Field::Parent, "9")], vec![Related]),
        ("百博", &[(Field::EntityType, "individual")], &[], vec![DifferentKinds]),
        ("百博", &[], &[], vec![]),
    ] {
        let (one, other) = (profile(1, name, one_has), profile(2, other, other_has));
        assert_eq!(compare(&one, &other), evidence, "{other:?}");
        assert_eq!(compare(&other, &one), evidence, "the same the other way round");
    }
}

#[test]
fn a_phone_is_the_same_however_it_is_written() {
    assert_eq!(digits("+86 138-1234-5678").as_deref(), Some("13812345678"));
    assert_eq!(digits("１３８１２３４５６７８").as_deref(), Some("13812345678"));
    assert_eq!(digits("110"), None);
    let with = |id: u64, phone: &str| {
        Profile::of(CustomerId(id), &fields(&format!("客户{id}"), &[]), &[phone.to_owned()], &[])
    };
    assert!(compare(&with(1, "138 1234 5678"), &with(2, "+8613812345678")).contains(&Evidence::SamePhone));
}

#[test]
fn what_speaks_against_it_counts_too() {
    use Evidence::{DifferentCities, SameCreditCode, SameName, SamePhone, SimilarName};
    for (evidence, points) in [
        (&[][..], 0),
        (&[SameName], 50),
        (&[SameName, DifferentCities], 25),
        (&[SimilarName], 20),
        (&[SimilarName, SamePhone], 55),
        (&[SameCreditCode, SameName, SamePhone], 100),
        (&[DifferentCities], 0),
    ] {
        assert_eq!(score(evidence), points, "{evidence:?}");
    }
    assert!(has_new_evidence(&[SameName], &[SameName, SamePhone]));
    assert!(!has_new_evidence(&[SameName, SamePhone], &[SameName]));
    assert!(
        !has_new_evidence(&[SameName], &[SameName, DifferentCities]),
        "what speaks against it is no news"
    );
}

#[test]
fn the_search_finds_what_comparing_all_with_all_would_find() {
    let brands = ["诺合", "雅合", "百博", "金辰", "合诺", "诺和", "恒联"];
    let trades = ["公寓管理", "酒店管理服务", "置业", "公寓管理服务"];
    let mut all = Vec::new();
    for (at, brand) in brands.iter().enumerate() {
        for (way, trade) in trades.iter().enumerate() {
            let id = u64::try_from(at * 10 + way).unwrap() + 1;
            let mut has = Vec::new();
            if id % 7 == 0 {
                has.push((Field::InvoiceTitle, "杭州诺合公寓管理有限公司"));
            }
            if id % 5 == 0 {
                has.push((Field::BillingEmails, "same@b.cn"));
            }
            all.push(profile(id, &format!("杭州{brand}{trade}有限公司"), &has));
        }
    }
    let mut wanted = Vec::new();
    for (at, one) in all.iter().enumerate() {
        wanted.extend(all.iter().skip(at + 1).filter_map(|other| pair(one, other)));
    }
    let mut found = all_pairs(&all);
    wanted.sort_by_key(|pair| (pair.lower, pair.higher));
    found.sort_by_key(|pair| (pair.lower, pair.higher));
    assert!(wanted.len() > 10);
    assert_eq!(found, wanted);
}

#[test]
fn what_everybody_shares_is_no_evidence() {
    let same = [(Field::BillingEmails, "finance@agency.cn")];
    let name = |id: u32| -> String {
        (0..6).filter_map(|at| char::from_u32(0x4e00 + id * 97 + at * 2_003)).collect()
    };
    let all: Vec<Profile> = (1..=60_u32).map(|id| profile(u64::from(id), &name(id), &same)).collect();
    assert_eq!(all_pairs(&all), []);
}

#[test]
fn the_one_that_more_is_known_of_stays() {
    let (poor, rich) = (customer(1, "甲", &[]), customer(2, "乙", &[(Field::Level, "A")]));
    assert_eq!(proposed_survivor(&poor, &rich).id, rich.id);
    assert_eq!(proposed_survivor(&poor, &customer(3, "丙", &[])).id, poor.id, "else the older one");
    assert_eq!(proposed_from_loser(&poor.fields, &rich.fields), [Field::Level]);
    assert_eq!(proposed_from_loser(&rich.fields, &poor.fields), []);
}

#[test]
fn a_merged_customer_is_never_its_own_parent() {
    let survivor = customer(1, "甲", &[(Field::Parent, "2")]);
    let loser = customer(2, "乙", &[(Field::Parent, "9"), (Field::Address, "杭州")]);
    let after = merged(&survivor, &loser, &[Field::Address]);
    assert_eq!((after.parent, after.address.as_deref()), (Some(CustomerId(9)), Some("杭州")));
    let after = merged(&loser, &customer(3, "丙", &[(Field::Parent, "2")]), &[Field::Parent]);
    assert_eq!(after.parent, None);
}

#[test]
fn what_was_edited_since_a_merge_stays() {
    let before = fields("甲", &[(Field::Level, "A")]);
    let after = fields("甲", &[(Field::Level, "B"), (Field::Address, "杭州")]);
    let changes = before.difference(&after);
    assert_eq!(unmerged(&after, &changes), (before.clone(), vec![]));
    let edited = fields("甲", &[(Field::Level, "C"), (Field::Address, "杭州"), (Field::Remarks, "新")]);
    let (now, left) = unmerged(&edited, &changes);
    assert_eq!(left, [Field::Level]);
    assert_eq!(now, fields("甲", &[(Field::Level, "C"), (Field::Remarks, "新")]));
}

#[test]
fn what_moved_since_a_page_was_shown_is_named() {
    let (one, other) = (fields("甲", &[]), fields("乙", &[(Field::Level, "A")]));
    let seen = fingerprint(&one, &other, &[1, 0]);
    assert_eq!(moved_since(&seen, &seen), Some((vec![], vec![])));
    let changed = fields("乙", &[(Field::Level, "B")]);
    let now = fingerprint(&one, &changed, &[1, 3]);
    assert_eq!(moved_since(&seen, &now), Some((vec![Field::Level], vec![1])));
    assert_eq!(moved_since("", &now), None);
    assert_eq!(moved_since("a.b", &now), None);
}
