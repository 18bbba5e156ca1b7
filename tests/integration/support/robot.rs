//! A group chat's end of a robot, in this process: a server that keeps what it was told and answers what it should.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a robot was told.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The path with its query.
    pub path: String,
    /// The body.
    pub body: String,
}

/// The server.
pub struct ChatServer {
    /// Its address, ending in a slash.
    pub url: String,
    answer: Arc<Mutex<String>>,
    told: Arc<Mutex<Vec<Told>>>,
}

impl ChatServer {
    /// A server that answers every request with this JSON.
    pub fn start(answer: &str) -> ChatServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer.to_owned()));
        let told = Arc::new(Mutex::new(Vec::new()));
        let (says, heard) = (Arc::clone(&answer), Arc::clone(&told));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = says.lock().unwrap().clone();
                let _ = hear(stream, &answer, &heard);
            }
        });
        ChatServer { url, answer, told }
    }

    /// Answers this from now on; nothing at all when blank.
    pub fn answer(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }

    /// What was told, in its order.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }
}

fn hear(mut stream: TcpStream, answer: &str, told: &Mutex<Vec<Told>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    lines.read_line(&mut first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    told.lock().unwrap().push(Told { path, body: String::from_utf8_lossy(&body).into_owned() });
    if answer.is_empty() {
        return Ok(());
    }
    let length = answer.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
    )
}
