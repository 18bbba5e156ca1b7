//! Sends tables as files, streamed from the temporary file that [`crate::sheets::write`] made.

use std::fs::File;
use std::io::Read as _;

use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::web::{self, Bytes};
use futures_util::stream;

use crate::types::Result;

pub use crate::sheets::write::{Cell, Finished, Format, Table, neutral};

use super::Response;

/// Sends a PDF under a name.
pub fn pdf(content: Vec<u8>, name: &str) -> Response {
    Response::Ok().content_type("application/pdf").insert_header(attachment(name.to_owned())).body(content)
}

fn attachment(name: String) -> ContentDisposition {
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    }
}

impl Finished {
    /// Sends the file under a name without its ending.
    pub fn respond(self, name: &str) -> Response {
        let kind = match self.format {
            Format::Csv => "text/csv; charset=utf-8",
            Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Format::Json => "application/json",
        };
        let disposition = attachment(format!("{name}.{}", self.format));
        Response::Ok().content_type(kind).insert_header(disposition).streaming(pieces(self.file))
    }
}

/// The file in pieces, each read on a thread that may block.
fn pieces(file: File) -> impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold(file, |mut file| async move {
        let read = web::block(move || {
            let mut piece = vec![0_u8; 64 * 1024];
            let length = file.read(&mut piece)?;
            piece.truncate(length);
            Ok::<_, std::io::Error>((piece, file))
        })
        .await??;
        let (piece, file) = read;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}
