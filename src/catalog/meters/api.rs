//! Meters over the JSON API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::i18n::Tr;
use crate::types::Result;
use crate::web::api::{self, PageJson, Paging};
use crate::web::openapi::{ApiDoc, Parameter};
use crate::web::{Ctx, Query, Response, Routes};

use super::model::Meter;
use super::queries;

const PARAMETERS: &[Parameter] = &[
    Parameter { name: "page", about: Tr::api_page },
    Parameter { name: "per_page", about: Tr::api_per_page },
];

/// The routes of meters in the API.
pub fn routes(r: &mut Routes) {
    r.get("/api/v1/meters", super::SEES, index)
        .doc(ApiDoc::answers::<PageJson<MeterJson>>(Tr::api_meters_index).with(PARAMETERS));
}

/// A meter.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeterJson {
    /// Its id.
    id: u64,
    /// What records of usage call it.
    code: String,
    /// Its Chinese name.
    name: String,
    /// Its English name.
    name_en: String,
    /// The Chinese name of its unit.
    unit: String,
    /// The English name of its unit.
    unit_en: String,
    /// Whether its usage is told apart by series of devices.
    has_device_series: bool,
    /// Whether its usage is told apart by layers.
    has_layer: bool,
    /// Whether it takes usage.
    in_use: bool,
}

impl From<&Meter> for MeterJson {
    fn from(meter: &Meter) -> MeterJson {
        MeterJson {
            id: meter.id.0,
            code: meter.code.clone(),
            name: meter.name.clone(),
            name_en: meter.name_en.clone(),
            unit: meter.unit.clone(),
            unit_en: meter.unit_en.clone(),
            has_device_series: meter.has_device_series,
            has_layer: meter.has_layer,
            in_use: meter.is_in_use(),
        }
    }
}

async fn index(ctx: Ctx, paging: Query<Paging>) -> Result<Response> {
    let meters = ctx.read(queries::all).await?;
    Ok(api::ok(&PageJson::of(meters.iter().map(MeterJson::from).collect(), &paging)))
}
