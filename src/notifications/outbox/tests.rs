use serde_json::json;

use crate::i18n::Tr;
use crate::notifications::deliveries::model::Channel;
use crate::notifications::kinds::{Kind, catalogue};
use crate::notifications::sender::Sender;
use crate::notifications::templates::model::{Words, original};
use crate::types::Recipient;
use crate::types::ids::{MessageId, RobotId, UserId};

use super::model::{Listener, Message, Reader};
use super::rules::{Voice, pieces, robots, spread, users};

fn kind(code: &str) -> &'static Kind {
    catalogue::ALL.iter().find(|kind| kind.code == code).unwrap()
}

fn sender() -> Sender {
    Sender::plain("示例公司", "https://opcms.example.com")
}

fn voice<'a>(kind: &'a Kind, sender: &'a Sender) -> Voice<'a> {
    Voice { kind, chinese: original(kind, Tr::ZhCn), english: original(kind, Tr::En), sender }
}

fn message(code: &str, recipients: Vec<Recipient>) -> Message {
    Message {
        id: MessageId(1),
        kind: code.into(),
        recipients,
        variables: json!({"title": "放假", "text": "周五放假。", "task": "导入", "summary": "好"}),
        url: Some("/tasks/7".into()),
        created_by: None,
        created_at: "2026-11-20T02:00:00".parse().unwrap(),
        attempts: 0,
        enclosed: None,
    }
}

fn reader(id: u64, name: &str, email: Option<&str>, language: Tr) -> Reader {
    Reader {
        id: UserId(id),
        name: name.into(),
        email: email.map(str::to_owned),
        language,
        department_path: Some("/1/".into()),
    }
}

fn stranger(email: &str, name: &str, language: &str) -> Recipient {
    Recipient::Address { email: email.into(), name: name.into(), language: language.into() }
}

#[test]
fn everybody_is_told_once_in_their_own_language() {
    let to = vec![
        Recipient::User(UserId(1)),
        Recipient::User(UserId(1)),
        Recipient::User(UserId(2)),
        stranger("WANG@example.com", "", "en"),
        stranger("guest@example.com", "张\r\nBcc: x@y.z", "en"),
        stranger("guest@example.com", "", "en"),
        Recipient::Robot(RobotId(4)),
    ];
    let message = message("notifications.announcement", to);
    assert_eq!((users(&message).len(), robots(&message).len()), (2, 1));
    let readers = [reader(1, "王芳", Some("wang@example.com"), Tr::ZhCn), reader(2, "Li", None, Tr::En)];
    let listeners = [Listener { id: RobotId(4), name: "运营群".into(), language: Tr::ZhCn }];
    let spread =
        spread(&message, &voice(kind("notifications.announcement"), &sender()), &readers, &listeners)
            .unwrap();
    assert_eq!(spread.inbox.iter().map(|line| line.user_id.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(spread.inbox[0].words.body, "周五放假。", "a line of the inbox leads to its page by itself");
    let targets: Vec<_> =
        spread.deliveries.iter().map(|delivery| (delivery.channel, delivery.target.as_str())).collect();
    assert_eq!(
        targets,
        [(Channel::Mail, "wang@example.com"), (Channel::Mail, "guest@example.com"), (Channel::Robot, "4")]
    );
    assert_eq!(spread.deliveries[0].body, "周五放假。\n\n查看：https://opcms.example.com/tasks/7");
    assert_eq!(spread.deliveries[1].body, "周五放假。\n\nOpen it: https://opcms.example.com/tasks/7");
    assert_eq!(spread.deliveries[1].recipient, "张 Bcc: x@y.z");
}

#[test]
fn a_kind_that_sends_no_mail_is_for_the_inbox_alone() {
    let message = message("tasks.task_done", vec![Recipient::User(UserId(1))]);
    let readers = [reader(1, "王芳", Some("wang@example.com"), Tr::ZhCn)];
    let spread = spread(&message, &voice(kind("tasks.task_done"), &sender()), &readers, &[]).unwrap();
    assert_eq!((spread.inbox.len(), spread.deliveries.len()), (1, 0));
}

#[test]
fn words_that_fail_on_a_message_give_way_to_the_original_ones() {
    let broken = Words { subject: "{{ title.first }}".into(), body: "{{ nowhere }}".into() };
    let sender = sender();
    let voice = Voice { chinese: broken, ..voice(kind("notifications.announcement"), &sender) };
    let message = message("notifications.announcement", Vec::new());
    let readers = [reader(1, "王芳", None, Tr::ZhCn)];
    let said = spread(&message, &voice, &readers, &[]).unwrap();
    assert_eq!(said.inbox[0].words.subject, "放假");
    // What the original words lack, too, keeps the message from being said, and says why.
    let voice = self::voice(kind("jobs.job_failed"), &sender);
    assert!(spread(&message, &voice, &readers, &[]).unwrap_err().contains("undefined"));
}

#[test]
fn rows_are_written_in_pieces_that_a_server_takes() {
    let sizes = |rows: &[usize]| pieces(rows, |row| *row).iter().map(|piece| piece.len()).collect::<Vec<_>>();
    for (rows, wanted) in [
        (vec![], vec![]),
        (vec![10; 3], vec![3]),
        (vec![10; 401], vec![200, 200, 1]),
        (vec![300_000; 7], vec![3, 3, 1]),
        (vec![500_000, 500_000, 1], vec![2, 1]),
        (vec![1, 9_000_000, 1], vec![1, 1, 1]),
    ] {
        assert_eq!(sizes(&rows), wanted, "{} rows", rows.len());
    }
}
