//! The forms and rules of one's own account.

use std::collections::BTreeMap;

use crate::i18n::Tr;
use crate::types::{DataScope, FieldErrors, Permission};

use super::forms::{PasswordForm, ProfileForm};
use super::rules::by_room;

fn said(outcome: Result<(), FieldErrors>) -> Vec<(String, String)> {
    let errors = outcome.err().unwrap_or_default();
    errors.iter().map(|(field, message)| (field.to_owned(), message.text(Tr::En))).collect()
}

#[test]
fn a_new_password_is_strong_typed_twice_and_another_one() {
    let check = |current: &str, password: &str, repeat: &str| {
        let form = PasswordForm { current: current.into(), password: password.into(), repeat: repeat.into() };
        said(form.check(&["lina", "李娜", "lina@example.com"]))
    };
    let (old, good, t) = ("plum kettle orbit", "correct horse battery", Tr::En);
    assert_eq!(check(old, good, good), []);
    assert_eq!(check("", good, good), [("current".to_owned(), t.field_required().to_owned())]);
    assert_eq!(check(old, old, old), [("password".to_owned(), t.password_same().to_owned())]);
    assert_eq!(
        check(old, "1234567890", "1234567890"),
        [("password".to_owned(), t.password_too_weak().to_owned())]
    );
    assert_eq!(
        check(old, "lina@example.com", "lina@example.com"),
        [("password".to_owned(), t.password_too_weak().to_owned())]
    );
    assert_eq!(
        check(old, good, "correct horse batterx"),
        [("repeat".to_owned(), t.password_repeat_differs().to_owned())]
    );
    assert_eq!(check("", "", "").len(), 2);
}

#[test]
fn a_profile_has_a_name_and_a_language_that_is_spoken_here() {
    let form = |name: &str, email: &str, language: &str| ProfileForm {
        name: name.into(),
        email: email.into(),
        language: language.into(),
        version: " 3 ".into(),
    };
    for (language, wanted) in
        [("", Some(None)), ("en", Some(Some(Tr::En))), ("zh-CN", Some(Some(Tr::ZhCn))), ("fr", None)]
    {
        let draft = form("李娜", "", language).check();
        assert_eq!(draft.ok().map(|draft| draft.language), wanted, "{language:?}");
    }
    assert_eq!(said(form(" ", "", "").check().map(|_| ())).len(), 1);
    assert_eq!(said(form("李娜", "lina@", "").check().map(|_| ())).len(), 1);
    assert_eq!(form("", "", "").version(), 3);
    assert_eq!(ProfileForm::default().version(), 0);
}

#[test]
fn rights_are_told_room_by_room() {
    let rooms = by_room(&BTreeMap::from([
        (Permission::AuditView, DataScope::All),
        (Permission::UserView, DataScope::Own),
        (Permission::RoleView, DataScope::Department),
    ]));
    assert_eq!(rooms.iter().map(|room| room.room).collect::<Vec<_>>(), ["accounts", "audit"]);
    assert_eq!(
        rooms[0].grants,
        [(Permission::UserView, DataScope::Own), (Permission::RoleView, DataScope::Department)]
    );
    assert_eq!(by_room(&BTreeMap::new()), []);
}
