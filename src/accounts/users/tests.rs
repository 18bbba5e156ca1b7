//! The rules of users.

use chrono::NaiveDateTime;

use crate::types::ids::UserId;
use crate::types::{Actor, Origin, Source};

use super::forms::UserForm;
use super::model::User;
use super::rules::{Target, can_delete, can_disable, can_edit, can_enable, can_lose_admin, can_restore};

fn moment() -> NaiveDateTime {
    "2026-11-20T00:00:00".parse().unwrap()
}

fn user(id: u64) -> User {
    User {
        id: UserId(id),
        username: "lina".into(),
        name: "李娜".into(),
        email: None,
        language: None,
        department_id: None,
        must_change_password: false,
        password_changed_at: moment(),
        disabled_at: None,
        deleted_at: None,
        last_signed_in_at: None,
        version: 1,
        created_at: moment(),
    }
}

fn actor(id: u64) -> Actor {
    let origin = Origin { source: Source::Web, request_id: String::new(), address: String::new() };
    Actor { user_id: Some(UserId(id)), ..Actor::anonymous(origin) }
}

fn target(user: &User, is_active_admin: bool, active_admins: i64) -> Target<'_> {
    Target { user, is_active_admin, active_admins }
}

#[test]
fn the_last_admin_stays() {
    let admin = user(7);
    for (is_admin, admins, stays) in [(true, 1, true), (true, 0, true), (true, 2, false), (false, 1, false)] {
        let target = target(&admin, is_admin, admins);
        assert_eq!(can_lose_admin(&target).is_err(), stays);
        assert_eq!(can_disable(&actor(1), &target).is_err(), stays);
        assert_eq!(can_delete(&actor(1), &target).is_err(), stays);
    }
}

#[test]
fn nobody_shuts_themselves_out() {
    let own = user(7);
    assert_eq!(can_disable(&actor(7), &target(&own, false, 3)).unwrap_err().code, "oneself");
    assert_eq!(can_delete(&actor(7), &target(&own, false, 3)).unwrap_err().code, "oneself");
}

#[test]
fn each_state_allows_its_moves_only() {
    let active = user(7);
    let disabled = User { disabled_at: Some(moment()), ..user(7) };
    let deleted = User { deleted_at: Some(moment()), ..user(7) };
    assert!(can_edit(&active).is_ok() && can_edit(&disabled).is_ok());
    assert_eq!(can_edit(&deleted).unwrap_err().code, "user_deleted");
    assert_eq!(can_enable(&active).unwrap_err().code, "user_enabled");
    assert!(can_enable(&disabled).is_ok());
    assert_eq!(can_enable(&deleted).unwrap_err().code, "user_deleted");
    assert_eq!(can_disable(&actor(1), &target(&disabled, false, 3)).unwrap_err().code, "user_disabled");
    assert_eq!(can_restore(&active, false).unwrap_err().code, "user_not_deleted");
    assert_eq!(can_restore(&deleted, true).unwrap_err().code, "username_taken");
    assert!(can_restore(&deleted, false).is_ok());
}

#[test]
fn a_username_is_of_letters_digits_and_a_few_marks() {
    let long = "a".repeat(51);
    for (username, good) in [
        ("lina", true),
        ("Li.Na-2_x", true),
        ("a", true),
        ("", false),
        ("li na", false),
        ("李娜", false),
        ("-lina", false),
        ("lina@example.com", true),
        ("<script>", false),
        ("system", false),
        ("'; DROP TABLE users; --", false),
        (long.as_str(), false),
    ] {
        let form = UserForm {
            username: username.into(),
            name: "李娜".into(),
            roles: vec!["1".into()],
            ..UserForm::default()
        };
        let fault =
            form.check().err().and_then(|errors| errors.get("username").map(|m| m.text(crate::i18n::Tr::En)));
        assert_eq!(fault.is_none(), good, "{username:?}: {fault:?}");
    }
}
