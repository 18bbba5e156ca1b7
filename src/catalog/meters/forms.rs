//! What is typed into the form of a meter, checked.

use serde::{Deserialize, Serialize};

use crate::i18n::Tr;
use crate::types::FieldErrors;

use super::model::{Meter, MeterDraft};
use super::rules::{MAX_NAME, MAX_UNIT, is_code};

/// The dimension of series of devices, as the form names it.
pub const DEVICE_SERIES: &str = "device_series";

/// The dimension of layers, as the form names it.
pub const LAYER: &str = "layer";

/// The form of a meter, as it was sent.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MeterForm {
    /// What records of usage call it; fixed once the meter exists.
    pub code: String,
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// The Chinese name of its unit.
    pub unit: String,
    /// The English name of its unit.
    pub unit_en: String,
    /// The dimensions by which its usage is told apart.
    pub dimensions: Vec<String>,
    /// The version that was read, for the optimistic lock.
    pub version: String,
}

impl MeterForm {
    /// The form of an existing meter.
    pub fn of(meter: &Meter) -> MeterForm {
        let dimensions = [(meter.has_device_series, DEVICE_SERIES), (meter.has_layer, LAYER)];
        MeterForm {
            code: meter.code.clone(),
            name: meter.name.clone(),
            name_en: meter.name_en.clone(),
            unit: meter.unit.clone(),
            unit_en: meter.unit_en.clone(),
            dimensions: dimensions
                .into_iter()
                .filter(|(has, _)| *has)
                .map(|(_, name)| name.to_owned())
                .collect(),
            version: meter.version.to_string(),
        }
    }

    /// The code and the meter that the form of a new one asks for.
    pub fn check_new(&self) -> Result<(String, MeterDraft), FieldErrors> {
        let mut errors = FieldErrors::new();
        let code = self.code.trim().to_owned();
        if code.is_empty() {
            errors.add("code", Tr::field_required);
        } else if !is_code(&code) {
            errors.add("code", Tr::meters_code_shape);
        }
        let draft = self.draft(&mut errors);
        errors.or((code, draft))
    }

    /// The meter that the form of an existing one asks for.
    pub fn check(&self) -> Result<MeterDraft, FieldErrors> {
        let mut errors = FieldErrors::new();
        let draft = self.draft(&mut errors);
        errors.or(draft)
    }

    fn draft(&self, errors: &mut FieldErrors) -> MeterDraft {
        let has = |name: &str| self.dimensions.iter().any(|dimension| dimension == name);
        MeterDraft {
            name: errors.required_line("name", &self.name, MAX_NAME),
            name_en: errors.required_line("name_en", &self.name_en, MAX_NAME),
            unit: errors.required_line("unit", &self.unit, MAX_UNIT),
            unit_en: errors.required_line("unit_en", &self.unit_en, MAX_UNIT),
            has_device_series: has(DEVICE_SERIES),
            has_layer: has(LAYER),
        }
    }

    /// The version that was read; 0, which no meter has, when there is none.
    pub fn version(&self) -> u32 {
        self.version.trim().parse().unwrap_or(0)
    }
}
