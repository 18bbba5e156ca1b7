//! A mail server that speaks the protocol, in this process: polite, or misbehaving in one of the ways there are.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As it should.
    Polite,
    /// Answers a line of the client that begins with this word by this answer.
    Answers(&'static str, &'static str),
    /// Takes the content and answers this.
    AnswersContent(&'static str),
    /// Takes connections and never says a word.
    NeverGreets,
    /// Takes the content and never answers.
    NeverAnswersContent,
    /// Takes the content and hangs up.
    HangsUpAfterContent,
    /// Hangs up at a line that begins with this word.
    HangsUpAt(&'static str),
}

/// A mail that was taken.
#[derive(Debug, Clone, Default)]
pub struct Mail {
    /// The address of the sender, on the envelope.
    pub from: String,
    /// The addresses of the recipients, on the envelope.
    pub to: Vec<String>,
    /// The message as it came.
    pub content: String,
}

/// The server.
pub struct SmtpServer {
    /// The URL for `OPCMS_SMTP_URL`.
    pub url: String,
    manner: Arc<Mutex<Manner>>,
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl SmtpServer {
    /// A server that behaves so.
    pub fn start(manner: Manner) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}?timeout=1", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(manner));
        let mails = Arc::new(Mutex::new(Vec::new()));
        let (behaves, taken) = (Arc::clone(&manner), Arc::clone(&mails));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manner, mails) = (*behaves.lock().unwrap(), Arc::clone(&taken));
                std::thread::spawn(move || {
                    // The client may hang up at any moment.
                    let _ = converse(stream, manner, &mails);
                });
            }
        });
        SmtpServer { url, manner, mails }
    }

    /// Behaves so from now on.
    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The mails that were taken, in their order.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }
}

fn converse(mut stream: TcpStream, manner: Manner, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut lines = BufReader::new(stream.try_clone()?);
    if manner == Manner::NeverGreets {
        return wait_for_the_end(&mut lines);
    }
    stream.write_all(b"220 test\r\n")?;
    let mut mail = Mail::default();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let answer = match manner {
            Manner::Answers(word, answer) if line.starts_with(word) => answer,
            Manner::HangsUpAt(word) if line.starts_with(word) => return Ok(()),
            _ if line.starts_with("EHLO") => "250-test\r\n250 8BITMIME",
            _ if line.starts_with("MAIL FROM:") => {
                mail = Mail { from: between(line), ..Mail::default() };
                "250 ok"
            }
            _ if line.starts_with("RCPT TO:") => {
                mail.to.push(between(line));
                "250 ok"
            }
            _ if line == "DATA" => "354 go on",
            _ if line == "QUIT" => "221 bye",
            _ => "500 what?",
        };
        write!(stream, "{answer}\r\n")?;
        if answer.starts_with("354") {
            mail.content = content(&mut lines)?;
            match manner {
                Manner::NeverAnswersContent => return wait_for_the_end(&mut lines),
                Manner::HangsUpAfterContent => {
                    mails.lock().unwrap().push(mail);
                    return Ok(());
                }
                Manner::AnswersContent(answer) => write!(stream, "{answer}\r\n")?,
                _ => {
                    mails.lock().unwrap().push(mail.clone());
                    let number = mails.lock().unwrap().len();
                    write!(stream, "250 queued as {number}\r\n")?;
                }
            }
        }
    }
}

fn wait_for_the_end(lines: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {}
    Ok(())
}

fn content(lines: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut content = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 || line == ".\r\n" {
            return Ok(content);
        }
        content.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

fn between(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

impl Mail {
    /// A header, decoded; blank when absent.
    pub fn header(&self, name: &str) -> String {
        let head = self.content.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        decode_words(found.unwrap_or_default())
    }

    /// The names of all headers.
    pub fn header_names(&self) -> Vec<String> {
        let head = self.content.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        head.lines().filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect()
    }

    /// The part of a type, decoded.
    pub fn part(&self, kind: &str) -> String {
        let start = self.content.find(&format!("Content-Type: {kind}")).unwrap();
        let part = &self.content[start..];
        let (head, rest) = part.split_once("\r\n\r\n").unwrap();
        let body = rest.split("\r\n--").next().unwrap();
        let bytes = if head.contains("base64") {
            BASE64_STANDARD.decode(body.replace("\r\n", "")).unwrap()
        } else if head.contains("quoted-printable") {
            quoted_printable(body)
        } else {
            body.as_bytes().to_vec()
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'=' {
            let hex = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

/// `=?utf-8?b?…?=` as what it stands for; white space between two of them is none.
fn decode_words(text: &str) -> String {
    let text = text.replace("?= =?", "?==?");
    let mut decoded = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("=?utf-8?b?") {
        decoded.extend_from_slice(before.as_bytes());
        let (word, tail) = after.split_once("?=").unwrap();
        decoded.extend(BASE64_STANDARD.decode(word).unwrap());
        rest = tail;
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8(decoded).unwrap()
}
