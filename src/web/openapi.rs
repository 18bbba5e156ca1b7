//! The description of the API, made from the route table: an `OpenAPI` 3.1 document for machines, a page for people.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::i18n::Tr;

use super::routes::{Access, Door, RouteInfo};

/// A parameter of the query string.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub about: fn(Tr) -> &'static str,
}

/// The parameters of every list that has pages.
pub const PAGING: &[Parameter] = &[
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// A type of the wire, by the functions that describe it.
#[derive(Debug, Clone, Copy)]
struct Wire {
    name: fn() -> Cow<'static, str>,
    schema: fn() -> RefOr<Schema>,
    nested: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Wire {
    fn of<T: ToSchema>() -> Wire {
        Wire { name: T::name, schema: <T as PartialSchema>::schema, nested: T::schemas }
    }
}

/// How a record is named in a path by a text.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// What the text is.
    pub about: fn(Tr) -> &'static str,
    /// One such text.
    pub example: &'static str,
}

/// What the document says of a route.
#[derive(Debug, Clone, Copy)]
pub struct ApiDoc {
    /// What the route does, in a few words.
    pub summary: fn(Tr) -> &'static str,
    /// The parameters of its query string.
    pub parameters: &'static [Parameter],
    /// How the record in the path is named, where it is not by a number.
    pub named: Option<Named>,
    request: Option<Wire>,
    response: Option<Wire>,
    status: u16,
    sends_a_file: bool,
}

impl ApiDoc {
    /// A route that answers with `T`.
    pub fn answers<T: ToSchema>(summary: fn(Tr) -> &'static str) -> ApiDoc {
        ApiDoc { response: Some(Wire::of::<T>()), status: 200, ..ApiDoc::silent(summary) }
    }

    /// A route that answers with nothing.
    pub fn silent(summary: fn(Tr) -> &'static str) -> ApiDoc {
        ApiDoc {
            summary,
            parameters: &[],
            named: None,
            request: None,
            response: None,
            status: 204,
            sends_a_file: false,
        }
    }

    /// A route that answers with the bytes of a file.
    pub fn sends_a_file(summary: fn(Tr) -> &'static str) -> ApiDoc {
        ApiDoc { status: 200, sends_a_file: true, ..ApiDoc::silent(summary) }
    }

    /// That takes a body.
    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> ApiDoc {
        self.request = Some(Wire::of::<T>());
        self
    }

    /// That takes parameters.
    #[must_use]
    pub fn with(mut self, parameters: &'static [Parameter]) -> ApiDoc {
        self.parameters = parameters;
        self
    }

    /// Whose record is named in the path by a text.
    #[must_use]
    pub fn named(mut self, named: Named) -> ApiDoc {
        self.named = Some(named);
        self
    }

    /// That creates something: 201.
    #[must_use]
    pub fn creates(mut self) -> ApiDoc {
        self.status = 201;
        self
    }

    /// The fields of the body it takes: name, type, whether it must be there, and what it is.
    pub fn body_fields(&self) -> Vec<BodyField> {
        let Some(wire) = self.request else { return Vec::new() };
        let schema = serde_json::to_value((wire.schema)()).unwrap_or_default();
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        properties
            .iter()
            .map(|(name, property)| BodyField {
                name: name.clone(),
                kind: kind(property),
                required: required.contains(&name.as_str()),
            })
            .collect()
    }
}

/// A field of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
}

fn kind(property: &Value) -> String {
    match property.get("type") {
        Some(Value::String(kind)) if kind == "array" => {
            format!("{}[]", property.get("items").map_or_else(String::new, kind_of_items))
        }
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "object".to_owned(),
    }
}

fn kind_of_items(items: &Value) -> String {
    items.get("type").and_then(Value::as_str).unwrap_or("object").to_owned()
}

/// The routes of the API that are described.
pub fn described(table: &[RouteInfo]) -> impl Iterator<Item = (&RouteInfo, &ApiDoc)> {
    table.iter().filter(|info| info.door == Door::Api).filter_map(|info| Some((info, info.doc.as_ref()?)))
}

/// The names of the parameters in a path.
pub fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// The document.
pub fn document(table: &[RouteInfo], t: Tr, server: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    for (info, doc) in described(table) {
        for wire in [doc.request, doc.response].into_iter().flatten() {
            (wire.nested)(&mut schemas);
            schemas.push(((wire.name)().into_owned(), (wire.schema)()));
        }
        let entry = paths.entry(info.path).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(info.method.as_str().to_ascii_lowercase(), operation(info, doc, t));
        }
    }
    let mut components: Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect();
    components.insert("Problem".into(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "OP-CMS", "version": env!("CARGO_PKG_VERSION"), "description": t.api_about()},
        "servers": [{"url": server.trim_end_matches('/')}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": components,
        },
    })
}

fn operation(info: &RouteInfo, doc: &ApiDoc, t: Tr) -> Value {
    let in_path = path_parameters(info.path)
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": path_schema(doc)}));
    let in_query = doc.parameters.iter().map(|parameter| {
        json!({"name": parameter.name, "in": "query", "required": false,
               "description": (parameter.about)(t), "schema": {"type": "string"}})
    });
    let mut parameters: Vec<Value> = in_path.chain(in_query).collect();
    if info.method == actix_web::http::Method::POST {
        parameters.push(json!({"name": "Idempotency-Key", "in": "header", "required": false,
            "description": t.api_idempotency_key(), "schema": {"type": "string", "maxLength": 255}}));
    }
    let content = |wire: Wire| json!({"application/json": {"schema": reference(wire)}});
    let answer = match doc.response {
        Some(wire) => json!({"description": (doc.summary)(t), "content": content(wire)}),
        None if doc.sends_a_file => json!({"description": (doc.summary)(t),
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}),
        None => json!({"description": (doc.summary)(t)}),
    };
    let problem = json!({"description": t.api_problem(),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    let mut responses = Map::new();
    responses.insert(doc.status.to_string(), answer);
    responses.insert("default".into(), problem);
    let mut operation = json!({
        "operationId": operation_id(info),
        "summary": (doc.summary)(t),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(object) = operation.as_object_mut() {
        if let Some(wire) = doc.request {
            let kind = if info.takes_upload { "multipart/form-data" } else { "application/json" };
            let content = json!({kind: {"schema": reference(wire)}});
            object.insert("requestBody".into(), json!({"required": true, "content": content}));
        }
        match info.access.permissions() {
            [] => {}
            [permission] => {
                object.insert("x-permission".into(), json!(permission));
            }
            any => {
                object.insert("x-permission".into(), json!(any));
            }
        }
        if info.access == Access::Public {
            object.insert("security".into(), json!([]));
        }
    }
    operation
}

/// A record is named by its number, or by a text.
fn path_schema(doc: &ApiDoc) -> Value {
    if doc.named.is_some() { json!({"type": "string"}) } else { json!({"type": "integer", "minimum": 1}) }
}

/// As in `post_users_user_disable`: the method and the path below the version of the API.
fn operation_id(info: &RouteInfo) -> String {
    let path =
        info.path.split('/').skip(3).flat_map(|segment| segment.split(|c: char| !c.is_ascii_alphanumeric()));
    let words = path.filter(|word| !word.is_empty());
    words.fold(info.method.as_str().to_ascii_lowercase(), |id, word| format!("{id}_{word}"))
}

fn reference(wire: Wire) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", (wire.name)())})
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
            "code": {"type": "string"}, "detail": {"type": "string"}, "request_id": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object", "properties": {
                "field": {"type": "string"}, "message": {"type": "string"}}}},
        },
    })
}
