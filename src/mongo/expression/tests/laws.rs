//! What is true of all values.

use proptest::prelude::*;

use super::value;
use crate::data::arbitrary::{any_object, any_value};
use crate::data::timestamp::{MAX_MS, MIN_MS};
use crate::data::{Object, Value};
use crate::mongo::expression::operator::{Parameter, Parameters, all};
use crate::mongo::expression::{Expression, Scope};

/// Forms that stand in no table, and their arguments.
const FORMS: &[(&str, &[&str])] = &[
    ("$cond", &["if", "then", "else"]),
    ("$filter", &["input", "cond", "limit"]),
    ("$map", &["input", "in"]),
    ("$reduce", &["input", "initialValue", "in"]),
    ("$switch", &["branches", "default"]),
    ("$let", &["vars", "in"]),
];

/// Names and formats, where arbitrary text would hardly ever mean something.
const WORDS: &[&str] = &[
    "%Y-%m-%dT%H:%M:%S.%L%z %% %j %G %V %u %U %w %b %B %Z",
    "2017-02-08T12:10:40.787+08:00",
    "2017/2/8 心",
    "Asia/Shanghai",
    "-03:30",
    "month",
    "week",
    "int",
    "$a",
    "$$this.b",
    "(a)|b*",
];

/// Before 1970 clocks were off by odd seconds, and borders of hours with them.
const END_OF_CENTURY: i64 = 4_102_444_800_000;

/// An operator with as many arguments as it may take, whatever they are.
fn call() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(WORDS).prop_map(Value::string);
    let argument = prop_oneof![3 => any_value().prop_map(literal), 1 => words];
    let arguments = prop::collection::vec(argument, 0..12);
    let operators = all().map(|operator| match &operator.parameters {
        Parameters::Listed { .. } => (operator.name, Vec::new()),
        Parameters::Named(parameters) | Parameters::FirstOrNamed(parameters) => {
            let name = |parameter: &Parameter| parameter.name;
            (operator.name, parameters.iter().map(name).collect())
        }
    });
    let forms = FORMS
        .iter()
        .map(|(name, parameters)| (*name, parameters.to_vec()));
    let operators: Vec<(&str, Vec<&str>)> = operators.chain(forms).collect();
    (prop::sample::select(operators), arguments).prop_map(|((name, parameters), arguments)| {
        let arguments = match parameters.is_empty() {
            true => Value::Array(arguments.into_iter().take(4).collect()),
            false => Value::Object(parameters.into_iter().zip(arguments).collect()),
        };
        Value::Object([(name, arguments)].into_iter().collect())
    })
}

fn literal(value: Value) -> Value {
    Value::Object([("$literal", value)].into_iter().collect())
}

fn evaluate(expression: &str, document: &Object) -> Value {
    let expression = Expression::parse(&value(expression)).expect("an expression");
    let value = expression.evaluate(&Scope::of(document, 0));
    value.expect("a fitting document").expect("a value")
}

fn of_date(ms: i64) -> Object {
    [("d", Value::Date(ms))].into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_call_panics(call in call(), document in any_object()) {
        if let Ok(expression) = Expression::parse(&call) {
            let _ = expression.evaluate(&Scope::of(&document, 0));
        }
    }

    #[test]
    fn no_value_panics(expression in any_value(), document in any_object()) {
        if let Ok(expression) = Expression::parse(&expression) {
            let _ = expression.evaluate(&Scope::of(&document, 0));
        }
    }

    #[test]
    fn a_literal_is_itself(anything in any_value(), document in any_object()) {
        let expression = Expression::parse(&literal(anything.clone())).expect("a literal");
        prop_assert_eq!(expression.evaluate(&Scope::of(&document, 0)), Ok(Some(anything)));
    }
}

proptest! {
    #[test]
    fn a_date_comes_back_from_its_text_and_its_parts(ms in MIN_MS..=MAX_MS) {
        for expression in [
            r#"{"$dateFromString": {"dateString": {"$dateToString": {"date": "$d"}}}}"#,
            r#"{"$dateFromString": {"format": "%G %V %u %H:%M:%S:%L%z", "dateString": {"$dateToString":
                {"date": "$d", "format": "%G %V %u %H:%M:%S:%L%z"}}}}"#,
            r#"{"$let": {"vars": {"p": {"$dateToParts": {"date": "$d"}}}, "in": {"$dateFromParts":
                {"year": "$$p.year", "month": "$$p.month", "day": "$$p.day", "hour": "$$p.hour",
                "minute": "$$p.minute", "second": "$$p.second", "millisecond": "$$p.millisecond"}}}}"#,
        ] {
            prop_assert_eq!(evaluate(expression, &of_date(ms)), Value::Date(ms), "{}", expression);
        }
    }

    #[test]
    fn a_date_is_in_the_unit_that_it_is_truncated_to(
        ms in 0..=END_OF_CENTURY,
        unit in prop::sample::select(vec!["year", "quarter", "month", "week", "day", "hour", "minute", "second"]),
        zone in prop::sample::select(vec!["UTC", "Asia/Shanghai", "America/New_York", "+05:45"]),
    ) {
        let trunc = format!(r#"{{"$dateTrunc": {{"date": "$d", "unit": "{unit}", "timezone": "{zone}"}}}}"#);
        let Value::Date(border) = evaluate(&trunc, &of_date(ms)) else {
            panic!("a truncated date is a date");
        };
        prop_assert!(border <= ms);
        let between = format!(
            r#"{{"$dateDiff": {{"startDate": {trunc}, "endDate": "$d", "unit": "{unit}", "timezone": "{zone}"}}}}"#
        );
        prop_assert_eq!(evaluate(&between, &of_date(ms)), Value::Int(0));
        prop_assert_eq!(evaluate(&trunc, &of_date(border)), Value::Date(border));
    }

    #[test]
    fn a_sum_of_ints_is_exact(ints in prop::collection::vec(any::<i64>(), 0..50)) {
        let total: i128 = ints.iter().map(|int| i128::from(*int)).sum();
        let items = ints.into_iter().map(Value::Int).collect();
        let document = [("l", Value::Array(items))].into_iter().collect();
        let sum = evaluate(r#"{"$sum": "$l"}"#, &document);
        match i64::try_from(total) {
            Ok(total) => prop_assert_eq!(sum, Value::Int(total)),
            Err(_) => prop_assert!(matches!(sum, Value::Double(_))),
        }
    }
}
