//! The store of objects: the bytes of all files, by key, in a folder or in a bucket.
//!
//! Nothing is ever held in memory as a whole. What comes in goes through a short channel to a task of the store's own
//! threads, which hashes it and writes it piece by piece; whoever sends may be a request or a blocking thread. A key is
//! written once and never again. What is not ended is dropped: a writer that goes away leaves nothing behind.

use std::fs::File;
use std::io::{Read as _, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetResultPayload, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig,
};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::config::{Bucket, Config, FilesAt};
use crate::i18n::{Message, Tr};
use crate::types::{Error, Result};
use crate::web::secret::random_text;

use super::writing::Writing;

/// How much is read at once.
const PIECE: usize = 256 * 1024;
/// How many objects are asked about at the same time.
const AT_ONCE: usize = 16;

/// The store.
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    folder: Option<PathBuf>,
    threads: Threads,
}

/// The threads of the store: they outlive any request, and end with the process however it ends.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// An object that is being read.
pub struct Reading {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes in pieces.
    pub pieces: BoxStream<'static, std::io::Result<Bytes>>,
}

impl Store {
    /// Opens the store of the configuration, and tries whether it can be written.
    ///
    /// # Errors
    /// One sentence for the operator: which variable, and what is wrong with it.
    pub fn open(config: &Config) -> anyhow::Result<Store> {
        let threads = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("files")
            .enable_all()
            .build()
            .context("The threads of the store of files cannot be started")?;
        let (objects, prefix, folder): (Arc<dyn ObjectStore>, _, _) = match &config.files {
            FilesAt::Folder(folder) => (
                Arc::new(open_folder(folder).map_err(|fault| unusable(&config.files, &fault))?),
                "",
                Some(folder),
            ),
            FilesAt::Bucket(bucket) => (
                Arc::new(open_bucket(bucket).map_err(|fault| unusable(&config.files, &fault))?),
                bucket.prefix.as_str(),
                None,
            ),
        };
        let store = Store {
            objects,
            prefix: Path::parse(prefix).context("The prefix in OPCMS_FILES_URL cannot be used")?,
            folder: folder.cloned(),
            threads: Threads(Some(threads)),
        };
        store.try_out().map_err(|fault| unusable(&config.files, &fault.into()))?;
        Ok(store)
    }

    /// A key that no object has.
    pub fn new_key() -> String {
        let random = random_text(24).to_ascii_lowercase();
        let (folder, _) = random.split_at_checked(2).unwrap_or_default();
        format!("{folder}/{random}")
    }

    /// Begins to write an object.
    pub fn write(&self, key: &str) -> Result<Writing> {
        Ok(Writing::begin(self.handle()?, Arc::clone(&self.objects), self.path(key)))
    }

    /// Begins to read an object; `None` when there is none.
    pub async fn read(&self, key: &str) -> Result<Option<Reading>> {
        let (objects, path, handle) = (Arc::clone(&self.objects), self.path(key), self.handle()?);
        let found = match self.run(async move { objects.get(&path).await }).await? {
            Ok(found) => found,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(fault) => return Err(failed(&fault)),
        };
        let size = found.meta.size;
        let pieces = match found.payload {
            GetResultPayload::File(file, _) => of_file(handle, file),
            GetResultPayload::Stream(pieces) => pieces.map_err(std::io::Error::other).boxed(),
        };
        Ok(Some(Reading { size, pieces }))
    }

    /// A part of an object.
    pub async fn part(&self, key: &str, range: Range<u64>) -> Result<Bytes> {
        let (objects, path) = (Arc::clone(&self.objects), self.path(key));
        self.run(async move { objects.get_range(&path, range).await }).await?.map_err(|fault| failed(&fault))
    }

    /// The size of an object; `None` when there is none.
    pub async fn size(&self, key: &str) -> Result<Option<u64>> {
        let (objects, path) = (Arc::clone(&self.objects), self.path(key));
        match self.run(async move { objects.head(&path).await }).await? {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(fault) => Err(failed(&fault)),
        }
    }

    /// The sizes of many objects, for a thread that may block.
    pub fn sizes(&self, keys: Vec<String>) -> Result<Vec<Option<u64>>> {
        let sizes = stream::iter(keys).map(|key| async move { self.size(&key).await }).buffered(AT_ONCE);
        self.handle()?.block_on(sizes.try_collect())
    }

    /// Removes an object. In a folder also what a writer that was killed has left of it; parts that one has left in a
    /// bucket are for a rule of the bucket to clear away. That it is gone already is no fault.
    pub async fn remove(&self, key: &str) -> Result<()> {
        let (objects, path) = (Arc::clone(&self.objects), self.path(key));
        let left = self.folder.as_ref().map(|folder| folder.join(format!("{key}#1")));
        let removed = self
            .run(async move {
                if let Some(left) = left {
                    drop(tokio::fs::remove_file(left).await);
                }
                objects.delete(&path).await
            })
            .await?;
        match removed {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(fault) => Err(failed(&fault)),
        }
    }

    /// [`remove`](Store::remove), for a thread that may block.
    pub fn remove_blocking(&self, key: &str) -> Result<()> {
        self.handle()?.block_on(self.remove(key))
    }

    /// Copies an object into `target`, for a thread that may block; tells whether there is one.
    pub fn copy_blocking(&self, key: &str, target: &mut impl Write) -> Result<bool> {
        let handle = self.handle()?;
        let Some(mut reading) = handle.block_on(self.read(key))? else { return Ok(false) };
        while let Some(piece) = handle.block_on(reading.pieces.next()) {
            let piece = piece.context("an object of the store cannot be read")?;
            target.write_all(&piece).context("the copy of an object cannot be written")?;
        }
        Ok(true)
    }

    /// What runs the store's tasks.
    pub(super) fn handle(&self) -> Result<Handle> {
        let runtime = self.threads.0.as_ref().map(|runtime| runtime.handle().clone());
        runtime.ok_or_else(|| Error::Internal(anyhow::anyhow!("the store of files was closed")))
    }

    /// Runs on the store's own threads: connections belong to the threads that opened them.
    async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T> {
        self.handle()?.spawn(work).await.map_err(|fault| Error::Internal(fault.into()))
    }

    fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// Writes, reads and deletes. What it writes is always the same object, so that nothing adds up; and it deletes one
    /// that never is, so that replicas which start together do not take it from each other.
    fn try_out(&self) -> object_store::Result<()> {
        let objects = Arc::clone(&self.objects);
        let (written, deleted) = (self.path(".trial"), self.path(".trial-none"));
        let trial = async move {
            objects.put(&written, PutPayload::from_static(b"opcms")).await?;
            objects.get(&written).await?.bytes().await?;
            match objects.delete(&deleted).await {
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                outcome => outcome,
            }
        };
        let Some(runtime) = self.threads.0.as_ref() else { return Ok(()) };
        // On a thread of its own, because whoever opens the store may stand within another runtime.
        let handle = runtime.handle().clone();
        let outcome = std::thread::scope(|scope| scope.spawn(move || handle.block_on(trial)).join());
        outcome.unwrap_or(Ok(()))
    }
}

/// The bytes of a file of the folder, each piece read on a thread that may block.
fn of_file(handle: Handle, file: File) -> BoxStream<'static, std::io::Result<Bytes>> {
    stream::try_unfold(file, move |mut file| {
        let reading = handle.spawn_blocking(move || {
            let mut piece = vec![0_u8; PIECE];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        });
        async move {
            let (piece, file) = reading.await.map_err(std::io::Error::other)??;
            Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
        }
    })
    .boxed()
}

fn open_folder(folder: &PathBuf) -> anyhow::Result<LocalFileSystem> {
    std::fs::create_dir_all(folder)?;
    // What was said to be stored is on the disk, whatever happens to the machine next.
    Ok(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true))
}

fn open_bucket(bucket: &Bucket) -> anyhow::Result<AmazonS3> {
    let client = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_read_timeout(Duration::from_secs(30))
        // A large file takes as long as it takes: what must not happen is that nothing comes any more.
        .with_timeout_disabled();
    let retry = RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(20),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.access_key_id)
        .with_secret_access_key(&bucket.secret_access_key)
        .with_client_options(client)
        .with_retry(retry);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_allow_http(endpoint.scheme() == "http");
    }
    Ok(builder.build()?)
}

/// The sentence for the operator.
fn unusable(at: &FilesAt, fault: &anyhow::Error) -> anyhow::Error {
    let fault = innermost(fault);
    match at {
        FilesAt::Folder(folder) => anyhow::anyhow!(
            "Files are to be kept in {}, but that folder cannot be written: {fault}. Set OPCMS_FILES_URL, or mend it.",
            folder.display()
        ),
        FilesAt::Bucket(bucket) => anyhow::anyhow!(
            "OPCMS_FILES_URL names the bucket {}, but it cannot be written: {fault}.",
            bucket.name
        ),
    }
}

/// What is at the bottom of a fault, in one line.
fn innermost(fault: &anyhow::Error) -> String {
    let text = fault.chain().last().map(ToString::to_string).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.').chars().take(300).collect()
}

/// What whoever asked hears of a fault of the store; the log has the cause.
pub(super) fn failed(fault: &object_store::Error) -> Error {
    tracing::error!(cause = format!("{:#}", innermost_of(fault)), "the store of files");
    Error::BadRequest(503, Message::new(Tr::files_store_fails))
}

fn innermost_of(fault: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = fault;
    let mut text = cause.to_string();
    while let Some(source) = cause.source() {
        cause = source;
        text = format!("{text}: {cause}");
    }
    text
}
