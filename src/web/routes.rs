//! The one route table: path, method, access, menu and API description of every handler.
//!
//! A handler cannot be registered without saying who may call it, and the check runs before anything of the request
//! is read. The same table drives the navigation, the role editor, the OpenAPI document and the access tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpRequest, Route, guard, web};

use crate::i18n::Tr;
use crate::types::{Actor, Error, Permission};

use super::openapi::ApiDoc;
use super::{access, error};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has signed in, even while they still have to change their password.
    SignedInPending,
    /// Whoever holds the permission.
    Needs(Permission),
    /// Whoever holds at least one of the permissions: which of them it takes depends on the record, so that the command
    /// asks again.
    NeedsAny(&'static [Permission]),
}

impl Access {
    /// Whether the actor may open what stands behind it, so that it can be shown to them.
    pub fn admits(self, actor: &Actor) -> bool {
        match self {
            Access::Public => true,
            Access::SignedIn | Access::SignedInPending => actor.user_id.is_some(),
            Access::Needs(_) | Access::NeedsAny(_) => {
                self.permissions().iter().any(|permission| actor.can(*permission))
            }
        }
    }

    /// The permissions of which one is needed; none where no permission is.
    pub fn permissions(&self) -> &[Permission] {
        match self {
            Access::Needs(permission) => std::slice::from_ref(permission),
            Access::NeedsAny(permissions) => permissions,
            _ => &[],
        }
    }
}

impl From<Permission> for Access {
    fn from(permission: Permission) -> Access {
        Access::Needs(permission)
    }
}

/// The door a route belongs to: cookies open pages, tokens open the API, and neither opens the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A page in a browser.
    Page,
    /// The JSON API.
    Api,
}

/// The groups of the navigation, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MenuGroup {
    /// Above all groups.
    Home,
    /// Customers and what is known of them.
    Customers,
    /// What they pay.
    Pricing,
    /// What they used.
    Usage,
    /// What they owe.
    Billing,
    /// Users, roles, logs: running the system itself.
    System,
}

/// An entry of the navigation.
#[derive(Debug, Clone, Copy)]
pub struct MenuItem {
    /// The group it stands in.
    pub group: MenuGroup,
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// Its label.
    pub label: fn(Tr) -> &'static str,
}

/// What the table keeps of a route.
#[derive(Debug, Clone)]
pub struct RouteInfo {
    /// The method.
    pub method: Method,
    /// The path with its parameters, as in `/users/{user}`.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The door it belongs to.
    pub door: Door,
    /// Whether the body may be `multipart/form-data`.
    pub takes_upload: bool,
    /// Whether it answers with a part of a page, which is none by itself.
    pub is_part: bool,
    /// Its entry in the navigation.
    pub menu: Option<MenuItem>,
    /// The kind of record whose page it is, as the audit log names it.
    pub shows: Option<&'static str>,
    /// Its description in the API document.
    pub doc: Option<ApiDoc>,
}

/// The routes while they are being registered.
#[derive(Default)]
pub struct Routes {
    routes: Vec<(RouteInfo, Route)>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Routes {
        Routes::default()
    }

    /// A page, or a part of one.
    pub fn get<Args: FromRequest + 'static>(
        &mut self,
        path: &'static str,
        access: impl Into<Access>,
        handler: impl Answers<Args>,
    ) -> RouteEntry<'_> {
        self.add(Method::GET, path, access.into(), false, handler)
    }

    /// An action.
    pub fn post<Args: FromRequest + 'static>(
        &mut self,
        path: &'static str,
        access: impl Into<Access>,
        handler: impl Answers<Args>,
    ) -> RouteEntry<'_> {
        self.add(Method::POST, path, access.into(), false, handler)
    }

    /// A change of a record through the API.
    pub fn patch<Args: FromRequest + 'static>(
        &mut self,
        path: &'static str,
        access: impl Into<Access>,
        handler: impl Answers<Args>,
    ) -> RouteEntry<'_> {
        self.add(Method::PATCH, path, access.into(), false, handler)
    }

    /// The end of a record through the API.
    pub fn delete<Args: FromRequest + 'static>(
        &mut self,
        path: &'static str,
        access: impl Into<Access>,
        handler: impl Answers<Args>,
    ) -> RouteEntry<'_> {
        self.add(Method::DELETE, path, access.into(), false, handler)
    }

    /// An action that takes a file along.
    pub fn upload<Args: FromRequest + 'static>(
        &mut self,
        path: &'static str,
        access: impl Into<Access>,
        handler: impl Answers<Args>,
    ) -> RouteEntry<'_> {
        self.add(Method::POST, path, access.into(), true, handler)
    }

    fn add<Args: FromRequest + 'static>(
        &mut self,
        method: Method,
        path: &'static str,
        access: Access,
        takes_upload: bool,
        handler: impl Answers<Args>,
    ) -> RouteEntry<'_> {
        let door = if path.starts_with("/api/") { Door::Api } else { Door::Page };
        let info = RouteInfo {
            method,
            path,
            access,
            door,
            takes_upload,
            is_part: false,
            menu: None,
            shows: None,
            doc: None,
        };
        let guarded = info.clone();
        let route = route_for(&info.method).to(move |request: HttpRequest, payload: web::Payload| {
            let (handler, info) = (handler.clone(), guarded.clone());
            async move {
                let answer = run(&request, payload.into_inner(), &info, handler).await;
                answer.unwrap_or_else(|fault| error::answer(&request, &fault))
            }
        });
        self.routes.push((info, route));
        RouteEntry { routes: self }
    }

    /// The table, for all who only look at it.
    pub fn table(&self) -> Arc<Vec<RouteInfo>> {
        Arc::new(self.routes.iter().map(|(info, _)| info.clone()).collect())
    }

    /// Hands the routes of one door to actix: one resource per path, literal segments before parameters.
    pub fn configure(self, door: Door, config: &mut web::ServiceConfig) {
        let mut paths: BTreeMap<(Order<'_>, &'static str), Vec<Route>> = BTreeMap::new();
        for (info, route) in self.routes.into_iter().filter(|(info, _)| info.door == door) {
            let order = info.path.split('/').map(|segment| (segment.starts_with('{'), segment)).collect();
            paths.entry((order, info.path)).or_default().push(route);
        }
        for ((_, path), routes) in paths {
            let resource = routes.into_iter().fold(web::resource(path), actix_web::Resource::route);
            config.service(resource.default_service(web::to(error::method_not_allowed)));
        }
    }
}

/// A page can be asked for without its body, too.
fn route_for(method: &Method) -> Route {
    if method == Method::GET {
        return web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
    }
    web::method(method.clone())
}

/// How paths are ordered: by segments, a parameter after every literal.
type Order<'a> = Vec<(bool, &'a str)>;

/// The route that was registered last, to say more about it.
pub struct RouteEntry<'a> {
    routes: &'a mut Routes,
}

impl RouteEntry<'_> {
    fn last(&mut self) -> Option<&mut RouteInfo> {
        self.routes.routes.last_mut().map(|(info, _)| info)
    }

    /// Puts the route into the navigation.
    pub fn menu(mut self, group: MenuGroup, icon: &'static str, label: fn(Tr) -> &'static str) {
        if let Some(info) = self.last() {
            info.menu = Some(MenuItem { group, icon, label });
        }
    }

    /// Says that the route answers with a part of a page, which scripts put where it belongs.
    pub fn part(mut self) {
        if let Some(info) = self.last() {
            info.is_part = true;
        }
    }

    /// Makes the route the page of a kind of record, so that whoever names such a record can lead to it. The id is
    /// the one parameter of the path.
    pub fn shows(mut self, kind: &'static str) {
        if let Some(info) = self.last() {
            info.shows = Some(kind);
        }
    }

    /// Describes the route in the API document.
    pub fn doc(mut self, doc: ApiDoc) {
        if let Some(info) = self.last() {
            info.doc = Some(doc);
        }
    }
}

/// A handler: takes what it extracts from a request, and answers.
pub trait Answers<Args>: Handler<Args, Output: IntoAnswer> {}

impl<F: Handler<Args, Output: IntoAnswer>, Args> Answers<Args> for F {}

/// What a handler may return.
pub trait IntoAnswer {
    /// As a response, or as the fault that becomes one.
    fn into_answer(self, request: &HttpRequest) -> Result<super::Response, Error>;
}

impl IntoAnswer for super::Response {
    fn into_answer(self, _: &HttpRequest) -> Result<super::Response, Error> {
        Ok(self)
    }
}

impl<R: IntoAnswer> IntoAnswer for Result<R, Error> {
    fn into_answer(self, request: &HttpRequest) -> Result<super::Response, Error> {
        self?.into_answer(request)
    }
}

async fn run<Args: FromRequest + 'static>(
    request: &HttpRequest,
    mut payload: Payload,
    info: &RouteInfo,
    handler: impl Answers<Args>,
) -> Result<super::Response, Error> {
    access::admit(request, info, &mut payload).await?;
    let arguments =
        Args::from_request(request, &mut payload).await.map_err(|fault| error::from_actix(&fault.into()))?;
    handler.call(arguments).await.into_answer(request)
}
