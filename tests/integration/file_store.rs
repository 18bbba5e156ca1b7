//! The store of files: the same in a folder and in a bucket of S3, which moto plays here.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use opcms::config::Config;
use opcms::files::{Record, Store};
use opcms::i18n::Tr;
use opcms::web::tls;

use crate::support::TestApp;

const T: Tr = Tr::ZhCn;
const MOTO: &str = ".cache/opcms/moto-5.2.5/bin/moto_server";
const BUCKET: &str = "opcms-files";

/// A server that speaks like S3, with a bucket and the one key that opens it.
struct S3 {
    child: Child,
    port: u16,
    key: (String, String),
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.kill();
    }
}

impl S3 {
    async fn start() -> S3 {
        tls::use_ring();
        let program = std::env::home_dir().unwrap().join(MOTO);
        let mut child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "1000")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|fault| panic!("{}: {fault}: run script/bootstrap --test", program.display()));
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line =
            lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("Running on"))).unwrap().unwrap();
        let port =
            line.rsplit(':').next().unwrap().trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
        // Whatever it says from now on has to go somewhere.
        std::thread::spawn(move || lines.for_each(drop));
        let mut s3 = S3 { child, port, key: ("none".into(), "none".into()) };
        s3.arrange().await;
        s3
    }

    /// A bucket, a user who may do everything with it, and from then on nobody without a key.
    async fn arrange(&mut self) {
        let (http, root) = (reqwest::Client::new(), format!("http://127.0.0.1:{}", self.port));
        let signed = |service: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=x/20261120/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x"
            )
        };
        let bucket = http.put(format!("{root}/{BUCKET}")).header("authorization", signed("s3"));
        assert!(bucket.send().await.unwrap().status().is_success());
        let mut answer = String::new();
        let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
        for action in [
            "Action=CreateUser&UserName=opcms".to_owned(),
            format!("Action=PutUserPolicy&UserName=opcms&PolicyName=s3&PolicyDocument={policy}"),
            "Action=CreateAccessKey&UserName=opcms".to_owned(),
        ] {
            let request = http
                .post(&root)
                .header("authorization", signed("iam"))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("{action}&Version=2010-05-08"));
            let response = request.send().await.unwrap();
            assert!(response.status().is_success(), "{action}");
            answer = response.text().await.unwrap();
        }
        let between = |tag: &str| {
            let (_, rest) = answer.split_once(&format!("<{tag}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        self.key = (between("AccessKeyId"), between("SecretAccessKey"));
        http.post(format!("{root}/moto-api/reset-auth")).body("0").send().await.unwrap();
    }

    fn url(&self, bucket: &str) -> String {
        format!("s3://{bucket}/some/prefix?region=us-east-1&endpoint=http://127.0.0.1:{}", self.port)
    }

    fn variables(&self, bucket: &str) -> [(&'static str, String); 3] {
        [
            ("OPCMS_FILES_URL", self.url(bucket)),
            ("OPCMS_S3_ACCESS_KEY_ID", self.key.0.clone()),
            ("OPCMS_S3_SECRET_ACCESS_KEY", self.key.1.clone()),
        ]
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn open(variables: &[(&str, String)]) -> Result<Store, String> {
    let config =
        Config::from(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone()));
    Store::open(&config.unwrap()).map_err(|fault| fault.to_string())
}

fn record(app: &TestApp) -> Record {
    Record { kind: "user", id: app.world.user("li").0 }
}

/// A little and a lot: one that is put at once, and one that goes in several parts.
async fn keeps_its_word(app: &TestApp) {
    let admin = app.signed_in("admin").await;
    let id = record(app).id.to_string();
    let mut pdf = b"%PDF-1.7\n".to_vec();
    for size in [100, 21 * 1024 * 1024 + 17] {
        pdf.extend((pdf.len()..size).map(|at| u8::try_from(at * 31 % 251).unwrap()));
        let fields = [("kind", "user"), ("id", id.as_str())];
        admin.upload("/files", &fields, ("合同.pdf", &pdf)).await.status(303);
        let file = app.number("SELECT MAX(id) FROM files");
        assert_eq!(
            app.number(&format!("SELECT CAST(size AS SIGNED) FROM files WHERE id = {file}")),
            i64::try_from(size).unwrap()
        );
        let sent = admin.get(&format!("/files/{file}")).await.ok();
        assert!(sent.bytes == pdf, "what comes out is not what went in");
        let again = admin.upload("/files", &fields, ("b.pdf", &pdf)).await.status(303);
        assert_eq!(again.flash(), T.files_there_before("“b.pdf”"));
    }
    let made = app.put_file(record(app), "made.csv", std::io::repeat(b'x').take(9 * 1024 * 1024));
    assert_eq!(admin.get(&format!("/files/{made}")).await.ok().bytes.len(), 9 * 1024 * 1024);
    let refused = admin.upload("/files", &[("kind", "user"), ("id", &id)], ("a.docx", &pdf)).await;
    refused.status(422);
    assert_eq!(app.number("SELECT COUNT(*) FROM files"), 3);
    let (store, keys) = (app.part::<Store>(), app.texts("SELECT store_key FROM files ORDER BY id"));
    for key in &keys {
        assert!(store.size(key).await.unwrap().is_some());
        store.remove(key).await.unwrap();
        store.remove(key).await.unwrap();
        assert_eq!(store.size(key).await.unwrap(), None);
        assert!(store.read(key).await.unwrap().is_none());
    }
}

#[actix_web::test]
async fn a_folder_keeps_its_word() {
    let app = TestApp::new().await;
    keeps_its_word(&app).await;
}

#[actix_web::test]
async fn a_bucket_keeps_its_word_until_its_server_is_gone() {
    let mut s3 = S3::start().await;
    // At the start: a key that opens nothing, a secret that is wrong, a bucket that is not there.
    let mut strange = s3.variables(BUCKET);
    strange[1].1 = "AKIANOBODY".into();
    let mut wrong = s3.variables(BUCKET);
    wrong[2].1 = "hunter2".into();
    for variables in [strange, wrong, s3.variables("no-such-bucket")] {
        let fault = open(&variables).map(|_| ()).unwrap_err();
        assert!(fault.starts_with("OPCMS_FILES_URL names the bucket "), "{fault}");
        assert!(fault.contains("it cannot be written") && fault.lines().count() == 1, "{fault}");
        assert!(!fault.contains("hunter2") && !fault.contains(&s3.key.1), "{fault}");
    }
    let variables = s3.variables(BUCKET);
    let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
    let app = TestApp::with(&variables).await;
    keeps_its_word(&app).await;

    let kept = app.put_file(record(&app), "kept.csv", &b"a,b"[..]);
    let admin = app.signed_in("admin").await;
    let id = record(&app).id.to_string();
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.resize(30 * 1024 * 1024, b' ');
    let before = app.number("SELECT COUNT(*) FROM files");
    let fields = [("kind", "user"), ("id", id.as_str())];
    let mut upload = Box::pin(admin.upload("/files", &fields, ("断了.pdf", &pdf)));
    while app.number("SELECT COUNT(*) FROM files") == before {
        assert!(futures_util::poll!(&mut upload).is_pending());
        tokio::task::yield_now().await;
    }
    s3.kill();
    upload.await.status(503).contains(T.files_store_fails());
    admin.get(&format!("/files/{kept}")).await.status(503).contains(T.files_store_fails());
    // Its row waits to be swept, and nobody sees it.
    assert_eq!(app.number("SELECT COUNT(*) FROM files WHERE stored_at IS NULL"), 1);
    admin.get(&format!("/users/{id}")).await.ok().lacks("断了.pdf");
    assert!(open(&s3.variables(BUCKET)).map(|_| ()).unwrap_err().contains("cannot be written"));
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = format!("file://{}/files", file.path().display());
    let fault = open(&[("OPCMS_FILES_URL", url)]).map(|_| ()).unwrap_err();
    let path = file.path().display().to_string();
    assert!(fault.contains(&path) && fault.contains("cannot be written"), "{fault}");
    assert_eq!(fault.lines().count(), 1, "{fault}");
}
