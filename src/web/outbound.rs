//! Requests that we send to others: the one client for all of them.
//!
//! Whoever may name an address could ask us to call what only this machine or its network may call. Loopback,
//! link-local and metadata addresses are therefore refused: in the URL, and once more in what the name resolves to, at
//! the moment of connecting, so that no answer of a name server slips in between. No redirect is followed and no proxy
//! is asked. Addresses of a private network are allowed: what a company runs itself is what it wants to call.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::{Host, Url};

/// The most of an answer that is read where nobody asks for more; what comes after is left unread.
const MAX_ANSWER: usize = 64 * 1024;

/// How long a connection may take to be made at most.
const CONNECT: Duration = Duration::from_secs(10);

/// A request to somebody else. Not to be printed: it holds secrets in clear.
#[derive(Clone)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// Where to: `http` or `https`.
    pub url: Url,
    /// Headers, by name and value.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// How long it may take from beginning to end.
    pub patience: Duration,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, as far as it was read.
    pub body: String,
    /// Where reading it ended.
    pub end: End,
}

/// Where the reading of an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At its end.
    Whole,
    /// At the most that is read: there is more.
    Cut,
    /// Where the other side, or the time, broke it off.
    Broken,
}

/// Why there is no answer. Told apart by whether the other side may have got the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request is none that we send: its address, a method, a header. It will not be better next time.
    Forbidden(Reason),
    /// Nobody was reached: the other side has got nothing.
    Unreached(String),
    /// Somebody was reached, but no answer came: the request may have had its effect.
    Unanswered(String),
}

/// Why a request is none that we send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Only `http` and `https` are spoken.
    Scheme,
    /// The URL has no host, or holds a username or a password, which would end up in logs.
    Host,
    /// The address is of this machine, or of its link.
    Local,
    /// A method or a header cannot be written.
    Malformed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Scheme => "only http and https are spoken",
            Reason::Host => "the URL has no host, or holds a username or a password",
            Reason::Local => "the address is of this machine or of its link",
            Reason::Malformed => "a method or a header cannot be written",
        })
    }
}

impl std::error::Error for Reason {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Forbidden(reason) => reason.fmt(f),
            Fault::Unreached(cause) | Fault::Unanswered(cause) => f.write_str(cause),
        }
    }
}

/// The client. Cheap to clone; connections are kept for a while and used again.
#[derive(Clone)]
pub struct Outbound {
    /// By how long a connection may take: that is a matter of the client and not of the request.
    clients: Arc<Mutex<BTreeMap<Duration, Client>>>,
    allow_local: bool,
}

impl Outbound {
    /// A client; `allow_local` lets it call this machine, for development and tests.
    pub fn new(allow_local: bool) -> Outbound {
        // One provider of cryptography for the process; whoever comes first has installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Outbound { clients: Arc::default(), allow_local }
    }

    fn client(&self, connect: Duration) -> Result<Client, Fault> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&connect) {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(connect)
            .user_agent("opcms")
            .dns_resolver(Arc::new(Guard { allow_local: self.allow_local }))
            .build()
            .map_err(|fault| Fault::Unreached(causes(&fault)))?;
        clients.insert(connect, client.clone());
        Ok(client)
    }

    /// Whether this machine may be called.
    pub fn allows_local(&self) -> bool {
        self.allow_local
    }

    /// Whether a URL may be called at all, as far as it shows by itself: for forms.
    pub fn check(&self, url: &Url) -> Result<(), Reason> {
        check(url, self.allow_local)
    }

    /// Sends a request and reads the beginning of the answer: enough for whoever wants to know how it went.
    ///
    /// # Errors
    /// A [`Fault`], which says whether the other side may have got it.
    pub async fn send(&self, request: Request) -> Result<Answer, Fault> {
        self.fetch(request, MAX_ANSWER).await
    }

    /// Sends a request and reads at most so many bytes of the answer, a piece at a time: for whoever wants what is in it.
    ///
    /// # Errors
    /// A [`Fault`], which says whether the other side may have got it.
    pub async fn fetch(&self, request: Request, most: usize) -> Result<Answer, Fault> {
        self.check(&request.url).map_err(Fault::Forbidden)?;
        let client = self.client(connect_time(request.patience))?;
        let malformed = Fault::Forbidden(Reason::Malformed);
        let method: Method = request.method.parse().map_err(|_| malformed.clone())?;
        let mut outgoing = client.request(method, request.url).timeout(request.patience);
        for (name, value) in &request.headers {
            let name = HeaderName::try_from(name).map_err(|_| malformed.clone())?;
            let value = HeaderValue::try_from(value).map_err(|_| malformed.clone())?;
            outgoing = outgoing.header(name.as_str(), value.as_bytes());
        }
        if !request.body.is_empty() {
            outgoing = outgoing.body(request.body);
        }
        let mut response = outgoing.send().await.map_err(|fault| fault_of(&fault))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let end = loop {
            match response.chunk().await {
                Ok(None) => break End::Whole,
                // An answer that breaks off has been given: its status counts.
                Err(_) => break End::Broken,
                Ok(Some(piece)) if body.len() + piece.len() > most => {
                    body.extend(piece.iter().take(most - body.len()));
                    break End::Cut;
                }
                Ok(Some(piece)) => body.extend_from_slice(&piece),
            }
        };
        Ok(Answer { status, body: String::from_utf8_lossy(&body).into_owned(), end })
    }
}

/// How long a connection may take, so that time is left for the answer. In whole halves of a second up to a limit: few
/// clients are ever made.
fn connect_time(patience: Duration) -> Duration {
    let half = Duration::from_millis(500);
    Duration::from_millis(500 * patience.as_secs().max(1)).clamp(half, CONNECT)
}

fn fault_of(fault: &reqwest::Error) -> Fault {
    let mut source = std::error::Error::source(fault);
    while let Some(cause) = source {
        if let Some(reason) = cause.downcast_ref::<Reason>() {
            return Fault::Forbidden(*reason);
        }
        source = cause.source();
    }
    if fault.is_connect() || fault.is_builder() {
        return Fault::Unreached(causes(fault));
    }
    Fault::Unanswered(causes(fault))
}

/// A fault with all that led to it, without the URL: that may hold a key.
fn causes(fault: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = fault.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !texts.last().is_some_and(|last| last.ends_with(&text)) {
            texts.push(text);
        }
        next = cause.source();
    }
    if texts.is_empty() { "the request failed".to_owned() } else { texts.join(": ") }
}

/// Looks names up, and lets through no address that may not be called.
struct Guard {
    allow_local: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_local = self.allow_local;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if !allow_local && found.iter().any(|address| is_local(address.ip())) {
                return Err(Reason::Local.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn check(url: &Url, allow_local: bool) -> Result<(), Reason> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Reason::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Reason::Host);
    }
    let local = match url.host().ok_or(Reason::Host)? {
        Host::Ipv4(address) => is_local(address.into()),
        Host::Ipv6(address) => is_local(address.into()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
    };
    if local && !allow_local { Err(Reason::Local) } else { Ok(()) }
}

/// Whether an address is of this machine, of its link, of everybody, or of the metadata of a cloud.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_local_v4(address),
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_unicast_link_local()
                // Where Amazon and Google tell a machine its secrets.
                || address == Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)
                || address == Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)
                // Translated (NAT64) by whoever runs the network: what it stands for cannot be told.
                || matches!(address.segments(), [0x64, 0xff9b, 1, ..])
                || embedded(address).is_some_and(is_local_v4)
        }
    }
}

fn is_local_v4(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    address.is_loopback()
        || first == 0
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        // Where Alibaba Cloud and Azure tell a machine its secrets.
        || address == Ipv4Addr::new(100, 100, 100, 200)
        || address == Ipv4Addr::new(168, 63, 129, 16)
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, translated (NAT64) or tunnelled (6to4).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, _, _, _, _, _] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn get(text: &str) -> Request {
        Request {
            method: "GET".into(),
            url: url(text),
            headers: Vec::new(),
            body: Vec::new(),
            patience: Duration::from_millis(500),
        }
    }

    #[test]
    fn what_only_this_machine_may_call_is_refused_however_it_is_written() {
        for (text, wanted) in [
            ("https://oapi.dingtalk.com/robot/send?access_token=x", Ok(())),
            ("http://10.1.2.3/", Ok(())),
            ("http://192.168.1.9:8080/hook", Ok(())),
            ("http://[2001:db8::1]/", Ok(())),
            ("http://127.0.0.1/", Err(Reason::Local)),
            ("http://127.8.8.8/", Err(Reason::Local)),
            ("http://2130706433/", Err(Reason::Local)),
            ("http://0x7f.1/", Err(Reason::Local)),
            ("http://0177.0.0.1/", Err(Reason::Local)),
            ("http://0.0.0.0/", Err(Reason::Local)),
            ("http://localhost:3306/", Err(Reason::Local)),
            ("http://LOCALHOST./", Err(Reason::Local)),
            ("http://a.localhost/", Err(Reason::Local)),
            ("http://169.254.169.254/latest/meta-data", Err(Reason::Local)),
            ("http://100.100.100.200/latest/meta-data", Err(Reason::Local)),
            ("http://255.255.255.255/", Err(Reason::Local)),
            ("http://224.0.0.1/", Err(Reason::Local)),
            ("http://[::1]/", Err(Reason::Local)),
            ("http://[::]/", Err(Reason::Local)),
            ("http://[fe80::1]/", Err(Reason::Local)),
            ("http://[ff02::1]/", Err(Reason::Local)),
            ("http://[::ffff:127.0.0.1]/", Err(Reason::Local)),
            ("http://[::ffff:a9fe:a9fe]/", Err(Reason::Local)),
            ("http://[::127.0.0.1]/", Err(Reason::Local)),
            ("http://[64:ff9b::7f00:1]/", Err(Reason::Local)),
            ("http://[2002:7f00:1::]/", Err(Reason::Local)),
            ("http://[64:ff9b:1::7f00:1]/", Err(Reason::Local)),
            ("http://[64:ff9b:1:7f00:1::]/", Err(Reason::Local)),
            ("http://[fd00:ec2::254]/", Err(Reason::Local)),
            ("http://[fd20:ce::254]/", Err(Reason::Local)),
            ("http://168.63.129.16/machine", Err(Reason::Local)),
            ("http://[::ffff:168.63.129.16]/", Err(Reason::Local)),
            ("http://user:secret@example.com/", Err(Reason::Host)),
            ("file:///etc/passwd", Err(Reason::Scheme)),
            ("ftp://example.com/", Err(Reason::Scheme)),
            ("gopher://example.com/", Err(Reason::Scheme)),
        ] {
            assert_eq!(check(&url(text), false), wanted, "{text}");
        }
        assert_eq!(check(&url("http://127.0.0.1/"), true), Ok(()));
        assert_eq!(check(&url("file:///etc/passwd"), true), Err(Reason::Scheme));
    }

    #[test]
    fn a_connection_leaves_time_for_the_answer() {
        for (patience, wanted) in [(0, 500), (1, 500), (5, 2_500), (15, 7_500), (20, 10_000), (600, 10_000)] {
            assert_eq!(connect_time(Duration::from_secs(patience)), Duration::from_millis(wanted));
        }
    }

    #[actix_web::test]
    async fn a_name_that_leads_home_is_refused_when_it_is_looked_up() {
        // The form cannot know where a name leads: the guard of the connection does.
        let name: Name = "localhost".parse().unwrap();
        let refused = Guard { allow_local: false }.resolve(name).await.err().unwrap();
        assert_eq!(refused.downcast_ref::<Reason>(), Some(&Reason::Local));
        let name: Name = "localhost".parse().unwrap();
        assert!(Guard { allow_local: true }.resolve(name).await.is_ok());
    }

    /// A server for one request; what it does with the connection is up to the test.
    fn serve_once(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let _ = stream.write_all(answer);
        });
        format!("http://{address}/")
    }

    #[actix_web::test]
    async fn an_answer_is_read_and_no_redirect_is_followed() {
        let outbound = Outbound::new(true);
        let page = serve_once(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\xe4\xbd\xa0\xe5\xa5\xbd");
        let answer = outbound.send(get(&page)).await.unwrap();
        assert_eq!(answer, Answer { status: 200, body: "你好".into(), end: End::Whole });
        let moved = serve_once(
            b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        );
        assert_eq!(outbound.send(get(&moved)).await.unwrap().status, 302);
    }

    #[actix_web::test]
    async fn an_answer_says_whether_all_of_it_was_read() {
        let outbound = Outbound::new(true);
        for (answer, most, wanted) in [
            (&b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd"[..], 4, ("abcd", End::Whole)),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd", 3, ("abc", End::Cut)),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcd", 9, ("abcd", End::Broken)),
        ] {
            let found = outbound.fetch(get(&serve_once(answer)), most).await.unwrap();
            assert_eq!((found.body.as_str(), found.end), wanted);
        }
    }

    #[actix_web::test]
    async fn who_was_not_reached_is_told_from_who_did_not_answer() {
        let outbound = Outbound::new(true);
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let fault = outbound.send(get(&format!("http://{closed}/?key=secret"))).await.unwrap_err();
        assert!(matches!(&fault, Fault::Unreached(_)), "{fault:?}");
        assert!(!fault.to_string().contains("secret"), "{fault}");
        let dropped = serve_once(b"");
        let fault = outbound.send(get(&dropped)).await.unwrap_err();
        assert!(matches!(&fault, Fault::Unanswered(_)), "{fault:?}");
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let fault =
            outbound.send(get(&format!("http://{}/", silent.local_addr().unwrap()))).await.unwrap_err();
        assert!(matches!(&fault, Fault::Unanswered(_)), "{fault:?}");
        let fault = Outbound::new(false).send(get("http://127.0.0.1:9/")).await.unwrap_err();
        assert_eq!(fault, Fault::Forbidden(Reason::Local));
    }

    #[actix_web::test]
    async fn a_header_that_would_break_out_is_none() {
        let request = Request {
            headers: vec![("x-name".into(), "a\r\nhost: evil".into())],
            ..get("http://127.0.0.1:9/")
        };
        let fault = Outbound::new(true).send(request).await.unwrap_err();
        assert_eq!(fault, Fault::Forbidden(Reason::Malformed));
    }
}
