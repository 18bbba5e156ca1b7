//! Files on records: who may see and change them, what is taken, and that nothing stays of what is not.

use std::io::Read as _;
use std::io::Write as _;

use actix_web::http::Method;
use actix_web::http::header;
use chrono::Duration;
use diesel::connection::SimpleConnection as _;
use opcms::files::{Record, Store, sweep};
use opcms::i18n::Tr;
use opcms::types::{Error, Permission};
use opcms::web::secret::sha256_of;
use zip_of::zip;

use crate::support::{Answer, Api, Client, PNG, TestApp};

const T: Tr = Tr::ZhCn;
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

/// What is in the store, apart from what tried it out.
fn objects(app: &TestApp) -> Vec<String> {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path.display().to_string()) }
        }
    }
    let mut found = Vec::new();
    walk(&app.data_dir().join("files"), &mut found);
    found.retain(|path| !path.ends_with("/.trial"));
    found
}

fn rows(app: &TestApp) -> i64 {
    app.number("SELECT COUNT(*) FROM files")
}

fn of_user(app: &TestApp, username: &str) -> Record {
    Record { kind: "user", id: app.world.user(username).0 }
}

async fn attach(browser: &Client, record: Record, name: &str, content: &[u8]) -> Answer {
    let id = record.id.to_string();
    browser.upload("/files", &[("kind", record.kind), ("id", &id)], (name, content)).await
}

fn newest(app: &TestApp) -> u64 {
    u64::try_from(app.number("SELECT MAX(id) FROM files")).unwrap()
}

/// The smallest zip with these names in it, nothing compressed.
mod zip_of {
    pub fn zip(names: &[&str]) -> Vec<u8> {
        let (mut file, mut directory) = (Vec::new(), Vec::new());
        for name in names {
            let offset = u32::try_from(file.len()).unwrap();
            let length = u16::try_from(name.len()).unwrap();
            file.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0");
            file.extend_from_slice(&[0; 12]);
            file.extend_from_slice(&length.to_le_bytes());
            file.extend_from_slice(&[0; 2]);
            file.extend_from_slice(name.as_bytes());
            directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0");
            directory.extend_from_slice(&[0; 12]);
            directory.extend_from_slice(&length.to_le_bytes());
            directory.extend_from_slice(&[0; 12]);
            directory.extend_from_slice(&offset.to_le_bytes());
            directory.extend_from_slice(name.as_bytes());
        }
        let (start, length) = (file.len(), directory.len());
        file.extend_from_slice(&directory);
        file.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        let count = u16::try_from(names.len()).unwrap().to_le_bytes();
        file.extend_from_slice(&count);
        file.extend_from_slice(&count);
        file.extend_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        file.extend_from_slice(&u32::try_from(start).unwrap().to_le_bytes());
        file.extend_from_slice(&[0; 2]);
        file
    }
}

#[actix_web::test]
async fn a_file_is_attached_shown_downloaded_deleted_and_restored() {
    let app = TestApp::new().await;
    let (li, wang) = (of_user(&app, "li"), app.signed_in("wang").await);
    let page = format!("/users/{}", li.id);
    wang.get(&page).await.ok().contains(T.files_none_yet());
    let answer = attach(&wang, li, "../合同 终稿.pdf", PDF).await.see_other(&page);
    assert_eq!(answer.flash(), T.files_attached("“合同 终稿.pdf”"));
    let id = newest(&app);
    wang.get(&page).await.ok().contains("合同 终稿.pdf").contains(&format!("/files/{id}"));
    assert_eq!(app.audited(), ["files.file.attached"]);
    assert_eq!(objects(&app).len(), 1);

    let file = wang.get(&format!("/files/{id}")).await.ok();
    assert_eq!(file.bytes, PDF);
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    let disposition = file.header("content-disposition").unwrap();
    assert!(
        disposition.starts_with("attachment; filename=\"__ __.pdf\"; filename*=UTF-8''"),
        "{disposition}"
    );
    assert!(disposition.ends_with("%E5%90%88%E5%90%8C%20%E7%BB%88%E7%A8%BF.pdf"), "{disposition}");
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    assert!(file.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(file.header("cache-control"), Some("private, no-cache"));
    let tag = format!("\"{}\"", sha256_of(PDF));
    assert_eq!(file.header("etag"), Some(tag.as_str()));
    let again =
        wang.request(Method::GET, &format!("/files/{id}")).insert_header((header::IF_NONE_MATCH, tag));
    let again = wang.send(again).await.status(304);
    assert!(again.bytes.is_empty());

    let deleted = wang.post(&format!("/files/{id}/delete"), &[]).await.see_other(&page);
    assert_eq!(deleted.flash(), T.files_deleted("合同 终稿.pdf"));
    wang.get(&format!("/files/{id}")).await.status(404);
    wang.post(&format!("/files/{id}/delete"), &[]).await.status(404);
    let trash = format!("/files?kind=user&id={}", li.id);
    wang.get(&page).await.ok().contains("#removed").contains(&T.files_deleted_count(1));
    wang.get(&trash).await.ok().contains("合同 终稿.pdf").contains("王芳");
    wang.post(&format!("/files/{id}/restore"), &[]).await.see_other(&trash);
    wang.post(&format!("/files/{id}/restore"), &[]).await.see_other(&trash);
    assert_eq!(wang.get(&format!("/files/{id}")).await.ok().bytes, PDF);
    assert_eq!(app.audited(), ["files.file.attached", "files.file.deleted", "files.file.restored"]);
    // The history of the record tells it.
    wang.get(&page).await.ok().contains("添加了附件");
}

#[actix_web::test]
async fn the_files_follow_the_record() {
    let app = TestApp::new().await;
    let ours = app.file_of("li");
    let theirs = app.file_of("zhao");
    let wang = app.signed_in("wang").await;
    wang.get(&format!("/files/{ours}")).await.ok();
    for path in [format!("/files/{theirs}"), format!("/files/{theirs}/preview"), "/files/999999".into()] {
        wang.get(&path).await.status(404);
    }
    for verb in ["delete", "restore"] {
        wang.post(&format!("/files/{theirs}/{verb}"), &[]).await.status(404);
    }
    attach(&wang, of_user(&app, "zhao"), "a.pdf", PDF).await.status(404);
    wang.get(&format!("/files?kind=user&id={}", app.world.user("zhao"))).await.status(404);
    // A kind that nobody has registered, and records that are none.
    for (kind, id) in [("nothing", "1"), ("user", "0"), ("user", "x"), ("user", ""), ("", "")] {
        wang.upload("/files", &[("kind", kind), ("id", id)], ("a.pdf", PDF)).await.status(404);
        wang.get(&format!("/files?kind={kind}&id={id}")).await.status(404);
    }
    // The auditor sees users and changes none.
    let auditor = app.as_role("auditor").await;
    auditor.get(&format!("/files/{ours}")).await.ok();
    auditor.get(&format!("/users/{}", app.world.user("li"))).await.ok().lacks("data-upload");
    attach(&auditor, of_user(&app, "li"), "a.pdf", PDF).await.status(403);
    auditor.post(&format!("/files/{ours}/delete"), &[]).await.status(403);
    // Who sees no users learns nothing.
    app.as_role("sales").await.get(&format!("/files/{ours}")).await.status(404);
    assert_eq!(rows(&app), 2);
    assert!(app.audited().is_empty());
}

#[actix_web::test]
async fn a_deleted_record_keeps_its_files_and_takes_no_more() {
    let app = TestApp::new().await;
    let id = app.file_of("gone");
    let admin = app.signed_in("admin").await;
    admin.get(&format!("/files/{id}")).await.ok();
    let page = admin.get(&format!("/users/{}", app.world.user("gone"))).await.ok();
    page.contains(T.users_refused_deleted()).lacks("data-upload");
    let answer = attach(&admin, of_user(&app, "gone"), "a.pdf", PDF).await.status(422);
    answer.contains(T.users_refused_deleted());
    assert_eq!((rows(&app), objects(&app).len()), (1, 1));
}

#[actix_web::test]
async fn what_is_not_what_its_name_says_is_refused_and_nothing_stays() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let li = of_user(&app, "li");
    let docx = zip(&["[Content_Types].xml", "word/document.xml"]);
    let docm = zip(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]);
    let label = |code: &str| T.label("file_content", code);
    let other =
        |name: &str, found: &str, wanted: &str| T.files_refused_content(label(found), name, label(wanted));
    let endings = T.join(opcms::files::content::FileType::ALL.iter().map(|one| format!(".{one}")));
    for (name, content, text) in [
        ("报价.pdf", &b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"[..], other("报价.pdf", "program", "pdf")),
        ("a.pdf", &docx, other("a.pdf", "docx", "pdf")),
        ("a.xlsx", &docx, other("a.xlsx", "docx", "xlsx")),
        ("a.docx", &docm, other("a.docx", "macros", "docx")),
        ("a.docx", &zip(&["a.txt"]), other("a.docx", "zip", "docx")),
        ("a.txt", b"<!DOCTYPE html><script>alert(1)</script>", other("a.txt", "html", "text")),
        ("a.csv", b"\xef\xbb\xbf <svg onload=alert(1)>", other("a.csv", "svg", "text")),
        ("a.txt", b"#!/bin/sh\nrm -rf /", other("a.txt", "script", "text")),
        ("a.png", b"GIF89a\x01\0\x01\0", other("a.png", "gif", "png")),
        ("a.pdf", b"\0\x01\x02\x03", T.files_refused_unknown("a.pdf", label("pdf"))),
        ("a.zip", b"PK\x03\x04 cut off", T.files_refused_unknown("a.zip", label("zip"))),
        ("a.txt", b"\xff\xfea\0", T.files_refused_utf16("a.txt")),
        ("a.pdf", b"", T.files_refused_empty("a.pdf")),
        ("a.exe", b"MZ", T.files_refused_ending("exe", &endings, "a.exe")),
        ("a.svg", b"<svg/>", T.files_refused_ending("svg", &endings, "a.svg")),
        ("a.html", b"<p>", T.files_refused_ending("html", &endings, "a.html")),
        ("pdf", PDF, T.files_refused_no_ending(&endings, "pdf")),
    ] {
        let answer = attach(&admin, li, name, content).await.status(422);
        assert_eq!(answer.field_error("file"), text, "{name}");
        assert_eq!((rows(&app), objects(&app).len()), (0, 0), "{name}");
    }
    assert!(app.audited().is_empty());
    for (name, content) in [
        ("a.docx", docx),
        ("a.PDF", PDF.to_vec()),
        ("a.zip", zip(&["a.txt"])),
        ("表.csv", "用户名,姓名\nli,李雷\n".into()),
        ("表2.csv", b"\xd3\xc3\xbb\xa7,\xd0\xd5\xc3\xfb\n".to_vec()),
        ("a.eml", b"From: a@b.cn\r\n\r\n<b>hello</b>".to_vec()),
    ] {
        attach(&admin, li, name, &content).await.status(303);
    }
    assert_eq!((rows(&app), objects(&app).len()), (6, 6));
}

#[actix_web::test]
async fn a_file_is_not_larger_than_allowed() {
    let app = TestApp::with(&[("OPCMS_MAX_UPLOAD_MB", "1")]).await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    let mut content = PDF.to_vec();
    content.resize(1024 * 1024, b' ');
    attach(&admin, li, "whole.pdf", &content).await.status(303);
    content.push(b' ');
    let answer = attach(&admin, li, "more.pdf", &content).await.status(422);
    assert_eq!(answer.field_error("file"), T.files_refused_too_large(1, "more.pdf"));
    content.resize(6 * 1024 * 1024, b' ');
    attach(&admin, li, "much more.pdf", &content).await.status(422);
    assert_eq!((rows(&app), objects(&app).len()), (1, 1));
}

#[actix_web::test]
async fn the_same_content_is_on_a_record_once() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    attach(&admin, li, "a.pdf", PDF).await.status(303);
    let again = attach(&admin, li, "b.pdf", PDF).await.status(303);
    assert_eq!(again.flash(), T.files_there_before("“b.pdf”"));
    assert_eq!((rows(&app), objects(&app).len()), (1, 1));
    // On another record it is another file, and once deleted it can come again; then the first one stays deleted.
    attach(&admin, of_user(&app, "wang"), "a.pdf", PDF).await.status(303);
    let first = app.number("SELECT MIN(id) FROM files");
    admin.post(&format!("/files/{first}/delete"), &[]).await.status(303);
    attach(&admin, li, "c.pdf", PDF).await.status(303);
    let refused = admin.post(&format!("/files/{first}/restore"), &[]).await.status(303);
    assert_eq!(refused.flash(), T.files_refused_there_again());
    assert_eq!((rows(&app), objects(&app).len()), (3, 3));
}

#[actix_web::test]
async fn several_at_the_same_moment_do_not_disturb_each_other() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    let send = |name: &'static str, content: &'static [u8]| attach(&admin, li, name, content);
    let csv = b"a,b\n1,2\n";
    let answers = futures_util::future::join_all([
        send("a.pdf", PDF),
        send("b.pdf", PDF),
        send("c.png", PNG),
        send("d.csv", csv),
    ])
    .await;
    for answer in answers {
        answer.status(303);
    }
    assert_eq!((rows(&app), objects(&app).len()), (3, 3), "the same content came twice");
}

/// A form written out, with these parts: name, file name if it is a file, content.
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        write!(body, "--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").unwrap();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

const MULTIPART: &str = "multipart/form-data; boundary=b";

#[actix_web::test]
async fn a_form_may_bring_several_files_or_none() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (id, token) = (app.world.user("li").to_string(), admin.csrf_token());
    let head = [("csrf", None, token.as_bytes()), ("kind", None, b"user"), ("id", None, id.as_bytes())];
    let send = |files: &[(&str, &[u8])]| {
        let mut parts: Vec<(&str, Option<&str>, &[u8])> = head.to_vec();
        parts.extend(files.iter().map(|(name, content)| ("file", Some(*name), *content)));
        admin.post_body("/files", MULTIPART, form(&parts))
    };
    let both = send(&[("a.pdf", PDF), ("b.png", PNG)]).await.status(303);
    assert!(both.flash().contains("“a.pdf”、“b.png”"), "{}", both.flash());
    // One that is refused keeps no other from its record, and both are told.
    let some = send(&[("c.pdf", b"MZ\0"), ("d.csv", b"a,b")]).await.status(422);
    let told = some.field_error("file");
    assert!(told.contains("c.pdf") && told.contains(&T.files_attached("“d.csv”")), "{told}");
    assert_eq!(rows(&app), 3);
    for nothing in [&[][..], &[("", &b""[..])]] {
        assert_eq!(send(nothing).await.status(422).field_error("file"), T.files_none_chosen());
    }
    // Without the token nothing is read; the record stands before the file.
    let foreign = [("kind", None, &b"user"[..]), ("id", None, id.as_bytes()), ("file", Some("x.pdf"), PDF)];
    admin.post_body("/files", MULTIPART, form(&foreign)).await.status(403);
    let order = [("csrf", None, token.as_bytes()), ("file", Some("x.pdf"), PDF), ("kind", None, b"user")];
    admin.post_body("/files", MULTIPART, form(&order)).await.status(404);
    assert_eq!((rows(&app), objects(&app).len()), (3, 3));
}

#[actix_web::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (id, token) = (app.world.user("li").to_string(), admin.csrf_token());
    let mut content = PDF.to_vec();
    content.resize(20 * 1024 * 1024, b' ');
    let parts = [
        ("csrf", None, token.as_bytes()),
        ("kind", None, b"user"),
        ("id", None, id.as_bytes()),
        ("file", Some("a.pdf"), content.as_slice()),
    ];
    let body = form(&parts);
    for length in [300, 100_000, body.len() - 10] {
        let answer = admin.post_body("/files", MULTIPART, &body[..length]).await;
        assert_eq!(answer.status, 400, "{}", answer.summary());
        assert_eq!((rows(&app), objects(&app).len()), (0, 0), "cut at {length}");
    }
    assert!(app.audited().is_empty());
}

#[actix_web::test]
async fn a_browser_that_goes_away_leaves_nothing() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let mut content = PDF.to_vec();
    content.resize(10 * 1024 * 1024, b' ');
    // As far as the first bytes, and some steps on, then the connection is gone, and with it whoever waits for the answer.
    for steps in [0, 10, 20, 40, 60, 80, 100] {
        let mut upload = Box::pin(attach(&admin, of_user(&app, "li"), "a.pdf", &content));
        while objects(&app).is_empty() {
            assert!(futures_util::poll!(&mut upload).is_pending());
            tokio::task::yield_now().await;
        }
        for _ in 0..steps {
            if futures_util::poll!(&mut upload).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(upload);
        let settled = async {
            while app.number("SELECT COUNT(*) FROM files WHERE stored_at IS NULL") > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), settled).await.unwrap();
        assert_eq!(objects(&app).len(), usize::try_from(rows(&app)).unwrap(), "after {steps} steps");
        // Where it was faster than we are, the next one starts afresh all the same.
        app.connect().batch_execute("DELETE FROM files").unwrap();
        for path in objects(&app) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// How many statements of this database are giving a file its mark.
const MARKING: &str = "SELECT COUNT(*) FROM information_schema.processlist \
    WHERE db = DATABASE() AND info LIKE 'UPDATE `files`%'";

/// Goes on with an upload until its mark is on its way to the database, and lets go of it once the mark is there.
async fn leave_while_it_is_marked(app: &TestApp, upload: impl Future<Output = Answer>) {
    let mut upload = Box::pin(upload);
    while rows(app) == 0 {
        assert!(futures_util::poll!(&mut upload).is_pending());
        tokio::task::yield_now().await;
    }
    let mut holder = app.connect();
    holder.batch_execute("BEGIN; SELECT id FROM files FOR UPDATE").unwrap();
    while app.number(MARKING) == 0 {
        assert!(futures_util::poll!(&mut upload).is_pending());
        tokio::task::yield_now().await;
    }
    holder.batch_execute("COMMIT").unwrap();
    while app.number("SELECT COUNT(*) FROM files WHERE stored_at IS NOT NULL") == 0 {
        tokio::task::yield_now().await;
    }
}

#[actix_web::test]
async fn whoever_goes_away_while_the_file_gets_its_mark_loses_none_of_it() {
    let app = TestApp::new().await;
    let (admin, api, li) = (app.signed_in("admin").await, app.api("wang"), of_user(&app, "li"));
    let id = li.id.to_string();
    let parts = [("kind", None, &b"user"[..]), ("id", None, id.as_bytes()), ("file", Some("a.pdf"), PDF)];
    for by_program in [false, true] {
        if by_program {
            leave_while_it_is_marked(&app, send(&api, None, &parts)).await;
        } else {
            leave_while_it_is_marked(&app, attach(&admin, li, "a.pdf", PDF)).await;
        }
        // Whoever takes the upload for one that was broken off has all the time to do so.
        for _ in 0..200 {
            assert_eq!((rows(&app), objects(&app).len()), (1, 1), "by a program: {by_program}");
            tokio::task::yield_now().await;
        }
        app.connect().batch_execute("DELETE FROM files").unwrap();
        for path in objects(&app) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

#[actix_web::test]
async fn only_images_are_shown_by_the_browser() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    let image = app.put_file(li, "a.png", PNG);
    let shown = admin.get(&format!("/files/{image}/preview")).await.ok();
    assert_eq!((shown.bytes.as_slice(), shown.header("content-type")), (PNG, Some("image/png")));
    assert!(shown.header("content-disposition").unwrap().starts_with("inline"));
    for (name, content) in [("a.pdf", PDF), ("a.txt", b"text")] {
        let id = app.put_file(li, name, content);
        admin.get(&format!("/files/{id}/preview")).await.status(404);
    }
    // A page that somebody's hand has put into the store is never one to a browser.
    let id = app.put_file(li, "page.html", &b"<script>alert(1)</script>"[..]);
    admin.get(&format!("/files/{id}/preview")).await.status(404);
    let sent = admin.get(&format!("/files/{id}")).await.ok();
    assert_eq!(sent.header("content-type"), Some("application/octet-stream"));
}

#[actix_web::test]
async fn a_file_larger_than_any_buffer_goes_out_piece_by_piece() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    let size = 40 * 1024 * 1024;
    let id = app.put_file(li, "big.bin", std::io::repeat(7).take(size));
    let sent = admin.get(&format!("/files/{id}")).await.ok();
    assert_eq!(sent.bytes.len() as u64, size);
    assert!(sent.bytes.iter().all(|byte| *byte == 7));
    let head = admin.send(admin.request(Method::HEAD, &format!("/files/{id}"))).await.ok();
    assert_eq!(head.header("etag"), sent.header("etag"));
}

#[actix_web::test]
async fn a_file_whose_bytes_have_vanished_says_so() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    let (gone, cut) = (app.put_file(li, "gone.pdf", PDF), app.put_file(li, "cut.png", PNG));
    for (id, hand) in [(gone, true), (cut, false)] {
        let key = app.texts(&format!("SELECT store_key FROM files WHERE id = {id}")).remove(0);
        let path = app.data_dir().join("files").join(key);
        if hand {
            std::fs::remove_file(path).unwrap();
        } else {
            std::fs::write(path, b"cut").unwrap();
        }
        admin.get(&format!("/files/{id}")).await.status(410).contains(T.files_vanished());
        admin.send(admin.request(Method::HEAD, &format!("/files/{id}"))).await.status(410);
    }
    admin.post(&format!("/files/{gone}/delete"), &[]).await.status(303);
    let refused = admin.post(&format!("/files/{gone}/restore"), &[]).await.status(303);
    assert_eq!(refused.flash(), T.files_vanished());
    // `opcms check` finds both, and only them.
    app.put_file(li, "whole.csv", &b"a,b"[..]);
    let (db, system, store) = (app.db.clone(), app.system(), app.part::<Store>());
    let check = move || db.read(&system, |db| opcms::files::checks::objects(db, &store)).unwrap();
    let finding = std::thread::spawn(check).join().unwrap();
    assert_eq!(finding.examined, 3);
    assert_eq!(finding.breaches, [format!("{gone} gone.pdf"), format!("{cut} cut.png")]);
}

#[actix_web::test]
async fn what_was_broken_off_or_deleted_is_swept_in_time() {
    let app = TestApp::new().await;
    let (admin, li) = (app.signed_in("admin").await, of_user(&app, "li"));
    let kept = app.put_file(li, "kept.pdf", PDF);
    let deleted = app.put_file(li, "deleted.png", PNG);
    admin.post(&format!("/files/{deleted}/delete"), &[]).await.status(303);
    // Killed in the middle: a row, and a part of the bytes.
    diesel::connection::SimpleConnection::batch_execute(
        &mut app.connect(),
        "INSERT INTO files (store_key, name, media_type, size, subject_kind, subject_id, created_at) \
         VALUES ('xx/broken', 'x.pdf', '', 0, 'user', 1, '2026-11-20 02:00:00')",
    )
    .unwrap();
    let folder = app.data_dir().join("files/xx");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("broken#1"), b"half").unwrap();
    let run = |days: i64, trash: u32| {
        app.clock.advance(Duration::days(days));
        let (db, system, store) = (app.db.clone(), app.system(), app.part::<Store>());
        std::thread::spawn(move || sweep(&db, &system, &store, trash, || Ok(())).unwrap()).join().unwrap()
    };
    assert_eq!((run(0, 30).unfinished, rows(&app)), (0, 3));
    app.clock.advance(Duration::days(2));
    let (db, system, store) = (app.db.clone(), app.system(), app.part::<Store>());
    let stopped = std::thread::spawn(move || sweep(&db, &system, &store, 30, || Err(Error::Contended)));
    assert!(matches!(stopped.join().unwrap(), Err(Error::Contended)));
    assert_eq!((rows(&app), objects(&app).len()), (3, 3), "told to stop, it removes no more");
    let second = run(0, 30);
    assert_eq!((second.unfinished, second.deleted, objects(&app).len()), (1, 0, 2));
    let third = run(29, 30);
    assert_eq!((third.unfinished, third.deleted, third.left), (0, 1, 0));
    assert_eq!((rows(&app), objects(&app).len()), (1, 1));
    assert_eq!(app.number("SELECT MIN(id) FROM files").unsigned_abs(), kept);
    assert_eq!(run(400, 0), opcms::files::Swept::default());
}

#[actix_web::test]
async fn a_file_that_a_task_still_names_is_left() {
    let app = TestApp::new().await;
    let id = app.put_file(of_user(&app, "li"), "result.csv", &b"a,b"[..]);
    diesel::connection::SimpleConnection::batch_execute(
        &mut app.connect(),
        &format!(
            "INSERT INTO tasks (kind, label, input, state, max_attempts, file_id, created_at) \
             VALUES ('x', '', '{{}}', 'succeeded', 1, {id}, '2026-11-20 02:00:00'); \
             UPDATE files SET deleted_at = '2026-11-20 02:00:00'"
        ),
    )
    .unwrap();
    app.clock.advance(Duration::days(2));
    let (db, system, store) = (app.db.clone(), app.system(), app.part::<Store>());
    let swept =
        std::thread::spawn(move || sweep(&db, &system, &store, 1, || Ok(())).unwrap()).join().unwrap();
    assert_eq!((swept.deleted, swept.left), (0, 1));
    assert_eq!((rows(&app), objects(&app).len()), (1, 1), "the bytes are still there");
}

async fn send(api: &Api, key: Option<&str>, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
    let mut request =
        api.request(Method::POST, "/api/v1/files").insert_header((header::CONTENT_TYPE, MULTIPART));
    if let Some(key) = key {
        request = request.insert_header(("idempotency-key", key));
    }
    api.send(request.set_payload(form(parts))).await
}

#[actix_web::test]
async fn programs_attach_read_and_delete() {
    let app = TestApp::new().await;
    let api = app.api("wang");
    let id = app.world.user("li").to_string();
    let of =
        |kind: &'static str, id: &'static str| [("kind", None, kind.as_bytes()), ("id", None, id.as_bytes())];
    let with_file = |id: &str| {
        let id: &'static str = String::leak(id.to_owned());
        let mut parts = of("user", id).to_vec();
        parts.push(("file", Some("合同.pdf"), PDF));
        parts
    };
    let made = send(&api, Some("key-1"), &with_file(&id)).await.status(201).json();
    assert_eq!((made["name"].as_str(), made["size"].as_u64()), (Some("合同.pdf"), Some(PDF.len() as u64)));
    assert_eq!(made["sha256"].as_str(), Some(sha256_of(PDF).as_str()));
    // Again with the key, again without it: the same file.
    for key in [Some("key-1"), None, Some("key-2")] {
        assert_eq!(send(&api, key, &with_file(&id)).await.status(201).json(), made, "{key:?}");
    }
    assert_eq!((rows(&app), objects(&app).len()), (1, 1));
    let file = made["id"].as_u64().unwrap();
    assert_eq!(api.get(&format!("/api/v1/files/{file}")).await.ok().json(), made);
    let list = api.get(&format!("/api/v1/files?kind=user&id={id}")).await.ok().json();
    assert_eq!(list["items"][0], made);
    assert_eq!(api.get(&format!("/api/v1/files/{file}/content")).await.ok().bytes, PDF);
    assert_eq!(api.get("/api/v1/files").await.status(422).json()["errors"][0]["field"], "kind");
    // The key was for this content.
    let mut other = of("user", String::leak(id.clone())).to_vec();
    other.push(("file", Some("b.png"), PNG));
    assert_eq!(send(&api, Some("key-1"), &other).await.status(422).problem(), "idempotency_key_reused");
    let refused = [("file", Some("x.pdf"), PDF), ("kind", None, b"user"), ("id", None, id.as_bytes())];
    assert_eq!(send(&api, None, &refused).await.status(422).json()["errors"][0]["field"], "kind");
    let mut two = with_file(&id);
    two.push(("file", Some("b.png"), PNG));
    assert_eq!(send(&api, None, &two).await.status(422).json()["errors"][0]["field"], "file");
    assert_eq!(
        send(&api, None, &with_file(&app.world.user("zhao").to_string())).await.status(404).problem(),
        "not_found"
    );
    let mut wrong = of("user", String::leak(id.clone())).to_vec();
    wrong.push(("file", Some("b.pdf"), PNG));
    assert_eq!(send(&api, None, &wrong).await.status(422).problem(), "file_content");
    assert_eq!((rows(&app), objects(&app).len()), (1, 1));
    let reader = app.api_limited("wang", &[Permission::UserView]);
    send(&reader, None, &with_file(&id)).await.status(403);
    reader.delete(&format!("/api/v1/files/{file}")).await.status(403);
    api.delete(&format!("/api/v1/files/{file}")).await.status(204);
    api.delete(&format!("/api/v1/files/{file}")).await.status(404);
    api.get(&format!("/api/v1/files/{file}/content")).await.status(404);
    assert_eq!(app.audited(), ["files.file.attached", "files.file.deleted"]);
}

#[actix_web::test]
async fn the_enhanced_form_is_answered_in_a_sentence() {
    let app = TestApp::new().await;
    let admin = app.signed_in("admin").await;
    let (id, token) = (app.world.user("li").to_string(), admin.csrf_token());
    let send = |name: &'static str, content: &'static [u8]| {
        let parts = [
            ("csrf", None, token.as_bytes()),
            ("kind", None, b"user"),
            ("id", None, id.as_bytes()),
            ("file", Some(name), content),
        ];
        let request = admin.request(Method::POST, "/files").insert_header((header::CONTENT_TYPE, MULTIPART));
        admin.send(request.insert_header((header::ACCEPT, "application/json")).set_payload(form(&parts)))
    };
    let done = send("a.pdf", PDF).await.ok().json();
    assert_eq!(done["text"], T.files_attached("“a.pdf”"));
    assert_eq!(send("a.pdf", b"").await.status(422).json()["text"], T.files_refused_empty("a.pdf"));
}

#[actix_web::test]
async fn many_files_are_read_page_by_page_and_none_is_out_of_reach() {
    let app = TestApp::new().await;
    let (admin, api, li) = (app.signed_in("admin").await, app.api("admin"), of_user(&app, "li"));
    let page = format!("/users/{}", li.id);
    let row = |number: u64| {
        let deleted = if number.is_multiple_of(4) { "NOW()" } else { "NULL" };
        format!(
            "('xx/{number}', 'f-{number}.pdf', 'application/pdf', 1, '{number:064}', 'user', {}, NOW(), NOW(), {deleted})",
            li.id
        )
    };
    let rows: Vec<String> = (1..=280).map(row).collect();
    let insert = format!(
        "INSERT INTO files (store_key, name, media_type, size, sha256, subject_kind, subject_id, created_at, stored_at, \
         deleted_at) VALUES {}",
        rows.join(",")
    );
    app.connect().batch_execute(&insert).unwrap();
    // 210 on the record, of which its page shows the newest 200; 70 in the trash.
    let list = format!("/files?kind=user&id={}", li.id);
    let shown = admin.get(&page).await.ok();
    let shown = shown.contains(&T.files_newest_of(200, 210)).contains("f-279.pdf").lacks(">f-13.pdf<");
    shown.contains(&format!("href=\"{}\">{}", list.replace('&', "&#38;"), T.files_all()));

    // The link that reads on by a parameter, and leaves the other stream where it is.
    let next = |answer: &Answer, at: &str, parameter: &str| {
        let mark = format!("{parameter}=");
        answer.body.split("href=\"").find_map(|rest| {
            let url = rest.split('"').next().unwrap().replace("&#38;", "&");
            let is_on = url.split(['?', '&']).any(|part| part.starts_with(&mark) && !at.contains(part));
            is_on.then_some(url)
        })
    };
    for (parameter, total) in [("older", 210), ("deleted_older", 70)] {
        let (mut found, mut url) = (std::collections::BTreeSet::new(), Some(list.clone()));
        for _ in 0..10 {
            let Some(at) = url else { break };
            let answer = admin.get(&at).await.ok();
            let answer =
                answer.lacks(&T.files_newest_of(200, 210)).contains(&T.list_entries(total.to_string()));
            found.extend((1..=280_u64).filter(|number| answer.body.contains(&format!(">f-{number}.pdf<"))));
            url = next(&answer, &at, parameter);
        }
        found.retain(|number| number.is_multiple_of(4) == (parameter == "deleted_older"));
        assert_eq!(found.len(), total, "{parameter}");
    }

    let (mut found, mut older) = (0, String::new());
    for _ in 0..10 {
        let answer = api.get(&format!("/api/v1{list}&older={older}")).await.ok().json();
        found += answer["items"].as_array().unwrap().len();
        assert_eq!(answer["count"], 210);
        let Some(key) = answer["older"].as_u64() else { break };
        older = key.to_string();
    }
    assert_eq!(found, 210);
    // What is refused comes back with the way to the others.
    let refused = attach(&admin, li, "a.exe", PDF).await.status(422);
    assert!(next(&refused, "", "older").unwrap().starts_with(&list));
}
