//! What cases are: types, categories, custom fields, priorities.

use super::Table;
use serde::{Deserialize, Serialize};

use crate::{FieldValue, Name};

/// A type of case. Required are custom fields, or `category`, `subcategory`, `customerId`, `description`,
/// `queue`, `assignee`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseType {
    /// What an intake must bring.
    #[serde(default)]
    pub required_at_intake: Vec<Name>,
    /// What must be known to resolve.
    #[serde(default)]
    pub required_at_resolve: Vec<Name>,
    /// What must be known to close.
    #[serde(default)]
    pub required_at_close: Vec<Name>,
}

/// A category.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its subcategories.
    #[serde(default)]
    pub subcategories: Vec<Name>,
}

/// A custom field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What its values are.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// The values of a choice.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether its values are personal data; they are, unless the policy says otherwise.
    #[serde(default = "yes")]
    pub personal: bool,
}

impl Field {
    /// Whether it can have a value.
    #[must_use]
    pub fn can_be(&self, value: &FieldValue) -> bool {
        match (self.field_type, value) {
            (FieldType::Text, FieldValue::Text(_))
            | (FieldType::Number, FieldValue::Number(_))
            | (FieldType::Boolean, FieldValue::Flag(_)) => true,
            (FieldType::Date, FieldValue::Text(text)) => text.parse::<chrono::NaiveDate>().is_ok(),
            (FieldType::Choice, FieldValue::Text(text)) => self.values.contains(text),
            (
                FieldType::Text | FieldType::Number | FieldType::Boolean | FieldType::Date | FieldType::Choice,
                FieldValue::Text(_) | FieldValue::Number(_) | FieldValue::Flag(_),
            ) => false,
        }
    }
}

fn yes() -> bool {
    true
}

/// What the values of a custom field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Free text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A date, `2026-11-22`.
    Date,
    /// One of `values`.
    Choice,
}

/// The impact x urgency matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The priorities, highest first.
    pub priorities: Vec<Name>,
    /// The impacts, highest first.
    pub impact: Vec<Name>,
    /// The urgencies, highest first.
    pub urgency: Vec<Name>,
    /// Impact, then urgency, to priority.
    pub priority: Table<Table<Name>>,
}
