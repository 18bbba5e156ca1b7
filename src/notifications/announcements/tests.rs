use crate::types::ids::RoleId;

use super::forms::AnnouncementForm;
use super::model::Readers;

fn form(audience: &str) -> AnnouncementForm {
    AnnouncementForm {
        title: "放假".into(),
        text: "周五放假。".into(),
        audience: audience.into(),
        ..AnnouncementForm::default()
    }
}

#[test]
fn an_announcement_says_whom_it_goes_to() {
    assert_eq!(form("everybody").check().unwrap().readers, Readers::Everybody);
    let role = AnnouncementForm { role: "3".into(), ..form("role") };
    assert_eq!(role.check().unwrap().readers, Readers::Role(RoleId(3)));
    let users = AnnouncementForm { users: "wang，LI\r\nzhao、wang".into(), ..form("users") };
    let named = ["li", "wang", "zhao"].map(str::to_owned).to_vec();
    assert_eq!(users.check().unwrap().readers, Readers::Users(named));
    let outside =
        AnnouncementForm { addresses: "a@b.cn\r\n张伟 <zhang@c.cn>; A@B.cn\n".into(), ..form("nobody") };
    let wanted = [("", "a@b.cn"), ("张伟", "zhang@c.cn")].map(|(name, email)| (name.into(), email.into()));
    assert_eq!(outside.check().unwrap().addresses, wanted);
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    let long = "长".repeat(151);
    for (form, field) in [
        (AnnouncementForm { title: String::new(), ..form("everybody") }, "title"),
        (AnnouncementForm { title: long, ..form("everybody") }, "title"),
        (AnnouncementForm { title: "a\nBcc: x".into(), ..form("everybody") }, "title"),
        (AnnouncementForm { text: " ".into(), ..form("everybody") }, "text"),
        (form("nobody"), "audience"),
        (form("x"), "audience"),
        (form("role"), "role"),
        (AnnouncementForm { department: "x".into(), ..form("department") }, "department"),
        (form("users"), "users"),
        (AnnouncementForm { addresses: "a@b.cn\nnonsense".into(), ..form("nobody") }, "addresses"),
        (AnnouncementForm { addresses: "<script> <a@b>".into(), ..form("nobody") }, "addresses"),
        (AnnouncementForm { robots: vec!["x".into()], ..form("everybody") }, "robots"),
    ] {
        let errors = form.check().unwrap_err();
        assert_eq!(errors.iter().next().unwrap().0, field, "{form:?}");
    }
    let many = (0..501).map(|number| format!("a{number}@b.cn")).collect::<Vec<_>>().join("\n");
    let form = AnnouncementForm { addresses: many, ..form("nobody") };
    assert!(form.check().unwrap_err().get("addresses").is_some());
}
