//! Values at the edge: those that rules compare with, and what lies beside them.

use std::collections::BTreeMap;

use crate::data::{CollectionName, Identity, Path, User, Value};
use crate::mirror::trial::Member;
use crate::rules::{Compared, Rule, Term};

/// A value to store; `None`: nothing is stored there.
pub(super) type Choice = Option<Value>;

/// What to try at one place, without repetition.
#[derive(Clone, Debug, Default)]
pub(super) struct Edge {
    /// What rules compare with, exactly.
    pub(super) exact: Vec<Choice>,
    /// Just beside it, of another type, in a list, missing, empty, long.
    pub(super) beside: Vec<Choice>,
}

/// What to try where rules look.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    pub(super) document: BTreeMap<Path, Edge>,
    /// In what is sent along with a write.
    pub(super) data: BTreeMap<Path, Edge>,
    /// In documents that rules ask for.
    pub(super) got: BTreeMap<(CollectionName, Path), Edge>,
}

/// How many ids of other documents are tried.
const REFERENCES: usize = 6;

/// Half an hour: clocks may differ, and time passes while it is asked.
const LATER_MS: i64 = 1_800_000;

/// Longer than what anybody compares with, and short enough for an address.
const LONG: usize = 300;

/// What makes values: who asks, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    pub(super) cast: &'a [Member],
    /// Milliseconds since 1970.
    pub(super) now: i64,
    /// What ids of documents that rules ask for begin with.
    pub(super) references: &'a str,
}

impl Edges {
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r Rule>, around: Around<'_>) -> Self {
        let mut edges = Self::default();
        for Compared {
            left,
            right,
            is_membership,
        } in rules.flat_map(Rule::compared)
        {
            let (of_left, of_right) = (values(&right, around), values(&left, around));
            edges.add(&left, of_left.clone());
            let of_right = if is_membership {
                lists(&of_right)
            } else {
                of_right
            };
            edges.add(&right, of_right);
        }
        edges
    }

    fn add(&mut self, place: &Term, exact: Vec<Value>) {
        let edge = match place {
            Term::Doc(path) => self.document.entry(path.clone()).or_default(),
            Term::Data(path) => self.data.entry(path.clone()).or_default(),
            Term::Got(collection, path) => {
                let key = (collection.clone(), path.clone());
                self.got.entry(key).or_default()
            }
            _ => return,
        };
        for value in exact {
            beside(&value)
                .into_iter()
                .for_each(|it| push(&mut edge.beside, Some(it)));
            push(&mut edge.exact, Some(value));
        }
        for value in odd() {
            push(&mut edge.beside, value);
        }
    }
}

fn push(choices: &mut Vec<Choice>, choice: Choice) {
    // As text, since 1 and 1.0, and 0 and -0, are equal and not the same.
    let same = |known: &Choice| format!("{known:?}") == format!("{choice:?}");
    if !choices.iter().any(same) {
        choices.push(choice);
    }
}

/// What a term may be equal to.
fn values(term: &Term, around: Around<'_>) -> Vec<Value> {
    match term {
        Term::Literal(value) => vec![value.clone()],
        Term::Nothing => vec![Value::Null, Value::string("something")],
        Term::Now => [-LATER_MS, LATER_MS]
            .into_iter()
            .flat_map(|apart| {
                let at = around.now.saturating_add(apart);
                [Value::Int(at), Value::Date(at)]
            })
            .collect(),
        Term::Auth(name) => around
            .cast
            .iter()
            .filter_map(|member| match &member.caller.identity {
                Identity::User(user) => auth(user, name),
                Identity::None => None,
            })
            .collect(),
        Term::IdOf(_) => (0..REFERENCES)
            .map(|number| Value::string(format!("{}{number}", around.references)))
            .chain([Value::Int(7), Value::string("7")])
            .collect(),
        // Both sides draw from the same few values, so that they are often equal.
        Term::Doc(_) | Term::Data(_) | Term::Got(..) => {
            let mut values = vec![Value::string("same"), Value::string("other")];
            values.extend([Value::Int(1), Value::Int(2), Value::Bool(true)]);
            values
        }
    }
}

fn auth(user: &User, member: &str) -> Option<Value> {
    let text = match member {
        "openid" => user.openid.clone()?,
        "uid" => user.uid.clone()?,
        "loginType" => user.login_type.as_str().into(),
        _ => return None,
    };
    Some(Value::String(text))
}

/// Lists that hold each value, alone and among others.
fn lists(values: &[Value]) -> Vec<Value> {
    let other = || Value::string("another");
    values
        .iter()
        .flat_map(|value| {
            [
                Value::Array(vec![value.clone()]),
                Value::Array(vec![other(), value.clone()]),
            ]
        })
        .chain([Value::Array(vec![other()])])
        .collect()
}

/// Just below and above, and what looks like it.
fn beside(value: &Value) -> Vec<Value> {
    let mut near = match value {
        Value::Int(number) => of_int(*number),
        Value::Double(number) => vec![
            Value::Double(number - 0.5),
            Value::Double(number + 0.5),
            Value::string(number.to_string()),
        ],
        Value::String(text) => of_text(text),
        Value::Bool(flag) => vec![
            Value::Bool(!flag),
            Value::Int(i64::from(*flag)),
            Value::string(flag.to_string()),
        ],
        Value::Date(at) => vec![
            Value::Date(at.saturating_sub(1)),
            Value::Date(at.saturating_add(1)),
            Value::Int(*at),
        ],
        _ => Vec::new(),
    };
    if !matches!(value, Value::Array(_) | Value::Null) {
        near.push(Value::Array(vec![value.clone()]));
    }
    near
}

fn of_int(number: i64) -> Vec<Value> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a double nearby is what is wanted"
    )]
    let double = number as f64;
    let mut near = vec![
        Value::Int(number.saturating_sub(1)),
        Value::Int(number.saturating_add(1)),
        Value::Double(double),
        Value::Double(double + 0.5),
        Value::string(number.to_string()),
        Value::Date(number),
    ];
    if number == 0 {
        near.push(Value::Double(-0.0));
    }
    near
}

fn of_text(text: &str) -> Vec<Value> {
    let mut shorter = text.to_owned();
    shorter.pop();
    let mut near = vec![
        Value::string(format!("{text}~")),
        Value::string(shorter),
        Value::string(text.to_lowercase()),
        Value::Array(vec![Value::string("another"), Value::string(text)]),
    ];
    near.extend(text.parse().ok().map(Value::Int));
    near
}

/// What fits nowhere in particular.
fn odd() -> Vec<Choice> {
    vec![
        None,
        Some(Value::Null),
        Some(Value::string("")),
        Some(Value::Array(Vec::new())),
        Some(Value::string("x".repeat(LONG))),
        Some(Value::Int(0)),
        Some(Value::Double(-0.0)),
        Some(Value::Bool(true)),
        Some(Value::Object(crate::data::Object::new())),
    ]
}
