use super::check;

const MAY: &str = r#"{"d": {"$date": 1557826731686}}"#;

#[test]
fn parts() {
    check(&[
        (r#"{"$year": "$d"}"#, MAY, "2019"),
        (r#"{"$month": "$d"}"#, MAY, "5"),
        (r#"{"$dayOfMonth": "$d"}"#, MAY, "14"),
        (r#"{"$dayOfWeek": "$d"}"#, MAY, "3"),
        (r#"{"$dayOfYear": "$d"}"#, MAY, "134"),
        (r#"{"$hour": "$d"}"#, MAY, "9"),
        (r#"{"$minute": "$d"}"#, MAY, "38"),
        (r#"{"$second": "$d"}"#, MAY, "51"),
        (r#"{"$millisecond": "$d"}"#, MAY, "686"),
        (r#"{"$week": "$d"}"#, MAY, "19"),
        (r#"{"$isoDayOfWeek": "$d"}"#, MAY, "2"),
        (r#"{"$isoWeek": "$d"}"#, MAY, "20"),
        (r#"{"$isoWeekYear": "$d"}"#, MAY, "2019"),
        (r#"{"$year": ["$d"]}"#, MAY, "2019"),
        (
            r#"{"$hour": {"date": "$d", "timezone": "Asia/Shanghai"}}"#,
            MAY,
            "17",
        ),
        (
            r#"{"$hour": {"date": "$d", "timezone": "+08:00"}}"#,
            MAY,
            "17",
        ),
        (
            r#"{"$hour": {"date": "$d", "timezone": "-0330"}}"#,
            MAY,
            "6",
        ),
        (r#"{"$hour": {"date": "$d", "timezone": "+03"}}"#, MAY, "12"),
        (
            r#"{"$hour": {"date": "$d", "timezone": "$n"}}"#,
            MAY,
            "null",
        ),
        (
            r#"{"$hour": {"date": "$d", "timezone": "Atlantis"}}"#,
            MAY,
            "$hour needs a time zone such as `Asia/Shanghai` or `+08:00`, found `Atlantis`",
        ),
        (r#"{"$year": "$n"}"#, "{}", "null"),
        (
            r#"{"$year": "2019"}"#,
            "{}",
            "$year needs a date, found a string",
        ),
        (
            r#"{"$year": {"$oid": "5ab9c3da31c2ab715d421285"}}"#,
            "{}",
            "2018",
        ),
        (
            r#"{"$year": {"$date": {"$numberLong": "9223372036854775807"}}}"#,
            "{}",
            "$year needs a date within 9999 years",
        ),
        (
            r#"{"$millisecond": {"$date": {"$numberLong": "-1"}}}"#,
            "{}",
            "999",
        ),
        (r#"{"$week": {"$date": "2016-01-01T00:00:00Z"}}"#, "{}", "0"),
        (r#"{"$week": {"$date": "2016-01-03T00:00:00Z"}}"#, "{}", "1"),
        (
            r#"{"$isoWeek": {"$date": "2016-01-01T00:00:00Z"}}"#,
            "{}",
            "53",
        ),
        (
            r#"{"$isoWeekYear": {"$date": "2016-01-01T00:00:00Z"}}"#,
            "{}",
            "2015",
        ),
        (
            r#"{"$dateToParts": {"date": "$d"}}"#,
            MAY,
            r#"{"year": 2019, "month": 5, "day": 14, "hour": 9, "minute": 38, "second": 51, "millisecond": 686}"#,
        ),
        (
            r#"{"$dateToParts": {"date": "$d", "iso8601": true, "timezone": "+08:00"}}"#,
            MAY,
            r#"{"isoWeekYear": 2019, "isoWeek": 20, "isoDayOfWeek": 2, "hour": 17, "minute": 38, "second": 51, "millisecond": 686}"#,
        ),
    ]);
}

#[test]
fn dates_of_parts() {
    check(&[
        (
            r#"{"$dateFromParts": {"year": 2017, "month": 2, "day": 8, "hour": 12, "timezone": "America/New_York"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T17:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"year": 2017, "month": 7, "hour": 12, "timezone": "America/New_York"}}"#,
            "{}",
            r#"{"$date": "2017-07-01T16:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"year": 2017}}"#,
            "{}",
            r#"{"$date": "2017-01-01T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"year": 2017, "month": 14, "day": 1, "hour": 12}}"#,
            "{}",
            r#"{"$date": "2018-02-01T12:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"year": 2017, "month": 0, "day": 1, "hour": 12}}"#,
            "{}",
            r#"{"$date": "2016-12-01T12:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"year": 2017, "month": 2, "day": 0, "minute": -1, "millisecond": 5}}"#,
            "{}",
            r#"{"$date": "2017-01-30T23:59:00.005Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"isoWeekYear": 2017, "isoWeek": 6, "isoDayOfWeek": 3, "hour": 12}}"#,
            "{}",
            r#"{"$date": "2017-02-08T12:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromParts": {"year": 2017, "month": "$n"}}"#,
            "{}",
            "null",
        ),
        (
            r#"{"$dateFromParts": {"month": 1}}"#,
            "{}",
            "$dateFromParts needs either `year` or `isoWeekYear`",
        ),
        (
            r#"{"$dateFromParts": {"year": 10000}}"#,
            "{}",
            "$dateFromParts needs a year from 1 to 9999, found 10000",
        ),
        (
            r#"{"$dateFromParts": {"year": 2017, "day": 40000}}"#,
            "{}",
            "$dateFromParts needs parts of 16 bits, found 40000",
        ),
        (
            r#"{"$dateFromParts": {"year": "2017"}}"#,
            "{}",
            "$dateFromParts needs a whole number, found a string",
        ),
    ]);
}

#[test]
fn dates_as_text() {
    check(&[
        (
            r#"{"$dateToString": {"date": "$d"}}"#,
            MAY,
            r#""2019-05-14T09:38:51.686Z""#,
        ),
        (
            r#"{"$dateToString": {"date": "$d", "timezone": "Asia/Shanghai"}}"#,
            MAY,
            r#""2019-05-14T17:38:51.686""#,
        ),
        (
            r#"{"$dateToString": {"date": {"$date": 0}, "timezone": "Africa/Abidjan"}}"#,
            MAY,
            r#""1970-01-01T00:00:00.000""#,
        ),
        (
            r#"{"$dateToString": {"date": {"$date": 0}, "timezone": "+00:00"}}"#,
            MAY,
            r#""1970-01-01T00:00:00.000Z""#,
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%Y-%m-%d %H:%M:%S.%L"}}"#,
            MAY,
            r#""2019-05-14 09:38:51.686""#,
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%j %u %U %V %w %G %%"}}"#,
            MAY,
            r#""134 2 19 20 3 2019 %""#,
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%z %Z", "timezone": "Asia/Shanghai"}}"#,
            MAY,
            r#""+0800 480""#,
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%z %Z", "timezone": "-03:30"}}"#,
            MAY,
            r#""-0330 -210""#,
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%b %B %d日"}}"#,
            MAY,
            r#""May May 14日""#,
        ),
        (r#"{"$dateToString": {"date": "$n"}}"#, MAY, "null"),
        (
            r#"{"$dateToString": {"date": "$n", "onNull": "none"}}"#,
            MAY,
            r#""none""#,
        ),
        (
            r#"{"$dateToString": {"date": "$n", "onNull": "$$REMOVE"}}"#,
            MAY,
            "missing",
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%q"}}"#,
            MAY,
            "$dateToString has no format specifier `%q`",
        ),
        (
            r#"{"$dateToString": {"date": "$d", "format": "%"}}"#,
            MAY,
            "$dateToString needs a specifier after `%` in `format`",
        ),
        (
            r#"{"$dateToString": {"date": "2019"}}"#,
            MAY,
            "$dateToString needs a date, found a string",
        ),
        (
            r#"{"$dateToString": {"format": "%Y"}}"#,
            MAY,
            "$dateToString needs an argument `date`",
        ),
    ]);
}

#[test]
fn dates_of_text() {
    check(&[
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08T12:10:40.787Z"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T12:10:40.787Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08 12:10:40"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T12:10:40Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017/2/8"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08T12:10:40.5+0200"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T10:10:40.500Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08", "timezone": "America/New_York"}}"#,
            "{}",
            r#"{"$date": "2017-02-08T05:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08T12:10:40Z", "timezone": "+01"}}"#,
            "{}",
            "$dateFromString takes no `timezone` for a date that says its own",
        ),
        (
            r#"{"$dateFromString": {"dateString": "06-15-2018", "format": "%m-%d-%Y"}}"#,
            "{}",
            r#"{"$date": "2018-06-15T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2018 166 07+0100", "format": "%Y %j %H%z"}}"#,
            "{}",
            r#"{"$date": "2018-06-15T06:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2018-W24-5 +480", "format": "%G-W%V-%u %Z"}}"#,
            "{}",
            r#"{"$date": "2018-06-14T16:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "15 jun 2018", "format": "%d %b %Y"}}"#,
            "{}",
            r#"{"$date": "2018-06-15T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-30"}}"#,
            "{}",
            "$dateFromString cannot read the date `2017-02-30`",
        ),
        (
            r#"{"$dateFromString": {"dateString": "soon", "onError": "$$ROOT"}}"#,
            r#"{"a": 1}"#,
            r#"{"a": 1}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": 5}}"#,
            "{}",
            "$dateFromString needs a string, found an int",
        ),
        (r#"{"$dateFromString": {"dateString": "$n"}}"#, "{}", "null"),
        (
            r#"{"$dateFromString": {"dateString": "$n", "onNull": {"$date": 0}}}"#,
            "{}",
            r#"{"$date": 0}"#,
        ),
        (
            r#"{"$dateFromString": {"dateString": "2017-02-08", "timezone": null}}"#,
            "{}",
            "null",
        ),
    ]);
}

#[test]
fn calendar_arithmetic() {
    let document = r#"{"a": {"$date": "2021-01-31T10:30:45.678Z"}, "b": {"$date": "2022-03-05T09:00:00Z"},
        "s": {"$date": "2021-03-13T12:00:00Z"}}"#;
    check(&[
        (
            r#"{"$dateAdd": {"startDate": "$a", "unit": "month", "amount": 1}}"#,
            document,
            r#"{"$date": "2021-02-28T10:30:45.678Z"}"#,
        ),
        (
            r#"{"$dateAdd": {"startDate": "$a", "unit": "hour", "amount": 2}}"#,
            document,
            r#"{"$date": "2021-01-31T12:30:45.678Z"}"#,
        ),
        (
            r#"{"$dateAdd": {"startDate": "$s", "unit": "day", "amount": 1, "timezone": "America/New_York"}}"#,
            document,
            r#"{"$date": "2021-03-14T11:00:00Z"}"#,
        ),
        (
            r#"{"$dateSubtract": {"startDate": "$a", "unit": "quarter", "amount": 2}}"#,
            document,
            r#"{"$date": "2020-07-31T10:30:45.678Z"}"#,
        ),
        (
            r#"{"$dateAdd": {"startDate": "$n", "unit": "day", "amount": 1}}"#,
            document,
            "null",
        ),
        (
            r#"{"$dateAdd": {"startDate": "$a", "unit": "age", "amount": 1}}"#,
            document,
            "$dateAdd needs a unit such as `year`, `day` or `millisecond`, found `age`",
        ),
        (
            r#"{"$dateAdd": {"startDate": "$a", "unit": "year", "amount": 9223372036854775807}}"#,
            document,
            "$dateAdd leaves the range of dates",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "year"}}"#,
            document,
            "1",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "quarter"}}"#,
            document,
            "4",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "month"}}"#,
            document,
            "14",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "week"}}"#,
            document,
            "56",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "week", "startOfWeek": "mon"}}"#,
            document,
            "57",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "day"}}"#,
            document,
            "398",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$b", "endDate": "$a", "unit": "day"}}"#,
            document,
            "-398",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "hour"}}"#,
            document,
            "9551",
        ),
        (
            r#"{"$dateDiff": {"startDate": "$a", "endDate": "$b", "unit": "millisecond"}}"#,
            document,
            "34381754322",
        ),
        (
            r#"{"$dateTrunc": {"date": "$a", "unit": "month"}}"#,
            document,
            r#"{"$date": "2021-01-01T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateTrunc": {"date": "$a", "unit": "quarter", "binSize": 2}}"#,
            document,
            r#"{"$date": "2021-01-01T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateTrunc": {"date": "$b", "unit": "week"}}"#,
            document,
            r#"{"$date": "2022-02-27T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateTrunc": {"date": "$b", "unit": "week", "startOfWeek": "monday"}}"#,
            document,
            r#"{"$date": "2022-02-28T00:00:00Z"}"#,
        ),
        (
            r#"{"$dateTrunc": {"date": "$a", "unit": "day", "timezone": "Asia/Shanghai"}}"#,
            document,
            r#"{"$date": "2021-01-30T16:00:00Z"}"#,
        ),
        (
            r#"{"$dateTrunc": {"date": "$a", "unit": "minute", "binSize": 15}}"#,
            document,
            r#"{"$date": "2021-01-31T10:30:00Z"}"#,
        ),
        (
            r#"{"$dateTrunc": {"date": "$a", "unit": "hour", "binSize": 0}}"#,
            document,
            "$dateTrunc needs a `binSize` from 1, found 0",
        ),
    ]);
}
