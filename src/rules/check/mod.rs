//! What is wrong with a rule that parses: unknown names, comparisons that can
//! never have an answer, what no filter can express, limits.
//!
//! All problems at once. A rule without errors keeps every promise of
//! [`super::Rule::residual`]; nothing is left to be found out by a request.

mod get;
mod operand;
mod satisfiable;

use super::ast::{Access, Expr, Kind, Root, Span};
use super::{Fields, Operation, Problem, Severity};
use crate::data::collation::Class;
use crate::data::{Comparison, Value};

pub(super) use self::satisfiable::satisfiable;

pub(super) fn check(expr: &Expr, operation: Operation, fields: &dyn Fields) -> Vec<Problem> {
    let mut checker = Checker {
        operation,
        fields,
        problems: Vec::new(),
    };
    checker.condition(expr);
    checker.gets(expr);
    let sound = checker
        .problems
        .iter()
        .all(|problem| problem.severity == Severity::Warning);
    if sound && !satisfiable(expr) && expr.kind != Kind::Literal(Value::Bool(false)) {
        checker.report(
            Problem::warning(expr.span, "this rule can never be true")
                .help("to refuse everybody write `false`"),
        );
    }
    checker.problems
}

struct Checker<'a> {
    operation: Operation,
    fields: &'a dyn Fields,
    problems: Vec<Problem>,
}

/// What an operand is, as far as can be told from the text and the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// Cannot be told, or reported already.
    Any,
    Null,
    Bool,
    Number,
    String,
    Date,
    Object,
    List,
    ListOfObjects,
    Binary,
}

impl Type {
    /// In the words of messages.
    fn name(self) -> &'static str {
        match self {
            Type::Any => "a value",
            Type::Null => "null",
            Type::Bool => "a bool",
            Type::Number => "a number",
            Type::String => "a string",
            Type::Date => "a date",
            Type::Object => "an object",
            Type::List => "a list",
            Type::ListOfObjects => "a list of objects",
            Type::Binary => "binary data",
        }
    }

    fn of(value: &Value) -> Self {
        match Class::of(value) {
            Class::Null => Type::Null,
            Class::Number => Type::Number,
            Class::String => Type::String,
            Class::Array => Type::List,
            Class::Bool => Type::Bool,
            Class::Date => Type::Date,
            Class::Object => Type::Object,
            Class::Binary => Type::Binary,
            Class::ObjectId => Type::Any,
        }
    }

    fn is_scalar(self) -> bool {
        matches!(
            self,
            Type::Any | Type::Bool | Type::Number | Type::String | Type::Date
        )
    }
}

impl Checker<'_> {
    fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Whether the document is at hand when the rule is asked; otherwise the rule must become a filter.
    fn has_document(&self) -> bool {
        self.operation == Operation::Create
    }

    /// An expression where a truth is wanted.
    fn condition(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::Not(inner) => self.condition(inner),
            Kind::Junction(_, parts) => parts.iter().for_each(|part| self.condition(part)),
            Kind::Compare(left, comparison, right) => self.compare(left, *comparison, right),
            Kind::In(item, list) => self.member(item, list),
            _ => self.flag(expr),
        }
    }

    /// A value where a truth is wanted: it must be a bool.
    fn flag(&mut self, expr: &Expr) {
        let ty = self.operand(expr);
        if matches!(ty, Type::Any | Type::Bool) {
            return;
        }
        let message = format!("`{expr}` is {}, not a condition", ty.name());
        let problem = Problem::error(expr.span, message);
        self.report(match expr.kind {
            Kind::Access(_) => {
                problem.help(format!("to test that it is there write `{expr} != null`"))
            }
            _ => problem,
        });
    }

    fn compare(&mut self, left: &Expr, comparison: Comparison, right: &Expr) {
        let span = left.span.to(right.span);
        let types = (self.operand(left), self.operand(right));
        let by_size = !matches!(comparison, Comparison::Eq | Comparison::Ne);
        match types {
            (Type::Null, _) | (_, Type::Null) if by_size => self.report(
                Problem::error(span, "nothing is less or greater than null")
                    .help("to test for presence write `!= null`"),
            ),
            (Type::Null, _) | (_, Type::Null) => {}
            (a, b) => {
                let (left_compares, right_compares) = (self.scalar(left, a), self.scalar(right, b));
                if !(left_compares && right_compares) {
                    return;
                }
                if by_size && (a == Type::Bool || b == Type::Bool) {
                    self.report(
                        Problem::error(span, "bools have no order")
                            .help("compare them with `==` or `!=`"),
                    );
                } else {
                    self.same_type(span, (left, a), (right, b));
                }
            }
        }
    }

    /// Reports an operand that compares with nothing.
    fn scalar(&mut self, expr: &Expr, ty: Type) -> bool {
        if ty.is_scalar() {
            return true;
        }
        let message = format!("`{expr}` is {}, which compares with nothing", ty.name());
        self.report(Problem::error(expr.span, message).help(match ty {
            Type::List => "test what it contains with `in`",
            Type::ListOfObjects | Type::Binary => "only its presence can be tested: `!= null`",
            Type::Null => "to test for presence write `== null` or `!= null`",
            _ => "compare one of its members, or test its presence: `!= null`",
        }));
        false
    }

    fn same_type(&mut self, span: Span, left: (&Expr, Type), right: (&Expr, Type)) {
        let ((a, a_type), (b, b_type)) = (left, right);
        if a_type == b_type || a_type == Type::Any || b_type == Type::Any {
            return;
        }
        let message = format!(
            "`{a}` is {} and `{b}` is {}: this comparison never has an answer",
            a_type.name(),
            b_type.name()
        );
        let problem = Problem::error(span, message);
        self.report(match (a_type, b_type) {
            (Type::Date, other) | (other, Type::Date) => problem.help(date_help(other)),
            _ => problem.help("compare values of one type"),
        });
    }

    fn member(&mut self, item: &Expr, list: &Expr) {
        let (item_type, list_type) = (self.operand(item), self.operand(list));
        let scalar = self.scalar(item, item_type);
        match (&list.kind, list_type) {
            (Kind::Literal(Value::Array(values)), _) if scalar => {
                self.literal_list(item, item_type, list.span, values);
            }
            (_, Type::List | Type::Any) => {}
            (_, Type::ListOfObjects) => self.report(
                Problem::error(
                    list.span,
                    format!("`{list}` is a list of objects, and nothing equals an object"),
                )
                .help("keep the values to test for in a list of their own"),
            ),
            (_, other) => {
                let message = format!("`in` needs a list, `{list}` is {}", other.name());
                let problem = Problem::error(list.span, message);
                self.report(match other {
                    Type::Object => problem.help("the value of a key is `object[key]`"),
                    _ => problem.help("compare single values with `==`"),
                });
            }
        }
    }

    fn literal_list(&mut self, item: &Expr, item_type: Type, span: Span, values: &[Value]) {
        let fits = |value: &&Value| item_type == Type::Any || Type::of(value) == item_type;
        let (fitting, others): (Vec<&Value>, Vec<&Value>) = values.iter().partition(fits);
        let mixed = fitting
            .iter()
            .any(|value| fitting.first().map(|first| Class::of(first)) != Some(Class::of(value)));
        if values.is_empty() {
            self.report(Problem::warning(span, "nothing is in an empty list"));
        } else if fitting.is_empty() {
            let message = format!(
                "`{item}` is {}: it equals nothing in this list",
                item_type.name()
            );
            let problem = Problem::error(span, message);
            self.report(match item_type {
                Type::Date => problem.help(date_help(Type::Any)),
                _ => problem.help("list values of its type"),
            });
        } else if mixed || !others.is_empty() {
            self.report(
                Problem::warning(
                    span,
                    "this list mixes types: that something is not in it is never known",
                )
                .help("list numbers or strings, not both; join two lists with `||`"),
            );
        }
    }
}

/// Rules have no dates: what to do instead of comparing one with something of another type.
fn date_help(other: Type) -> &'static str {
    match other {
        Type::Number => {
            "rules have no dates: keep the time as a number of milliseconds, with `@field(as: EPOCH_MS)`"
        }
        _ => {
            "rules have no dates: keep the time as a number of milliseconds, with `@field(as: EPOCH_MS)`, and compare it with a number or `now`"
        }
    }
}

/// Whether the expression looks at the document that the rule is about.
fn looks_at_document(expr: &Expr) -> bool {
    let of_document = |access: &Access| access.root == Root::Doc;
    expr.any_access(of_document)
}
