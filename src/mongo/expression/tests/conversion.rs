use super::check;

#[test]
fn types_have_names() {
    let document = r#"{"i": 1, "l": 3000000000, "d": 1.5, "s": "x", "t": {"$date": 0}, "a": [], "o": {}, "n": null,
        "b": true, "x": {"$oid": "5ab9cbfa31c2ab715d42129e"}, "y": {"$binary": {"base64": "", "subType": "00"}}}"#;
    for (field, name) in [
        ("i", "int"),
        ("l", "long"),
        ("d", "double"),
        ("s", "string"),
        ("t", "date"),
        ("a", "array"),
        ("o", "object"),
        ("n", "null"),
        ("b", "bool"),
        ("x", "objectId"),
        ("y", "binData"),
        ("z", "missing"),
    ] {
        check(&[(
            &format!(r#"{{"$type": "${field}"}}"#),
            document,
            &format!("\"{name}\""),
        )]);
    }
    check(&[
        (r#"{"$isNumber": "$i"}"#, document, "true"),
        (r#"{"$isNumber": "$s"}"#, document, "false"),
        (r#"{"$isNumber": "$z"}"#, document, "false"),
    ]);
}

#[test]
fn values_become_others() {
    check(&[
        (r#"{"$toInt": "12"}"#, "{}", "12"),
        (r#"{"$toInt": -1.9}"#, "{}", "-1"),
        (r#"{"$toInt": true}"#, "{}", "1"),
        (r#"{"$toInt": null}"#, "{}", "null"),
        (r#"{"$toInt": "$n"}"#, "{}", "null"),
        (
            r#"{"$toInt": "1.5"}"#,
            "{}",
            r#"$toInt needs a number of 64 bits, found "1.5""#,
        ),
        (
            r#"{"$toInt": 3000000000}"#,
            "{}",
            "$toInt needs a number of 32 bits, found 3000000000",
        ),
        (r#"{"$toLong": {"$date": 1500}}"#, "{}", "1500"),
        (r#"{"$toDouble": "2.5"}"#, "{}", "2.5"),
        (r#"{"$toDouble": 3}"#, "{}", "3.0"),
        (r#"{"$toDecimal": "1.25"}"#, "{}", "1.25"),
        (
            r#"{"$toDouble": [[]]}"#,
            "{}",
            "$toDouble needs a number, bool, string or date, found an array",
        ),
        (r#"{"$toString": 2.5}"#, "{}", r#""2.5""#),
        (r#"{"$toString": 2.0}"#, "{}", r#""2""#),
        (r#"{"$toString": true}"#, "{}", r#""true""#),
        (
            r#"{"$toString": {"$oid": "5ab9cbfa31c2ab715d42129e"}}"#,
            "{}",
            r#""5ab9cbfa31c2ab715d42129e""#,
        ),
        (
            r#"{"$toString": {"$date": 0}}"#,
            "{}",
            r#""1970-01-01T00:00:00.000Z""#,
        ),
        (r#"{"$toBool": "false"}"#, "{}", "true"),
        (r#"{"$toBool": 0}"#, "{}", "false"),
        (
            r#"{"$toDate": 120000000000.5}"#,
            "{}",
            r#"{"$date": 120000000000}"#,
        ),
        (
            r#"{"$toDate": "2018-03-20"}"#,
            "{}",
            r#"{"$date": "2018-03-20T00:00:00Z"}"#,
        ),
        (
            r#"{"$toDate": {"$oid": "5ab9c3da31c2ab715d421285"}}"#,
            "{}",
            r#"{"$date": "2018-03-27T04:08:58Z"}"#,
        ),
        (
            r#"{"$toDate": "no"}"#,
            "{}",
            "$toDate cannot read the date `no`",
        ),
        (
            r#"{"$toObjectId": "5ab9cbfa31c2ab715d42129e"}"#,
            "{}",
            r#"{"$oid": "5ab9cbfa31c2ab715d42129e"}"#,
        ),
        (r#"{"$convert": {"input": "5", "to": "int"}}"#, "{}", "5"),
        (r#"{"$convert": {"input": "5", "to": 1}}"#, "{}", "5.0"),
        (
            r#"{"$convert": {"input": "x", "to": "int", "onError": "bad"}}"#,
            "{}",
            r#""bad""#,
        ),
        (
            r#"{"$convert": {"input": "$n", "to": "int", "onNull": 0}}"#,
            "{}",
            "0",
        ),
        (
            r#"{"$convert": {"input": "$n", "to": "int"}}"#,
            "{}",
            "null",
        ),
        (
            r#"{"$convert": {"input": "x", "to": "shoe"}}"#,
            "{}",
            r#"$convert needs the name of a type it converts to, found "shoe""#,
        ),
    ]);
}
