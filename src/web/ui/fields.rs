//! Fields of forms: label above, help where the rule is not obvious, the fault at the field, and a summary of all
//! faults that leads to them.

use askama::Template;

use crate::i18n::Tr;
use crate::types::FieldErrors;

use super::filters;
use super::piece;

/// A choice of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// What it means, where that is not obvious.
    pub help: String,
    /// Why it cannot be chosen; blank when it can.
    pub locked: String,
}

impl Choice {
    /// A choice by value and label.
    pub fn new(value: impl ToString, label: impl Into<String>) -> Choice {
        Choice { value: value.to_string(), label: label.into(), help: String::new(), locked: String::new() }
    }

    /// With an explanation.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Choice {
        self.help = help.into();
        self
    }

    /// That cannot be chosen, and why.
    #[must_use]
    pub fn locked(mut self, why: impl Into<String>) -> Choice {
        self.locked = why.into();
        self
    }
}

/// The fields of one form, with what is wrong with them.
#[derive(Debug, Clone)]
pub struct Fields {
    t: Tr,
    errors: FieldErrors,
}

impl Fields {
    /// The fields of a form that nothing is wrong with yet.
    pub fn new(t: Tr) -> Fields {
        Fields { t, errors: FieldErrors::new() }
    }

    /// The fields of a form that comes back with its faults.
    pub fn with(t: Tr, errors: FieldErrors) -> Fields {
        Fields { t, errors }
    }

    /// The summary of all faults, each leading to its field; one of the form as a whole leads nowhere.
    pub fn summary(&self) -> Summary {
        let faults: Vec<_> = self
            .errors
            .iter()
            .map(|(field, message)| (field.to_owned(), self.sentence(field, &message.text(self.t))))
            .collect();
        Summary { title: self.t.form_faults(faults.len()), faults }
    }

    /// A fault where the field is not in sight: with the field's name before a sentence that any field may have.
    fn sentence(&self, field: &str, fault: &str) -> String {
        let t = self.t;
        let of_any_field =
            [t.field_required(), t.field_control_characters(), t.field_unknown_choice(), t.field_email()];
        // What is audited has its names already.
        let label =
            ["form_field", "audited"].iter().find_map(|family| t.lookup(&format!("{family}.{field}")));
        match label {
            Some(label) if of_any_field.contains(&fault) => t.form_at_field(fault, label),
            _ => fault.to_owned(),
        }
    }

    /// The fault of a field; blank when there is none.
    pub fn fault(&self, name: &str) -> String {
        self.errors.get(name).map_or_else(String::new, |message| message.text(self.t))
    }

    fn field(&self, kind: &'static str, name: &'static str, label: &str) -> Field {
        Field {
            t: self.t,
            kind,
            name,
            label: label.to_owned(),
            value: String::new(),
            help: String::new(),
            fault: self.fault(name),
            required: false,
            readonly: false,
            focused: false,
            span: false,
            verbatim: false,
            max: None,
            autocomplete: "off",
            choices: Vec::new(),
            selected: Vec::new(),
            suggestions: None,
        }
    }

    /// A line of text.
    pub fn line(&self, name: &'static str, label: &str) -> Field {
        self.field("text", name, label)
    }

    /// An address for mail.
    pub fn email(&self, name: &'static str, label: &str) -> Field {
        self.field("email", name, label)
    }

    /// A day.
    pub fn day(&self, name: &'static str, label: &str) -> Field {
        self.field("date", name, label)
    }

    /// A password, never shown again.
    pub fn password(&self, name: &'static str, label: &str) -> Field {
        self.field("password", name, label)
    }

    /// A longer text.
    pub fn text(&self, name: &'static str, label: &str) -> Field {
        self.field("textarea", name, label)
    }

    /// One of several choices.
    pub fn select(&self, name: &'static str, label: &str, choices: &[Choice]) -> Field {
        Field { choices: choices.to_vec(), ..self.field("select", name, label) }
    }

    /// Any of several choices.
    pub fn checks(&self, name: &'static str, label: &str, choices: &[Choice], selected: &[String]) -> Field {
        Field { choices: choices.to_vec(), selected: selected.to_vec(), ..self.field("checks", name, label) }
    }

    /// A file.
    pub fn file(&self, name: &'static str, label: &str) -> Field {
        self.field("file", name, label)
    }
}

/// All faults of a form.
#[derive(Template)]
#[template(path = "ui/summary.html")]
pub struct Summary {
    title: String,
    faults: Vec<(String, String)>,
}

impl Summary {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Under another heading than that nothing was saved.
    #[must_use]
    pub fn title(mut self, title: &str) -> Summary {
        title.clone_into(&mut self.title);
        self
    }
}

/// One field.
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute that a control has or has not")]
#[derive(Template)]
#[template(path = "ui/field.html")]
pub struct Field {
    t: Tr,
    kind: &'static str,
    name: &'static str,
    label: String,
    value: String,
    help: String,
    fault: String,
    required: bool,
    readonly: bool,
    focused: bool,
    span: bool,
    verbatim: bool,
    max: Option<usize>,
    autocomplete: &'static str,
    choices: Vec<Choice>,
    selected: Vec<String>,
    suggestions: Option<&'static str>,
}

impl Field {
    /// With a value.
    #[must_use]
    pub fn value(mut self, value: impl ToString) -> Field {
        self.value = value.to_string();
        self
    }

    /// With an explanation of its rule.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Field {
        self.help = help.into();
        self
    }

    /// That must be filled in.
    #[must_use]
    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }

    /// That is only shown.
    #[must_use]
    pub fn readonly(mut self) -> Field {
        self.readonly = true;
        self
    }

    /// That one begins to type in.
    #[must_use]
    pub fn focused(mut self) -> Field {
        self.focused = true;
        self
    }

    /// As wide as the form.
    #[must_use]
    pub fn span(mut self) -> Field {
        self.span = true;
        self
    }

    /// That holds a text for machines, too, which nobody should translate or correct.
    #[must_use]
    pub fn verbatim(mut self) -> Field {
        self.verbatim = true;
        self
    }

    /// With suggestions while one types: the part of a page at `url` answers with `<option>`s for the text, which comes
    /// as a parameter of the field's name. Without scripts the line is a line.
    #[must_use]
    pub fn suggesting(mut self, url: &'static str) -> Field {
        self.suggestions = Some(url);
        self
    }

    /// Of at most so many characters.
    #[must_use]
    pub fn max(mut self, characters: usize) -> Field {
        self.max = Some(characters);
        self
    }

    /// That browsers may fill in, as `username` or `new-password`.
    #[must_use]
    pub fn autocomplete(mut self, what: &'static str) -> Field {
        self.autocomplete = what;
        self
    }

    fn described_by(&self) -> String {
        let help = (!self.help.is_empty()).then(|| format!("f-{}-help", self.name));
        let fault = (!self.fault.is_empty()).then(|| format!("f-{}-error", self.name));
        [help, fault].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The attributes that all controls share.
    fn attributes(&self) -> askama::filters::Safe<String> {
        use std::fmt::Write as _;
        let mut text = String::new();
        if self.required {
            text.push_str(" required");
        }
        if self.focused && self.fault.is_empty() {
            text.push_str(" autofocus");
        }
        if self.verbatim {
            text.push_str(" translate=\"no\" spellcheck=\"false\"");
        }
        if self.autocomplete == "username" {
            text.push_str(" autocapitalize=\"none\" spellcheck=\"false\"");
        }
        if !self.fault.is_empty() {
            text.push_str(" aria-invalid=\"true\"");
        }
        let described = self.described_by();
        if !described.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, " aria-describedby=\"{described}\"");
        }
        askama::filters::Safe(text)
    }
}

piece!(Summary, Field);
