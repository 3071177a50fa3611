//! A value of the page's own data, as JavaScript would hold it.

/// What an expression came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Value {
    /// Nothing, or something that we do not evaluate.
    #[default]
    Undefined,
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number; may be NaN.
    Number(f64),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Value>),
    /// An object, in page order; of equal keys the last counts.
    Object(Vec<(String, Value)>),
}

/// What every missing path leads to.
static MISSING: Value = Value::Undefined;

impl Value {
    /// The value of a JSON text; `None` where it is none.
    pub(super) fn of_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self::from_json)
    }

    /// Depth is no worry: the parser allows 128 levels.
    fn from_json(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(yes) => Self::Bool(yes),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::List(items.into_iter().map(Self::from_json).collect()),
            serde_json::Value::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::from_json(value))).collect())
            }
        }
    }

    /// A member by name; `Undefined` where there is none.
    pub(super) fn get(&self, name: &str) -> &Value {
        let Self::Object(members) = self else { return &MISSING };
        members.iter().rev().find(|(key, _)| key == name).map_or(&MISSING, |(_, value)| value)
    }

    /// A member by a dotted path.
    pub(super) fn at(&self, path: &str) -> &Value {
        path.split('.').fold(self, |value, name| value.get(name))
    }

    /// The items of an array; an object stands for an array of one (WeChat sends both).
    pub(super) fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            Self::Object(members) if !members.is_empty() => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// Whether it answers no question at all: nothing, or a text without a letter. Zero and `false` are answers.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The text that is worth something: a text with more than white space in it, or a whole number other than zero.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            Self::Number(number) if *number != 0.0 && number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(format!("{number:.0}"))
            }
            _ => None,
        }
    }

    /// Whether there is a text that is worth something, without making it.
    pub(super) fn has_text(&self) -> bool {
        match self {
            Self::Text(text) => !text.trim().is_empty(),
            value => value.text().is_some(),
        }
    }

    /// The number that this is or spells.
    pub(super) fn number(&self) -> Option<f64> {
        Some(self.as_number()).filter(|number| number.is_finite())
    }

    /// The whole number, zero or more, that this is or spells.
    pub(super) fn count(&self) -> Option<usize> {
        let number = self.number().filter(|number| (0.0..1e9).contains(number) && number.fract() == 0.0)?;
        #[expect(clippy::cast_sign_loss, reason = "checked to be no less than zero")]
        Some(number as usize)
    }

    /// What JavaScript's `* 1` makes of it.
    pub(super) fn as_number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Bool(yes) => f64::from(u8::from(*yes)),
            Self::Null => 0.0,
            Self::Text(text) if text.trim().is_empty() => 0.0,
            Self::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }

    /// What JavaScript's `if` makes of it.
    pub(super) fn truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(yes) => *yes,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::List(_) | Self::Object(_) => true,
        }
    }
}
