//! Stored bytes on their way to a browser or a program: in pieces, under a name in any language, and never as something
//! that a browser would run.

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::http::header::{
    self, Charset, ContentDisposition, ContentEncoding, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::web::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};

use super::{Ctx, Response};

/// What a browser may do with a file that it shows: nothing but show it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// What is sent.
pub struct Sent<'a> {
    /// The name to save it under.
    pub name: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of it, by which a browser tells whether it has it already.
    pub sha256: &'a str,
    /// Whether it is shown and not saved. Only for what runs nothing.
    pub inline: bool,
}

impl Sent<'_> {
    /// Whether only what is said about the bytes is asked for.
    pub fn is_head(ctx: &Ctx) -> bool {
        ctx.request.method() == Method::HEAD
    }

    /// That the caller has it already, if so.
    pub fn unchanged(&self, ctx: &Ctx) -> Option<Response> {
        let own = self.tag();
        let has = ctx
            .header("if-none-match")?
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == own || tag == "*");
        has.then(|| {
            let mut response = Response::NotModified();
            response
                .insert_header((header::ETAG, own))
                .insert_header((header::CACHE_CONTROL, "private, no-cache"));
            response.finish()
        })
    }

    /// The answer with these bytes.
    pub fn respond(&self, pieces: impl Stream<Item = std::io::Result<Bytes>> + 'static) -> Response {
        let name = self.name.to_owned();
        let pieces = pieces.inspect(move |piece| {
            if let Err(fault) = piece {
                tracing::error!(name, %fault, "a file broke off on its way out");
            }
        });
        let mut response = Response::Ok();
        response
            .content_type(self.media_type)
            .insert_header(self.disposition())
            .insert_header((header::ETAG, self.tag()))
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
            // As it is stored: its length is told, and most of it is compressed already.
            .insert_header(ContentEncoding::Identity);
        response.body(SizedStream::new(self.size, pieces))
    }

    /// The answer without the bytes.
    pub fn head(&self) -> Response {
        self.respond(stream::empty())
    }

    fn tag(&self) -> String {
        format!("\"{}\"", self.sha256)
    }

    /// The name in plain letters for old programs, and as it is for all others (RFC 6266).
    fn disposition(&self) -> ContentDisposition {
        let plain = self
            .name
            .chars()
            .map(|c| if c.is_ascii_graphic() && !"\"\\%;".contains(c) || c == ' ' { c } else { '_' });
        let real = ExtendedValue {
            charset: Charset::Ext("UTF-8".into()),
            language_tag: None,
            value: self.name.as_bytes().to_vec(),
        };
        ContentDisposition {
            disposition: if self.inline { DispositionType::Inline } else { DispositionType::Attachment },
            parameters: vec![
                DispositionParam::Filename(plain.collect()),
                DispositionParam::FilenameExt(real),
            ],
        }
    }
}
