//! The two descriptions of the API.

use actix_web::http::Method;
use askama::Template;

use crate::db::rate::PER_MINUTE;
use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::openapi::{self, ApiDoc, BodyField};
use crate::web::routes::RouteInfo;
use crate::web::ui::{Ui, filters};
use crate::web::{Ctx, Page, Response, api};

/// Where all endpoints stand.
const PREFIX: &str = "/api/v1";

/// A parameter of an endpoint, in its path, its query string or its headers.
struct ParameterLine {
    name: String,
    place: &'static str,
    kind: &'static str,
    about: &'static str,
}

/// An endpoint.
struct Endpoint {
    method: String,
    class: String,
    path: &'static str,
    summary: &'static str,
    permissions: Vec<Permission>,
    parameters: Vec<ParameterLine>,
    body: Vec<BodyField>,
    example: String,
}

/// The endpoints of a resource.
struct Group {
    code: String,
    label: String,
    endpoints: Vec<Endpoint>,
}

#[derive(Template)]
#[template(path = "api_docs/index.html")]
struct IndexView {
    ui: Ui,
    groups: Vec<Group>,
    base: String,
    per_minute: u32,
}

/// The OpenAPI document.
pub async fn document(ctx: Ctx) -> Response {
    api::ok(&openapi::document(ctx.state.routes(), ctx.t, ctx.state.config.base_url.as_str()))
}

/// The page.
pub async fn index(ctx: Ctx) -> Response {
    let base = ctx.state.config.base_url.as_str().trim_end_matches('/').to_owned();
    let view = IndexView {
        groups: groups(ctx.state.routes(), ctx.t, &base),
        per_minute: PER_MINUTE,
        base,
        ui: ctx.ui(),
    };
    Page::new(&ctx, ctx.t.api_title(), &view).respond()
}

fn groups(table: &[RouteInfo], t: Tr, base: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (info, doc) in openapi::described(table) {
        let code = short(info.path).split('/').nth(1).unwrap_or_default();
        let endpoint = Endpoint::new(info, doc, t, base);
        match groups.iter_mut().find(|group| group.code == code) {
            Some(group) => group.endpoints.push(endpoint),
            None => groups.push(Group {
                label: t.label("api_group", code),
                code: code.to_owned(),
                endpoints: vec![endpoint],
            }),
        }
    }
    groups
}

/// The path below [`PREFIX`].
fn short(path: &'static str) -> &'static str {
    path.strip_prefix(PREFIX).unwrap_or(path)
}

impl Endpoint {
    fn new(info: &RouteInfo, doc: &ApiDoc, t: Tr, base: &str) -> Endpoint {
        let body = doc.body_fields();
        Endpoint {
            method: info.method.to_string(),
            class: format!("is-{}", info.method.as_str().to_ascii_lowercase()),
            path: short(info.path),
            summary: (doc.summary)(t),
            permissions: info.access.permissions().to_vec(),
            parameters: parameters(info, doc, t),
            example: example(info, doc, &body, base),
            body,
        }
    }
}

fn parameters(info: &RouteInfo, doc: &ApiDoc, t: Tr) -> Vec<ParameterLine> {
    let in_path = openapi::path_parameters(info.path).map(|name| ParameterLine {
        name: name.to_owned(),
        place: t.api_in_path(),
        kind: if doc.named.is_some() { "string" } else { "integer" },
        about: doc.named.map_or(t.api_path_id(), |named| (named.about)(t)),
    });
    let in_query = doc.parameters.iter().map(|parameter| ParameterLine {
        name: parameter.name.to_owned(),
        place: t.api_in_query(),
        kind: "string",
        about: (parameter.about)(t),
    });
    let in_header = (info.method == Method::POST).then(|| ParameterLine {
        name: "Idempotency-Key".to_owned(),
        place: t.api_in_header(),
        kind: "string",
        about: t.api_idempotency_key(),
    });
    in_path.chain(in_query).chain(in_header).collect()
}

/// A call of the endpoint on the command line.
fn example(info: &RouteInfo, doc: &ApiDoc, body: &[BodyField], base: &str) -> String {
    let record = doc.named.map_or("1", |named| named.example);
    let path: String = info
        .path
        .split('/')
        .map(|segment| if segment.starts_with('{') { record } else { segment })
        .collect::<Vec<_>>()
        .join("/");
    let mut lines = vec!["curl -H \"Authorization: Bearer $OPCMS_TOKEN\"".to_owned()];
    if info.method != Method::GET {
        lines.push(format!("-X {}", info.method));
    }
    if info.method == Method::POST {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    if info.takes_upload {
        lines.extend(body.iter().map(|field| match field.kind.as_str() {
            _ if field.name == "file" => "-F \"file=@contract.pdf\"".to_owned(),
            "integer" => format!("-F \"{}=1\"", field.name),
            _ => format!("-F \"{}=…\"", field.name),
        }));
    } else if !body.is_empty() {
        lines.push("-H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("-d '{}'", body_example(body)));
    }
    lines.push(format!("\"{base}{path}\""));
    lines.join(" \\\n  ")
}

fn body_example(body: &[BodyField]) -> String {
    let value = |kind: &str| match kind.split(" | ").next().unwrap_or_default() {
        "integer" | "number" => "1",
        "boolean" => "true",
        "string[]" => "[\"…\"]",
        kind if kind.ends_with("[]") => "[]",
        "object" => "{}",
        _ => "\"…\"",
    };
    let fields: Vec<String> =
        body.iter().map(|field| format!("\"{}\": {}", field.name, value(&field.kind))).collect();
    format!("{{{}}}", fields.join(", "))
}
