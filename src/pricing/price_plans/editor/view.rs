//! The editor as it is shown: the form of a version with its charges, their tiers, and the trial beside.

use askama::Template;
use askama::filters::Safe;

use crate::catalog::meters::queries::Meters;
use crate::customers::directory::model::Customer;
use crate::i18n::Tr;
use crate::pricing::models::Model;
use crate::pricing::price_plans::draft::{MAX_CHARGES, MAX_TEXT};
use crate::pricing::price_plans::model::ChargeKey;
use crate::pricing::price_plans::urls;
use crate::pricing::price_plans::version::sheet;
use crate::types::FieldErrors;
use crate::types::ids::PriceVersionId;
use crate::types::price_tiers::MAX_TIERS;
use crate::web::ui::{Choice, Fields, Ui, filters, piece};

use super::charge_forms::{ChargeForm, TierForm};
use super::forms::PlanForm;
use super::trial::{self, Trial};

/// A control of the editor. Names such as `charges[0].tiers[2].up_to` are known only when it is shown.
#[derive(Template)]
#[template(path = "pricing/price_plans/editor/control.html")]
pub struct Control {
    t: Tr,
    kind: &'static str,
    name: String,
    label: String,
    value: String,
    help: String,
    fault: String,
    is_required: bool,
    is_bare: bool,
    choices: Vec<Choice>,
}

piece!(Control);

impl Control {
    /// That must be filled in.
    #[must_use]
    pub fn required(mut self) -> Control {
        self.is_required = true;
        self
    }

    /// In a cell of a table, whose heading says what it is.
    #[must_use]
    pub fn bare(mut self) -> Control {
        self.is_bare = true;
        self
    }

    /// With an explanation.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Control {
        self.help = help.into();
        self
    }

    fn described_by(&self) -> String {
        let help = (!self.help.is_empty()).then(|| format!("f-{}-help", self.name));
        let fault = (!self.fault.is_empty()).then(|| format!("f-{}-error", self.name));
        [help, fault].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

#[derive(Template)]
#[template(path = "pricing/price_plans/editor/editor.html")]
pub(super) struct EditorView {
    pub ui: Ui,
    pub heading: String,
    pub lead: Option<String>,
    pub customer: Customer,
    pub meters: Meters,
    pub form: PlanForm,
    pub fields: Fields,
    pub errors: FieldErrors,
    pub trial: Trial,
    pub id: Option<PriceVersionId>,
    /// Whether what is shown was typed and not stored.
    pub is_dirty: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references")]
impl EditorView {
    /// Where the form is sent to.
    fn action(&self) -> String {
        self.id.map_or_else(|| urls::of_customer(self.customer.id), urls::version)
    }

    fn control(&self, kind: &'static str, name: String, label: &str, value: &str) -> Control {
        Control {
            t: self.ui.t,
            kind,
            fault: self.errors.get(&name).map(|message| message.text(self.ui.t)).unwrap_or_default(),
            name,
            label: label.to_owned(),
            value: value.to_owned(),
            help: String::new(),
            is_required: false,
            is_bare: false,
            choices: Vec::new(),
        }
    }

    /// A number of a charge.
    fn number(&self, place: &usize, name: &str, label: &str, value: &str) -> Control {
        self.control("number", format!("charges[{place}].{name}"), label, value)
    }

    /// A code of a charge.
    fn code(&self, place: &usize, name: &str, label: &str, value: &str) -> Control {
        self.control("code", format!("charges[{place}].{name}"), label, value)
    }

    /// A number of a tier.
    fn tier(&self, charge: &usize, tier: &usize, name: &str, label: &str, value: &str) -> Control {
        let t = self.ui.t;
        let label = t.price_editor_of_tier(label, tier + 1);
        self.control("number", format!("charges[{charge}].tiers[{tier}].{name}"), &label, value).bare()
    }

    /// A number of the version.
    fn amount(&self, name: &str, label: &str, value: &str) -> Control {
        self.control("number", name.to_owned(), label, value)
    }

    fn meter(&self, place: &usize, charge: &ChargeForm) -> Control {
        let t = self.ui.t;
        let known = self
            .meters
            .iter()
            .filter(|meter| meter.is_in_use() || meter.id.to_string() == charge.meter.trim());
        let choices =
            known.map(|meter| Choice::new(meter.id, t.price_editor_meter_is(meter.label(t), meter.unit(t))));
        let name = format!("charges[{place}].meter");
        let control = self.control("select", name, t.price_editor_meter(), &charge.meter);
        Control { choices: choices.collect(), ..control }
    }

    fn models(&self) -> Vec<Choice> {
        let t = self.ui.t;
        Model::ALL.iter().map(|model| Choice::new(model, sheet::model_label(t, *model))).collect()
    }

    fn about(&self, charge: &ChargeForm) -> String {
        self.ui.t.label("price_model_about", charge.model().as_str())
    }

    fn fault(&self, place: &usize, name: &str) -> String {
        let field = format!("charges[{place}].{name}");
        self.errors.get(&field).map(|message| message.text(self.ui.t)).unwrap_or_default()
    }

    fn fault_of_charges(&self) -> String {
        self.errors.get("charges").map(|message| message.text(self.ui.t)).unwrap_or_default()
    }

    fn title(&self, place: &usize, charge: &ChargeForm) -> String {
        let t = self.ui.t;
        let meter = charge.meter.trim().parse().ok().and_then(|id| self.meters.get(id));
        match meter {
            None => t.price_editor_charge(place + 1),
            Some(meter) => {
                let key = ChargeKey {
                    meter: meter.id,
                    device_series: charge.device_series.trim().to_owned(),
                    layer: charge.layer.trim().to_owned(),
                };
                t.price_editor_charge_of(place + 1, sheet::title(t, &self.meters, &key))
            }
        }
    }

    /// Where a tier begins: at the bound of the one before it, as that is typed.
    fn begins(charge: &ChargeForm, tier: &usize) -> String {
        let before = tier.checked_sub(1).and_then(|before| charge.tiers.get(before));
        before.map_or_else(|| "0".to_owned(), |tier: &TierForm| tier.up_to.trim().to_owned())
    }

    fn is_last(charge: &ChargeForm, tier: &usize) -> bool {
        tier + 1 == charge.tiers.len()
    }

    fn can_add_tier(charge: &ChargeForm) -> bool {
        charge.tiers.len() < MAX_TIERS
    }

    fn can_add_charge(&self) -> bool {
        self.form.charges.len() < MAX_CHARGES
    }

    /// The attributes of a button that changes the form in place where scripts run.
    fn in_place(&self) -> Safe<String> {
        let action = self.action();
        Safe(format!(
            "hx-post=\"{action}\" hx-target=\"#plan\" hx-select=\"#plan\" hx-swap=\"outerHTML\" hx-push-url=\"false\""
        ))
    }

    fn tried_place(&self) -> usize {
        trial::place(&self.form)
    }

    fn tries_annual(&self) -> bool {
        self.form.charges.get(self.tried_place()).is_some_and(|charge| charge.model() == Model::AnnualPackage)
    }

    fn quantity(&self) -> String {
        trial::quantity(&self.form)
    }

    /// As far as the slider goes: beyond the last bound of the charge, and beyond what is tried.
    fn most(&self) -> String {
        let bounds = self.form.charges.get(self.tried_place()).into_iter().flat_map(|charge| &charge.tiers);
        trial::most(bounds.map(|tier| tier.up_to.as_str()).chain([self.quantity().as_str()])).to_string()
    }
}
