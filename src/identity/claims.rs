//! What a verified token claims of itself: for whom, by whom, for how long. Of whom is `person.rs`.

use serde_json::{Map, Value};

use super::{Config, TokenError, unique};

/// The last second of the year 9999: a later time is a mistake, such as milliseconds for seconds.
const MAX_TIME: f64 = 253_402_300_799.0;

/// The members of a token's payload, none of them twice.
#[derive(Debug)]
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// # Errors
    /// It is no JSON object, or has a member twice.
    pub(super) fn parse(payload: &[u8]) -> Result<Self, TokenError> {
        unique::object(payload).map(Self)
    }

    /// A claim; null is none.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A claim that is a text, whatever else it may be.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Until when it is good, in milliseconds since 1970, at a moment when it is: issued by somebody who may, for this
    /// environment, not before and not too long ago.
    ///
    /// Within the leeway after its end it is good for the rest of the leeway. One that comes in time is good until its
    /// end and no longer.
    ///
    /// # Errors
    /// It is not, or does not say.
    pub(super) fn until(&self, config: &Config, now: i64) -> Result<i64, TokenError> {
        let issuer = self.text("iss").ok_or(TokenError::Claim("iss"))?;
        if !config.issuers.iter().any(|known| known == issuer) {
            return Err(TokenError::Issuer);
        }
        if !self.is_for(&config.env)? {
            return Err(TokenError::Audience);
        }
        let leeway = i64::try_from(config.leeway.as_millis()).unwrap_or(i64::MAX);
        for name in ["iat", "nbf"] {
            let begin = self.time(name)?;
            if begin.is_some_and(|begin| begin > now.saturating_add(leeway)) {
                return Err(TokenError::NotYet);
            }
        }
        let end = self.time("exp")?.ok_or(TokenError::Claim("exp"))?;
        let last = end.saturating_add(leeway);
        match now {
            now if now < end => Ok(end),
            now if now < last => Ok(last),
            _ => Err(TokenError::Expired),
        }
    }

    /// `aud`: a text, or a list of texts.
    fn is_for(&self, env: &str) -> Result<bool, TokenError> {
        let wrong = TokenError::Claim("aud");
        match self.get("aud").ok_or(wrong)? {
            Value::String(one) => Ok(one == env),
            Value::Array(all) if all.iter().all(Value::is_string) => {
                Ok(all.iter().any(|one| one == env))
            }
            _ => Err(wrong),
        }
    }

    /// A time in seconds since 1970, as milliseconds.
    fn time(&self, name: &'static str) -> Result<Option<i64>, TokenError> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let seconds = value.as_f64();
        let seconds = seconds.filter(|seconds| (0.0..=MAX_TIME).contains(seconds));
        let seconds = seconds.ok_or(TokenError::Claim(name))?;
        Ok(Some(milliseconds(seconds)))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time before the year 10000 fits"
)]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Seconds since 1970.
    const NOW: i64 = 1_767_225_600;

    /// A good token's claims with one of them otherwise, or left out.
    fn with(name: &str, value: Option<Value>) -> Claims {
        let mut claims = json!({
            "iss": "https://shop.api.tcloudbasegateway.com",
            "aud": "shop",
            "exp": NOW + 100,
            "iat": NOW - 100,
        });
        let members = claims.as_object_mut().expect("an object");
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
        Claims::parse(claims.to_string().as_bytes()).expect("claims")
    }

    #[test]
    fn claims_are_judged_one_by_one() {
        let config = Config::new("shop");
        let good = Ok((NOW + 100) * 1000);
        let claim = |name| Err(TokenError::Claim(name));
        let cases = [
            ("other", Some(json!({"a": [1]})), good),
            ("iat", None, good),
            ("iss", None, claim("iss")),
            ("iss", Some(json!(1)), claim("iss")),
            (
                "iss",
                Some(json!("https://shop.api.tcloudbasegateway.com/")),
                Err(TokenError::Issuer),
            ),
            (
                "iss",
                Some(json!("https://other.api.tcloudbasegateway.com")),
                Err(TokenError::Issuer),
            ),
            ("iss", Some(json!("")), Err(TokenError::Issuer)),
            ("aud", Some(json!(["other", "shop"])), good),
            ("aud", None, claim("aud")),
            ("aud", Some(Value::Null), claim("aud")),
            ("aud", Some(json!([])), Err(TokenError::Audience)),
            ("aud", Some(json!("other")), Err(TokenError::Audience)),
            ("aud", Some(json!("SHOP")), Err(TokenError::Audience)),
            ("aud", Some(json!(["shop", 1])), claim("aud")),
            ("aud", Some(json!({"shop": true})), claim("aud")),
            ("exp", None, claim("exp")),
            ("exp", Some(Value::Null), claim("exp")),
            ("exp", Some(json!((NOW + 100).to_string())), claim("exp")),
            ("exp", Some(json!(true)), claim("exp")),
            ("exp", Some(json!(-1)), claim("exp")),
            ("exp", Some(json!(1e300)), claim("exp")),
            ("exp", Some(json!(u64::MAX)), claim("exp")),
            ("exp", Some(json!((NOW + 100) * 1000)), claim("exp")),
            ("exp", Some(json!(NOW + 1)), Ok((NOW + 1) * 1000)),
            ("exp", Some(json!(NOW as f64 + 0.5)), Ok(NOW * 1000 + 500)),
            // Late, by less than the leeway and by more.
            ("exp", Some(json!(NOW)), Ok((NOW + 60) * 1000)),
            ("exp", Some(json!(NOW - 59)), Ok((NOW + 1) * 1000)),
            ("exp", Some(json!(NOW - 60)), Err(TokenError::Expired)),
            ("exp", Some(json!(0)), Err(TokenError::Expired)),
            ("iat", Some(json!(NOW + 60)), good),
            ("iat", Some(json!(NOW + 61)), Err(TokenError::NotYet)),
            ("iat", Some(json!("now")), claim("iat")),
            ("iat", Some(Value::Null), claim("iat")),
            ("iat", Some(json!(NOW * 1000)), claim("iat")),
            ("nbf", Some(json!(NOW + 60)), good),
            ("nbf", Some(json!(NOW + 61)), Err(TokenError::NotYet)),
            ("nbf", Some(json!([NOW])), claim("nbf")),
        ];
        for (name, value, expected) in cases {
            let claims = with(name, value.clone());
            assert_eq!(
                claims.until(&config, NOW * 1000),
                expected,
                "{name}: {value:?}"
            );
        }
    }
}
