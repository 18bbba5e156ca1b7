//! The configuration: read once, from the environment and `.env`, checked as a whole, then only passed along.
//!
//! `.env.example` documents every variable. The environment wins over `.env`; an empty value counts as unset.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

/// The fewest characters of the installation's secret.
pub const SECRET_LEAST: usize = 32;

/// Everything that is fixed while the process runs.
#[derive(Clone)]
pub struct Config {
    /// The database to use; `None` for the embedded one.
    pub database_url: Option<String>,
    /// Where the embedded database, the secret and files live.
    pub data_dir: PathBuf,
    /// The address to listen at.
    pub listen: SocketAddr,
    /// How the product is reached from outside; links in mails start with it, and `https` turns on secure cookies.
    pub base_url: Url,
    /// The secret given by the operator; `None` to make one and keep it in the data directory.
    pub secret: Option<String>,
    /// The server that takes outgoing mail.
    pub smtp_url: Option<Url>,
    /// Where files are kept.
    pub files: FilesAt,
    /// Where the fonts of documents are; `None` for where systems have them.
    pub fonts: Option<PathBuf>,
    /// The filter of the log, in the syntax of `tracing`.
    pub log: String,
    /// Whether the log is written as JSON.
    pub log_json: bool,
    /// How many connections to the database are kept at most.
    pub db_pool: u32,
    /// How many threads serve requests.
    pub workers: usize,
    /// How many passwords are hashed at the same time.
    pub password_hashers: usize,
    /// How many background tasks this process works at, at the same time; 0 for none.
    pub task_workers: u32,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The largest upload, in bytes.
    pub max_upload: usize,
    /// Whether robots and jobs may call this machine itself: for development and tests.
    pub allow_local_requests: bool,
}

/// Where files are kept.
#[derive(Clone)]
pub enum FilesAt {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket of S3, or of what speaks like it.
    Bucket(Bucket),
}

/// A bucket, and the key that opens it.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What the names of our objects begin with; blank for nothing.
    pub prefix: String,
    /// Where it is.
    pub region: String,
    /// The server, where it is not that of AWS.
    pub endpoint: Option<Url>,
    /// The key.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
}

/// What is wrong with the configuration: one sentence per variable.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(Vec<String>);

/// Without the secret and without the URLs, which may hold passwords: no log prints them by accident.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("data_dir", &self.data_dir)
            .field("listen", &self.listen)
            .field("base_url", &self.base_url.as_str())
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Reads the environment and `.env` of the current directory.
    ///
    /// # Errors
    /// Names every variable whose value cannot be used, and what it should look like.
    pub fn from_env() -> Result<Config, ConfigError> {
        let file: HashMap<String, String> = match dotenvy::dotenv_iter() {
            Ok(lines) => lines
                .collect::<Result<_, _>>()
                .map_err(|fault| ConfigError(vec![format!("The file .env cannot be read: {fault}.")]))?,
            Err(fault) if fault.not_found() => HashMap::new(),
            Err(fault) => return Err(ConfigError(vec![format!("The file .env cannot be read: {fault}.")])),
        };
        Config::from(|name| environment(name).or_else(|| file.get(name).cloned()))
    }

    /// Reads the variables through `lookup`.
    pub fn from(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let mut read = Reader { lookup, faults: Vec::new() };
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let listen = read.parsed(
            "OPCMS_LISTEN",
            "an address and port such as 127.0.0.1:8080",
            ([127, 0, 0, 1], 8080).into(),
        );
        let data_dir: PathBuf = read.text("OPCMS_DATA_DIR").unwrap_or_else(|| "./data".into()).into();
        let config = Config {
            database_url: read.database_url(),
            files: read.files(&data_dir),
            fonts: read.text("OPCMS_FONTS").map(PathBuf::from),
            data_dir,
            listen,
            secret: read.secret(),
            smtp_url: read.url("OPCMS_SMTP_URL", &["smtp", "smtps"]),
            log: read.text("OPCMS_LOG").unwrap_or_else(|| "info".into()),
            log_json: read.parsed("OPCMS_LOG_JSON", "true or false", false),
            db_pool: read.between("OPCMS_DB_POOL", 2, 500, 16),
            workers: read.between("OPCMS_WORKERS", 1, 256, cores),
            password_hashers: read.between("OPCMS_PASSWORD_HASHERS", 1, 64, cores),
            task_workers: read.between("OPCMS_TASK_WORKERS", 0, 64, u32::try_from(cores).unwrap_or(2)),
            trusted_proxies: read.networks("OPCMS_TRUSTED_PROXIES"),
            max_upload: read.between::<usize>("OPCMS_MAX_UPLOAD_MB", 1, 2048, 50) * 1024 * 1024,
            allow_local_requests: read.parsed("OPCMS_ALLOW_LOCAL_REQUESTS", "true or false", false),
            // The last one, because without it there is no configuration, and all faults are told at once.
            base_url: match read.base_url(listen) {
                Some(base_url) => base_url,
                None => return Err(ConfigError(read.faults)),
            },
        };
        if read.faults.is_empty() { Ok(config) } else { Err(ConfigError(read.faults)) }
    }

    /// Whether the product is reached over TLS, so that cookies are marked secure and HSTS is sent.
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

struct Reader<F> {
    lookup: F,
    faults: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn parsed<T: std::str::FromStr>(&mut self, name: &str, wanted: &str, default: T) -> T {
        let Some(text) = self.text(name) else { return default };
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("{name} is {text:?}, but must be {wanted}."));
            default
        })
    }

    fn between<T>(&mut self, name: &str, least: T, most: T, default: T) -> T
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let wanted = format!("a whole number from {least} to {most}");
        let value = self.parsed(name, &wanted, default);
        if (least..=most).contains(&value) {
            return value;
        }
        self.faults.push(format!("{name} is {value}, but must be {wanted}."));
        default
    }

    fn url(&mut self, name: &str, schemes: &[&str]) -> Option<Url> {
        let text = self.text(name)?;
        match Url::parse(&text) {
            Ok(url) if schemes.contains(&url.scheme()) => Some(url),
            // The value may hold a password: it is not repeated.
            _ => {
                self.faults
                    .push(format!("{name} must be a URL that starts with {}://.", schemes.join(":// or ")));
                None
            }
        }
    }

    fn database_url(&mut self) -> Option<String> {
        let url = self.url("DATABASE_URL", &["mysql", "mariadb"])?;
        if url.path().trim_matches('/').is_empty() {
            self.faults
                .push("DATABASE_URL names no database: write mysql://user:password@host:3306/opcms.".into());
        }
        let text = url.as_str();
        Some(text.strip_prefix("mariadb").map_or_else(|| text.to_owned(), |rest| format!("mysql{rest}")))
    }

    fn base_url(&mut self, listen: SocketAddr) -> Option<Url> {
        let own = format!("http://{listen}");
        let text = self.text("OPCMS_BASE_URL").unwrap_or_else(|| own.clone());
        match Url::parse(&text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && matches!(url.path(), "" | "/") => {
                Some(url)
            }
            _ => {
                self.faults.push(format!(
                    "OPCMS_BASE_URL is {text:?}, but must be http:// or https:// with a host and no path."
                ));
                None
            }
        }
    }

    fn secret(&mut self) -> Option<String> {
        let secret = self.text("OPCMS_SECRET")?;
        if secret.len() < SECRET_LEAST {
            self.faults
                .push(format!("OPCMS_SECRET is too short: use at least {SECRET_LEAST} random characters."));
        }
        Some(secret)
    }

    fn files(&mut self, data_dir: &Path) -> FilesAt {
        let usual = FilesAt::Folder(data_dir.join("files"));
        let Some(url) = self.url("OPCMS_FILES_URL", &["file", "s3"]) else { return usual };
        if url.scheme() == "s3" {
            return self.bucket(&url).map_or(usual, FilesAt::Bucket);
        }
        if let Ok(folder) = url.to_file_path() {
            return FilesAt::Folder(folder);
        }
        self.faults.push("OPCMS_FILES_URL names no folder: write file:///var/lib/opcms/files.".into());
        usual
    }

    /// Region and endpoint stand in the query of the URL; the key has variables of its own.
    fn bucket(&mut self, url: &Url) -> Option<Bucket> {
        let told = self.faults.len();
        let name = url.host_str().unwrap_or_default().to_owned();
        if name.is_empty() || !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
            self.faults.push(
                "OPCMS_FILES_URL must name a bucket and nothing else before the path: write s3://bucket/prefix.".into(),
            );
        }
        let (mut region, mut endpoint) = ("us-east-1".to_owned(), None);
        for (parameter, value) in url.query_pairs() {
            match (parameter.as_ref(), Url::parse(&value)) {
                ("region", _) if !value.is_empty() => region = value.into_owned(),
                ("endpoint", Ok(server)) if ["http", "https"].contains(&server.scheme()) => endpoint = Some(server),
                ("endpoint", _) => {
                    self.faults.push("The endpoint in OPCMS_FILES_URL must be http:// or https:// with a host.".into());
                }
                _ => self.faults.push(
                    "OPCMS_FILES_URL takes the parameters region and endpoint, each with a value, and no other.".into(),
                ),
            }
        }
        let (id, secret) = (self.text("OPCMS_S3_ACCESS_KEY_ID"), self.text("OPCMS_S3_SECRET_ACCESS_KEY"));
        let (Some(access_key_id), Some(secret_access_key)) = (id, secret) else {
            self.faults.push(
                "OPCMS_FILES_URL names a bucket: OPCMS_S3_ACCESS_KEY_ID and OPCMS_S3_SECRET_ACCESS_KEY must be set, too."
                    .into(),
            );
            return None;
        };
        let prefix = url.path().trim_matches('/').to_owned();
        (self.faults.len() == told).then_some(Bucket {
            name,
            prefix,
            region,
            endpoint,
            access_key_id,
            secret_access_key,
        })
    }

    fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let Some(text) = self.text(name) else { return Vec::new() };
        let mut networks = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match part.parse::<IpNet>().or_else(|_| part.parse::<std::net::IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => self.faults.push(format!(
                    "{name} holds {part:?}, which is neither an address nor a network such as 10.0.0.0/8."
                )),
            }
        }
        networks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, String> {
        let map: HashMap<_, _> = variables.iter().copied().collect();
        Config::from(|name| map.get(name).map(|value| (*value).to_owned())).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_set_gives_the_embedded_default() {
        let config = config(&[("DATABASE_URL", " ")]).unwrap();
        assert_eq!(config.database_url, None);
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.base_url.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(config.data_dir, PathBuf::from("./data"));
        assert!(!config.is_https());
    }

    #[test]
    fn every_fault_is_named_with_its_variable() {
        let faults = config(&[
            ("DATABASE_URL", "postgres://x/y"),
            ("OPCMS_LISTEN", "8080"),
            ("OPCMS_BASE_URL", "ftp://x"),
            ("OPCMS_SECRET", "short"),
            ("OPCMS_DB_POOL", "0"),
            ("OPCMS_WORKERS", "many"),
            ("OPCMS_TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
            ("OPCMS_SMTP_URL", "mail.example.com"),
            ("OPCMS_MAX_UPLOAD_MB", "-1"),
            ("OPCMS_LOG_JSON", "perhaps"),
        ])
        .unwrap_err();
        assert_eq!(faults.lines().count(), 10, "{faults}");
        for name in [
            "DATABASE_URL",
            "OPCMS_LISTEN",
            "OPCMS_BASE_URL",
            "OPCMS_SECRET",
            "OPCMS_DB_POOL",
            "OPCMS_LOG_JSON",
        ] {
            assert!(faults.contains(name), "{name}: {faults}");
        }
    }

    #[test]
    fn a_database_url_needs_a_database_and_keeps_its_password_to_itself() {
        let fault = config(&[("DATABASE_URL", "mysql://root:secret@db")]).unwrap_err();
        assert!(fault.contains("names no database") && !fault.contains("secret"));
        let mariadb = config(&[("DATABASE_URL", "mariadb://root@db/opcms")]).unwrap();
        assert_eq!(mariadb.database_url.unwrap(), "mysql://root@db/opcms");
    }

    #[test]
    fn what_is_printed_of_the_configuration_holds_no_password() {
        let secret = "a secret of more than 32 characters";
        let config = config(&[
            ("OPCMS_SECRET", secret),
            ("DATABASE_URL", "mysql://root:hunter2@db/opcms"),
            ("OPCMS_SMTP_URL", "smtp://mail:hunter2@mail.example.com"),
        ]);
        let printed = format!("{:?}", config.unwrap());
        assert!(!printed.contains(secret) && !printed.contains("hunter2"), "{printed}");
        assert!(printed.contains("127.0.0.1:8080"));
    }

    #[test]
    fn files_are_in_a_folder_or_in_a_bucket() {
        let folder = |variables: &[(&str, &str)]| match config(variables).unwrap().files {
            FilesAt::Folder(folder) => folder.to_string_lossy().into_owned(),
            FilesAt::Bucket(bucket) => panic!("a bucket: {}", bucket.name),
        };
        assert_eq!(folder(&[]), "./data/files");
        assert_eq!(folder(&[("OPCMS_DATA_DIR", "/srv")]), "/srv/files");
        assert_eq!(folder(&[("OPCMS_FILES_URL", "file:///var/lib/a%20b")]), "/var/lib/a b");
        let key = [("OPCMS_S3_ACCESS_KEY_ID", "id"), ("OPCMS_S3_SECRET_ACCESS_KEY", "hunter2")];
        let at = |url: &'static str| {
            let mut variables = vec![("OPCMS_FILES_URL", url)];
            variables.extend(key);
            config(&variables)
        };
        let FilesAt::Bucket(bucket) =
            at("s3://bucket/a/b/?region=cn-north-1&endpoint=http://127.0.0.1:9000").unwrap().files
        else {
            panic!("a folder")
        };
        assert_eq!((bucket.name.as_str(), bucket.prefix.as_str()), ("bucket", "a/b"));
        assert_eq!((bucket.region.as_str(), bucket.endpoint.unwrap().port()), ("cn-north-1", Some(9000)));
        assert!(config(&[("OPCMS_FILES_URL", "s3://bucket")]).unwrap_err().contains("must be set, too"));
        for url in [
            "s3://",
            "s3://id:hunter2@bucket",
            "s3://bucket?endpoint=ftp://x",
            "s3://bucket?reigon=x",
            "ftp://x",
            "file://host/x",
        ] {
            let fault = at(url).map(|_| ()).unwrap_err();
            assert!(fault.contains("OPCMS_FILES_URL") && !fault.contains("hunter2"), "{url}: {fault}");
            assert_eq!(fault.lines().count(), 1, "{url}: {fault}");
        }
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let config = config(&[("OPCMS_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,::1")]).unwrap();
        assert_eq!(config.trusted_proxies.len(), 3);
    }
}
