//! Entries in words.

use chrono::NaiveDateTime;
use serde_json::{Value, json};

use crate::i18n::Tr;
use crate::types::Action;
use crate::types::audit_entry::Change;
use crate::types::ids::{AuditEntryId, UserId};

use super::changes::{ChangeTable, FieldChange, field};
use super::forms::EntryQuery;
use super::model::{AuditEntry, Changes};
use super::sentences::{self, Sentence};

fn entry(action: Action, kind: &str, id: Option<u64>, label: &str) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId(1),
        at: NaiveDateTime::MIN,
        actor_id: Some(UserId(7)),
        actor_username: "zhangwei".into(),
        actor_name: "张伟".into(),
        source: "web".into(),
        address: "10.20.3.4".into(),
        request_id: "r".into(),
        action: action.as_str().into(),
        subject_kind: kind.into(),
        subject_id: id,
        subject_label: label.into(),
        changes: Changes::default(),
        reason: None,
        batch_id: None,
    }
}

#[test]
fn what_was_kept_in_each_language_is_read_in_the_readers() {
    let label = |zh: &str, en: &str| Some(serde_json::json!({"zh-CN": zh, "en": en}));
    let change =
        Change { was: label("酒店民宿", "Hospitality"), becomes: label("住房租赁", "Rental") };
    let shown = field(Tr::En, "industry", &change);
    assert_eq!((shown.was.as_deref(), shown.becomes.as_deref()), (Some("Hospitality"), Some("Rental")));
    assert_eq!(field(Tr::ZhCn, "industry", &change).becomes.as_deref(), Some("住房租赁"));
}

fn said(t: Tr, entry: &AuditEntry) -> String {
    let sentence = Sentence::new(t, entry, |_, _| None);
    format!("{}{}{}", sentence.actor, sentence.verb, sentence.subject.unwrap_or_default())
}

#[test]
fn an_entry_is_a_sentence_in_both_languages() {
    let edited = entry(Action::UserUpdated, "user", Some(8), "李娜 (lina)");
    let exported = entry(Action::AuditExported, "entry", None, "audit-2026-11-20.csv");
    let role = entry(Action::RoleUpdated, "role", Some(1), "auditor");
    let own_password = entry(Action::PasswordChanged, "user", Some(7), "张伟 (zhangwei)");
    for (entry, chinese, english) in [
        (&edited, "张伟 修改了用户 李娜 (lina)", "张伟 edited the user 李娜 (lina)"),
        (
            &exported,
            "张伟 导出了审计日志：audit-2026-11-20.csv",
            "张伟 exported the audit log: audit-2026-11-20.csv",
        ),
        (&role, "张伟 修改了角色 审计员", "张伟 edited the role Auditor"),
        (&own_password, "张伟 修改了自己的密码", "张伟 changed their own password"),
    ] {
        assert_eq!(said(Tr::ZhCn, entry), chinese);
        assert_eq!(said(Tr::En, entry), english);
    }
}

#[test]
fn the_system_is_named_in_the_language_of_the_reader() {
    let mut created = entry(Action::UserCreated, "user", Some(1), "Admin (admin)");
    created.actor_id = None;
    created.actor_name = "system".into();
    assert_eq!(said(Tr::ZhCn, &created), "系统 新建了用户 Admin (admin)");
}

#[test]
fn a_record_leads_to_its_page_where_it_has_one() {
    let page = |kind: &str, id: u64| (kind == "user").then(|| format!("/users/{id}"));
    let user = entry(Action::UserUpdated, "user", Some(8), "李娜");
    assert_eq!(Sentence::new(Tr::En, &user, page).url.as_deref(), Some("/users/8"));
    let token = entry(Action::TokenCreated, "api_token", Some(8), "erp");
    assert_eq!(Sentence::new(Tr::En, &token, page).url, None);
    let list = entry(Action::UserExported, "user", None, "users.csv");
    assert_eq!(Sentence::new(Tr::En, &list, page).url, None);
}

#[test]
fn the_history_of_a_record_does_not_repeat_its_name() {
    let reset = entry(Action::UserPasswordReset, "user", Some(8), "李娜");
    let sentence = Sentence::within_subject(Tr::ZhCn, &reset);
    assert_eq!((sentence.verb.as_str(), sentence.subject), (" 重置了用户的密码", None));
}

#[test]
fn an_action_of_another_version_is_shown_by_its_code() {
    let mut strange = entry(Action::UserUpdated, "ship", Some(8), "Beagle");
    strange.action = "harbour.ship.launched".into();
    assert_eq!(said(Tr::En, &strange), "张伟 harbour.ship.launched Beagle");
    assert_eq!(sentences::kind(Tr::En, &strange.subject_kind), "ship");
}

#[test]
fn every_action_has_a_name_in_both_languages() {
    for t in Tr::ALL {
        for action in Action::ALL {
            assert_ne!(
                sentences::action_name(t, action.as_str()),
                action.as_str(),
                "{action} in {}",
                t.tag()
            );
            let resource = action.as_str().split('.').nth(1).unwrap();
            assert_ne!(sentences::kind(t, resource), resource, "{action} in {}", t.tag());
        }
    }
}

fn change(was: &Value, becomes: &Value) -> Change {
    let value = |value: &Value| (!value.is_null()).then(|| value.clone());
    Change { was: value(was), becomes: value(becomes) }
}

#[test]
fn values_are_shown_in_words() {
    for (name, was, becomes, shown) in [
        ("state", json!("active"), json!("disabled"), ("已启用", "已停用")),
        ("data_scope", json!("own"), json!("all"), ("本人", "全部")),
        ("language", json!("zh-CN"), json!("en"), ("中文", "English")),
        (
            "department",
            json!("财务中心 / 核算组"),
            json!("财务中心 / 应收组"),
            ("财务中心 / 核算组", "财务中心 / 应收组"),
        ),
        ("rows", json!(1), json!(12345), ("1", "12,345")),
        ("anything", json!(true), json!(false), ("是", "否")),
        ("anything", json!({"a": 1}), json!({"a": 2}), ("{\"a\":1}", "{\"a\":2}")),
        // What is no code stays as it is.
        ("state", json!("<b>"), json!("frozen"), ("<b>", "frozen")),
    ] {
        let field = field(Tr::ZhCn, name, &change(&was, &becomes));
        assert_eq!(
            (field.was.as_deref(), field.becomes.as_deref()),
            (Some(shown.0), Some(shown.1)),
            "{name}"
        );
        assert!(!field.is_partial);
    }
}

#[test]
fn nothing_is_empty() {
    let shown = field(Tr::ZhCn, "email", &change(&Value::Null, &json!("lina@example.com")));
    let wanted = FieldChange {
        label: "邮箱".into(),
        was: None,
        becomes: Some("lina@example.com".into()),
        is_partial: false,
    };
    assert_eq!(shown, wanted);
}

#[test]
fn a_list_shows_what_came_and_what_went() {
    let was = json!(["accounts.user.view", "accounts.user.edit"]);
    let becomes = json!(["accounts.user.view", "accounts.role.view", "audit.entry.view"]);
    let shown = field(Tr::En, "permissions", &change(&was, &becomes));
    assert_eq!(shown.was.as_deref(), Some("Edit users"));
    assert_eq!(shown.becomes.as_deref(), Some("View roles, View the audit log"));
    assert!(shown.is_partial);
    let all = field(Tr::ZhCn, "roles", &change(&Value::Null, &json!(["admin", "own_role"])));
    assert_eq!((all.becomes.as_deref(), all.is_partial), (Some("系统管理员、own_role"), false));
}

#[test]
fn a_cell_holds_all_changes_in_one_line() {
    let changes = json!({
        "email": {"was": null, "becomes": "a@b.cn"},
        "roles": {"was": ["admin"], "becomes": ["admin", "ops"]},
        "state": {"was": "active", "becomes": "disabled"},
    });
    let line = ChangeTable::new(Tr::En, &Changes::from(changes)).line();
    assert_eq!(line, "Email: ∅ → a@b.cn; Roles: +Operations; State: Active → Disabled");
}

#[test]
fn changes_that_cannot_be_read_are_none() {
    assert_eq!(Changes::from(json!("nonsense")), Changes::default());
    assert_eq!(Changes::from(Value::Null), Changes::default());
}

#[test]
fn what_cannot_be_read_filters_nothing() {
    let query = EntryQuery {
        q: format!("  {}  ", "字".repeat(200)),
        action: "'; DROP TABLE".into(),
        subject_id: "-1".into(),
        from: "yesterday".into(),
        ..EntryQuery::default()
    };
    let filter = query.filter();
    assert_eq!(filter.q.chars().count(), 100);
    assert_eq!((filter.action, filter.subject_id, filter.from), (None, None, None));
}
