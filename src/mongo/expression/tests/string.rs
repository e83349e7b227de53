use super::check;

#[test]
fn texts() {
    check(&[
        (
            r#"{"$concat": ["$a", " ", "$b"]}"#,
            r#"{"a": "x", "b": "y"}"#,
            r#""x y""#,
        ),
        (r#"{"$concat": ["$a", "$n"]}"#, r#"{"a": "x"}"#, "null"),
        (r#"{"$concat": []}"#, "{}", r#""""#),
        (
            r#"{"$concat": ["a", 1]}"#,
            "{}",
            "$concat needs a string, found an int",
        ),
        (r#"{"$toLower": "AbÄ"}"#, "{}", r#""abÄ""#),
        (r#"{"$toUpper": "abß"}"#, "{}", r#""ABß""#),
        (r#"{"$toUpper": "$n"}"#, "{}", r#""""#),
        (r#"{"$toLower": 12}"#, "{}", r#""12""#),
        (
            r#"{"$toLower": {"$date": 0}}"#,
            "{}",
            r#""1970-01-01t00:00:00.000z""#,
        ),
        (
            r#"{"$toLower": true}"#,
            "{}",
            "$toLower needs a string, a number or a date, found a bool",
        ),
        (
            r#"{"$split": ["1999/12/12", "/"]}"#,
            "{}",
            r#"["1999", "12", "12"]"#,
        ),
        (r#"{"$split": ["a", "-"]}"#, "{}", r#"["a"]"#),
        (r#"{"$split": ["-a-", "-"]}"#, "{}", r#"["", "a", ""]"#),
        (r#"{"$split": ["$n", "-"]}"#, "{}", "null"),
        (
            r#"{"$split": ["a", ""]}"#,
            "{}",
            "$split needs a separator that is not empty",
        ),
        (r#"{"$strLenBytes": "心谭"}"#, "{}", "6"),
        (r#"{"$strLenCP": "心谭😀"}"#, "{}", "3"),
        (
            r#"{"$strLenCP": "$n"}"#,
            "{}",
            "$strLenCP needs a string, found null",
        ),
        (r#"{"$strcasecmp": ["Yuanxin", "Dong"]}"#, "{}", "1"),
        (r#"{"$strcasecmp": ["abc", "ABC"]}"#, "{}", "0"),
        (r#"{"$strcasecmp": ["$n", "a"]}"#, "{}", "-1"),
        (r#"{"$trim": {"input": "  a b \n"}}"#, "{}", r#""a b""#),
        (r#"{"$ltrim": {"input": "  a "}}"#, "{}", r#""a ""#),
        (
            r#"{"$rtrim": {"input": "ggggoodbyeeeee", "chars": "ge"}}"#,
            "{}",
            r#""ggggoodby""#,
        ),
        (r#"{"$trim": {"input": "$n"}}"#, "{}", "null"),
        (
            r#"{"$trim": {"input": 1}}"#,
            "{}",
            "$trim needs a string, found an int",
        ),
        (
            r#"{"$trim": {"input": "a", "char": "a"}}"#,
            "{}",
            "$trim has no argument `char`",
        ),
        (
            r#"{"$replaceOne": {"input": "aXbX", "find": "X", "replacement": "-"}}"#,
            "{}",
            r#""a-bX""#,
        ),
        (
            r#"{"$replaceAll": {"input": "aXbX", "find": "X", "replacement": "-"}}"#,
            "{}",
            r#""a-b-""#,
        ),
        (
            r#"{"$replaceAll": {"input": "a", "find": null, "replacement": "-"}}"#,
            "{}",
            "null",
        ),
    ]);
}

#[test]
fn parts_of_texts() {
    check(&[
        (r#"{"$substr": ["1999/12/12", 0, 4]}"#, "{}", r#""1999""#),
        (r#"{"$substr": ["1999/12/12", 8, -1]}"#, "{}", r#""12""#),
        (r#"{"$substrBytes": ["1999/12/12", 5, 2]}"#, "{}", r#""12""#),
        (r#"{"$substrBytes": ["1999", 9, 2]}"#, "{}", r#""""#),
        (r#"{"$substrBytes": ["心谭", 0, 3]}"#, "{}", r#""心""#),
        (
            r#"{"$substrBytes": ["心谭", 0, 4]}"#,
            "{}",
            "$substrBytes would cut a character of several bytes",
        ),
        (
            r#"{"$substrBytes": ["心谭", 1, -1]}"#,
            "{}",
            "$substrBytes would cut a character of several bytes",
        ),
        (
            r#"{"$substrBytes": ["abc", -1, 2]}"#,
            "{}",
            "$substrBytes needs a position from 0, found -1",
        ),
        (r#"{"$substrBytes": ["$n", 0, 2]}"#, "{}", r#""""#),
        (r#"{"$substrBytes": [12345, 1, 2]}"#, "{}", r#""23""#),
        (r#"{"$substrCP": ["心谭😀a", 1, 2]}"#, "{}", r#""谭😀""#),
        (r#"{"$substrCP": ["abc", 1, 9]}"#, "{}", r#""bc""#),
        (
            r#"{"$substrCP": ["abc", 0, -1]}"#,
            "{}",
            "$substrCP needs a position from 0, found -1",
        ),
        (r#"{"$indexOfBytes": ["Weijia", "a"]}"#, "{}", "5"),
        (r#"{"$indexOfBytes": ["心a", "a"]}"#, "{}", "3"),
        (r#"{"$indexOfBytes": ["cafe café", "é"]}"#, "{}", "8"),
        (r#"{"$indexOfBytes": ["abcabc", "c", 3]}"#, "{}", "5"),
        (r#"{"$indexOfBytes": ["abcabc", "c", 0, 2]}"#, "{}", "-1"),
        (r#"{"$indexOfBytes": ["abc", "", 3]}"#, "{}", "3"),
        (r#"{"$indexOfBytes": ["abc", "b", 5]}"#, "{}", "-1"),
        (r#"{"$indexOfBytes": ["$n", "a"]}"#, "{}", "null"),
        (
            r#"{"$indexOfBytes": ["a", "$n"]}"#,
            "{}",
            "$indexOfBytes needs a string, found null",
        ),
        (r#"{"$indexOfCP": ["心a", "a"]}"#, "{}", "1"),
        (r#"{"$indexOfCP": ["😀😀a", "a", 1]}"#, "{}", "2"),
        (r#"{"$indexOfCP": ["心a心a", "a", 2, 9]}"#, "{}", "3"),
        (r#"{"$indexOfCP": ["心a心a", "a", 2, 3]}"#, "{}", "-1"),
        (r#"{"$indexOfCP": ["abc", "b", 5]}"#, "{}", "-1"),
    ]);
}

#[test]
fn patterns() {
    check(&[
        (
            r#"{"$regexMatch": {"input": "ab", "regex": "a(?=b)"}}"#,
            "{}",
            "true",
        ),
        (
            r#"{"$regexMatch": {"input": "a", "regex": "a", "options": "q"}}"#,
            "{}",
            "$regexMatch knows the options i, m, s and x, not `q`",
        ),
        (
            r#"{"$regexMatch": {"input": "abc", "regex": "B", "options": "i"}}"#,
            "{}",
            "true",
        ),
        (
            r#"{"$regexMatch": {"input": "abc", "regex": {"$regularExpression": {"pattern": "^B", "options": "i"}}}}"#,
            "{}",
            "false",
        ),
        (
            r#"{"$regexMatch": {"input": "abc", "regex": {"$regex": "B", "$options": "i"}}}"#,
            "{}",
            "true",
        ),
        (
            r#"{"$regexMatch": {"input": "$n", "regex": "a"}}"#,
            "{}",
            "false",
        ),
        (
            r#"{"$regexFind": {"input": "心ab", "regex": "(a)(x)?"}}"#,
            "{}",
            r#"{"match": "a", "idx": 1, "captures": ["a", null]}"#,
        ),
        (
            r#"{"$regexFind": {"input": "b", "regex": "a"}}"#,
            "{}",
            "null",
        ),
        (
            r#"{"$regexFindAll": {"input": "a心a", "regex": "a"}}"#,
            "{}",
            r#"[{"match": "a", "idx": 0, "captures": []}, {"match": "a", "idx": 2, "captures": []}]"#,
        ),
        (
            r#"{"$regexFindAll": {"input": "$n", "regex": "a"}}"#,
            "{}",
            "[]",
        ),
        (
            r#"{"$regexMatch": {"input": 1, "regex": "a"}}"#,
            "{}",
            "$regexMatch needs a string, found an int",
        ),
        (
            r#"{"$regexMatch": {"input": "a", "regex": "("}}"#,
            "{}",
            "$regexMatch needs a regular expression: Parsing error at position 1: Opening parenthesis without closing parenthesis",
        ),
    ]);
}
