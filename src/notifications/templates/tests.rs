use serde_json::{Map, Value, json};

use crate::i18n::{Said, Tr};
use crate::notifications::kinds::{Kind, catalogue};

use super::markup;
use super::model::{Words, original};
use super::rules::{check, fill, in_language, one_line};

fn kind(code: &str) -> &'static Kind {
    catalogue::ALL.iter().find(|kind| kind.code == code).unwrap()
}

fn words(subject: &str, body: &str) -> Words {
    Words { subject: subject.into(), body: body.into() }
}

fn values(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn every_original_is_whole_in_both_languages() {
    for kind in catalogue::ALL {
        for t in Tr::ALL {
            let words = original(kind, t);
            check(kind, t, &words).unwrap_or_else(|fault| panic!("{} in {}: {fault:?}", kind.code, t.tag()));
            let filled = fill(&words, &kind.samples(t)).unwrap();
            assert!(!filled.subject.is_empty() && !filled.body.is_empty(), "{}", kind.code);
            assert!(!filled.body.contains("\n\n\n"), "{}", filled.body);
        }
    }
}

#[test]
fn every_variable_has_its_words() {
    for kind in catalogue::ALL {
        for t in Tr::ALL {
            assert_ne!(kind.label(t), kind.code);
            for variable in kind.all_variables() {
                assert_ne!(variable.about(t), variable.name, "{}", kind.code);
            }
        }
    }
}

#[test]
fn a_broken_template_is_refused_with_its_line() {
    let kind = kind("jobs.job_failed");
    let t = Tr::ZhCn;
    for (body, fault) in [
        ("{{ job", t.templates_fault_syntax(1)),
        ("a\nb\n{% if job %}", t.templates_fault_syntax(3)),
        ("{{ jop }} {{ raeson }}", t.templates_fault_unknown("jop、raeson")),
        ("好\n{% for c in job %}{{ c }}{% endfor %}", t.templates_fault_statement(2, "for")),
        ("{% include 'x' %}", t.templates_fault_statement(1, "include")),
        ("{%- set x = 1 %}", t.templates_fault_statement(1, "set")),
        ("{{ job | nonsense }}", t.templates_fault_filter(1)),
        ("{{ job.name.first }}", t.templates_fault_value(1)),
        ("{{ job * 100000000000 }}", t.templates_fault_sign(1, "*")),
        ("{{ [0] * 9000000000 }}", t.templates_fault_sign(1, "[")),
        ("好\n{{ \"x\" * 100000000 }}", t.templates_fault_sign(2, "*")),
        ("{{ range(1000000000) }}", t.templates_fault_unknown("range")),
        ("", t.field_required().to_owned()),
    ] {
        let errors = check(kind, t, &words("好", body)).unwrap_err();
        assert_eq!(errors.get("body").unwrap().text(t), fault, "{body:?}");
    }
    assert!(check(kind, t, &words("第一行\n第二行", "好")).unwrap_err().get("subject").is_some());
    assert!(check(kind, t, &words(&"长".repeat(301), "好")).unwrap_err().get("subject").is_some());
    assert!(
        check(kind, t, &words("{{ job }}", "{% if reason %}{{ fire_time | day }}{% else %}无{% endif %}"))
            .is_ok()
    );
}

#[test]
fn a_text_that_would_eat_all_memory_is_not_begun() {
    for kept in ["{{ [0] * 9000000000 }}", "{{ \"x\" * 100000000 }}"] {
        assert!(fill(&words("x", kept), &Map::new()).is_err(), "{kept}");
    }
    let long = values(json!({"text": "长".repeat(80_000)}));
    let filled = fill(&words("x", &"{{ text }}".repeat(500)), &long).unwrap();
    assert_eq!(filled.body.chars().count(), 100_000, "what grows beyond all measure is cut");
}

#[test]
fn what_is_filled_in_stays_text() {
    let hostile = values(
        json!({"title": "a\r\nBcc: evil@example.com\u{0}{{ text }}", "text": "<script>1</script> {{ title }}"}),
    );
    let filled = fill(&words("{{ title }}", "{{ text }}"), &hostile).unwrap();
    assert_eq!(filled.subject, "a Bcc: evil@example.com {{ text }}");
    assert_eq!(filled.body, "<script>1</script> {{ title }}");
    assert_eq!(markup::html(&filled.body), "<p>&lt;script&gt;1&lt;/script&gt; {{ title }}</p>");
}

#[test]
fn moments_are_shown_in_shanghai_and_sentences_in_the_language_of_the_reader() {
    let said = Said::new(|t: Tr| match t {
        Tr::ZhCn => "磁盘已满",
        Tr::En => "the disk is full",
    });
    let variables = json!({"reason": said, "fire_time": "2026-11-20T01:00:00Z", "nothing": null});
    let body = words("x", "{{ fire_time | moment }} {{ reason }}{{ nothing }}");
    let in_chinese = values(in_language(&variables, Tr::ZhCn));
    assert_eq!(fill(&body, &in_chinese).unwrap().body, "2026-11-20 09:00 磁盘已满");
    let in_english = values(in_language(&variables, Tr::En));
    assert_eq!(fill(&body, &in_english).unwrap().body, "2026-11-20 09:00 the disk is full");
}

#[test]
fn a_missing_variable_is_a_fault_and_not_a_gap() {
    assert!(fill(&words("{{ job }}", "x"), &Map::new()).is_err());
}

#[test]
fn text_becomes_paragraphs_lists_and_links() {
    for (text, html) in [
        ("一\n二\n\n三", "<p>一<br>二</p><p>三</p>"),
        ("- 甲\n- <乙>", "<ul><li>甲</li><li>&lt;乙&gt;</li></ul>"),
        (
            "查看：https://a.cn/b?c=1&d=2。",
            "<p>查看：<a href=\"https://a.cn/b?c=1&amp;d=2\">https://a.cn/b?c=1&amp;d=2</a>。</p>",
        ),
        ("(http://a.cn/x).", "<p>(<a href=\"http://a.cn/x\">http://a.cn/x</a>).</p>"),
        ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
        ("http://a.cn/\"onclick=", "<p><a href=\"http://a.cn/\">http://a.cn/</a>&quot;onclick=</p>"),
        ("http://", "<p><a href=\"http://\">http://</a></p>"),
        ("", ""),
    ] {
        assert_eq!(markup::html(text), html, "{text:?}");
    }
}

#[test]
fn a_line_stays_one() {
    assert_eq!(one_line(" a\r\n\tb\u{7}c \u{2028}d"), "a b c d");
}
