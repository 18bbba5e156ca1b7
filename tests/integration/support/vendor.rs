//! Whoever usage is fetched from, in this process: a server that keeps what it was asked and answers as the test says.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with a request.
pub enum Reply {
    /// Sends these bytes and hangs up.
    Bytes(Vec<u8>),
    /// Says nothing, and keeps the line open.
    Silence,
}

/// The server.
pub struct Vendor {
    /// Its address, without a slash at its end.
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    /// A server that answers each request, numbered from 0, with what `answer` makes of it.
    pub fn start(answer: impl Fn(usize, &str) -> Reply + Send + 'static) -> Vendor {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            let mut open: Vec<TcpStream> = Vec::new();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let mut stream = stream;
                let request = read(&mut stream);
                heard.lock().unwrap().push(request.clone());
                match answer(number, &request) {
                    Reply::Bytes(bytes) => drop(stream.write_all(&bytes)),
                    Reply::Silence => open.push(stream),
                }
            }
        });
        Vendor { url, asked }
    }

    /// A server that answers every request with this JSON.
    pub fn always(body: &str) -> Vendor {
        let body = body.to_owned();
        Vendor::start(move |_, _| json(&body))
    }

    /// The requests, in their order, with their heads.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths of the requests, with their parameters.
    pub fn paths(&self) -> Vec<String> {
        self.asked().iter().map(|request| request.split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    }
}

/// An answer in JSON.
pub fn json(body: &str) -> Reply {
    status(200, body)
}

/// An answer with a status.
pub fn status(status: u16, body: &str) -> Reply {
    let length = body.len();
    Reply::Bytes(
        format!(
            "HTTP/1.1 {status} So\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .into_bytes(),
    )
}

/// The day that a request asks for.
pub fn day_in(request: &str) -> String {
    request.split("day=").nth(1).map(|rest| rest.chars().take(10).collect()).unwrap_or_default()
}

fn read(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        request.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break;
        }
    }
    request
}
