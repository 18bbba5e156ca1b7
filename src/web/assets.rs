//! Static files: embedded in the binary, addressed by the hash of their content, kept by browsers for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;

use super::{Response, secret};

#[derive(RustEmbed)]
#[folder = "static/"]
#[exclude = "*.md"]
#[exclude = "*LICENSE*"]
struct Files;

struct Asset {
    hash: String,
    kind: String,
    plain: Bytes,
    gzip: Option<Bytes>,
}

static ASSETS: LazyLock<HashMap<String, Asset>> =
    LazyLock::new(|| Files::iter().filter_map(|path| Some((path.to_string(), load(&path)?))).collect());

fn load(path: &str) -> Option<Asset> {
    let file = Files::get(path)?;
    let hash = secret::sha256_of(&file.data).chars().take(16).collect();
    let kind = file.metadata.mimetype();
    let charset = if kind.starts_with("text/") { "; charset=utf-8" } else { "" };
    let plain = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some(Asset { hash, kind: format!("{kind}{charset}"), gzip: compress(&plain), plain })
}

fn compress(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(9));
    encoder.write_all(plain).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < plain.len()).then(|| Bytes::from(packed))
}

/// The URL of a static file, as in `url("css/app.css")`.
pub fn url(path: &str) -> String {
    match ASSETS.get(path) {
        Some(asset) => format!("/static/{path}?{}", asset.hash),
        None => format!("/static/{path}"),
    }
}

/// Serves a static file.
pub async fn serve(request: HttpRequest, path: web::Path<String>) -> Response {
    let Some(asset) = ASSETS.get(path.as_str()) else { return Response::NotFound().finish() };
    let named = request.query_string() == asset.hash;
    let mut response = Response::Ok();
    response.content_type(asset.kind.as_str());
    response.insert_header((
        header::CACHE_CONTROL,
        if named { "public, max-age=31536000, immutable" } else { "public, max-age=300" },
    ));
    response.insert_header((header::VARY, "Accept-Encoding"));
    let accepts = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    match &asset.gzip {
        Some(packed) if accepts.is_some_and(|codings| codings.contains("gzip")) => {
            response.insert_header((header::CONTENT_ENCODING, "gzip"));
            response.body(packed.clone())
        }
        _ => response.body(asset.plain.clone()),
    }
}

/// Packs all files, so that the first request does not wait for it.
pub fn prepare() -> usize {
    ASSETS.len()
}
