//! What clients of the socket ask, read from their JSON texts.

use smol_str::SmolStr;

use crate::data::{CollectionName, Object, Order, OrderKey, Path, Value, ejson};

/// Fields a list is ordered by; more are a mistake.
const MAX_ORDER_KEYS: usize = 32;

/// A message of a client.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) address: Address,
    pub(super) asked: Result<Asked, String>,
}

/// What an answer must name, so that the client finds who waits for it.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// The watch the message is about, as the client calls it.
    pub(super) watch_id: Option<SmolStr>,
    pub(super) request_id: SmolStr,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Asked {
    Login {
        env: SmolStr,
        signature: Option<SmolStr>,
    },
    Ping,
    /// The others are about a watch.
    OfWatch(Wish),
}

/// What is asked for a watch.
#[derive(Debug)]
pub(super) enum Wish {
    Begin {
        env: SmolStr,
        list: Box<List>,
    },
    /// To take a watch up again, after the last event that the client knows.
    Rebuild {
        env: SmolStr,
        query_id: SmolStr,
        event_id: i64,
    },
    /// To tell what the last event is.
    Check {
        query_id: SmolStr,
    },
    Close,
}

/// A list to watch.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub(super) collection: CollectionName,
    /// The condition as EJSON text.
    pub(super) query: SmolStr,
    /// No keys: none was asked for.
    pub(super) order: Order,
    /// How many are shown; [`usize::MAX`]: all.
    pub(super) limit: usize,
}

impl Request {
    /// Reads a message.
    ///
    /// # Errors
    /// It is not even an envelope: nobody can be answered.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let envelope = ejson::parse_object(text).map_err(|error| error.to_string())?;
        let address = Address {
            watch_id: text_of(&envelope, "watchId"),
            request_id: text_of(&envelope, "requestId").ok_or("a message needs a `requestId`")?,
        };
        Ok(Self {
            asked: asked(&envelope),
            address,
        })
    }
}

fn asked(envelope: &Object) -> Result<Asked, String> {
    let kind = text_of(envelope, "msgType").ok_or("a message needs a `msgType`")?;
    let nothing = Object::new();
    let part = |name| envelope.get(name).and_then(Value::as_object);
    let data = part("msgData").unwrap_or(&nothing);
    let env = || text_of(data, "envId").unwrap_or_default();
    let query_id = || text_of(data, "queryID").ok_or("`msgData` needs a `queryID`");
    Ok(match kind.as_str() {
        "PING" => Asked::Ping,
        "LOGIN" => Asked::Login {
            env: env(),
            signature: part("exMsgData").and_then(|data| text_of(data, "signStr")),
        },
        "INIT_WATCH" => Asked::OfWatch(Wish::Begin {
            env: env(),
            list: Box::new(list(data)?),
        }),
        "REBUILD_WATCH" => Asked::OfWatch(Wish::Rebuild {
            env: env(),
            query_id: query_id()?,
            event_id: match data.get("eventID") {
                Some(Value::Int(id)) => *id,
                _ => return Err("`eventID` must be a whole number".to_owned()),
            },
        }),
        "CHECK_LAST" => Asked::OfWatch(Wish::Check {
            query_id: query_id()?,
        }),
        "CLOSE_WATCH" => Asked::OfWatch(Wish::Close),
        other => return Err(format!("no message is called `{other}`")),
    })
}

fn list(data: &Object) -> Result<List, String> {
    let name = text_of(data, "collName").unwrap_or_default();
    Ok(List {
        collection: CollectionName::parse(&name)
            .ok_or_else(|| format!("`{name}` is not the name of a collection"))?,
        query: text_of(data, "query").ok_or("`query` must be a JSON text")?,
        order: order(data.get("orderBy"))?,
        limit: limit(data.get("limit"))?,
    })
}

fn order(keys: Option<&Value>) -> Result<Order, String> {
    let keys = match keys {
        None | Some(Value::Null) => return Ok(Order::default()),
        Some(Value::Object(keys)) => keys,
        Some(_) => return Err("`orderBy` must be an object".to_owned()),
    };
    if keys.len() > MAX_ORDER_KEYS {
        return Err(format!("`orderBy` has at most {MAX_ORDER_KEYS} fields"));
    }
    let keys = keys.iter().map(|(name, direction)| {
        let path = Path::parse(name).ok_or_else(|| format!("`orderBy`: `{name}` is no field"))?;
        match direction.as_str() {
            Some("asc") => Ok(OrderKey::ascending(path)),
            Some("desc") => Ok(OrderKey::descending(path)),
            _ => Err(format!("`orderBy`: `{name}` must be `asc` or `desc`")),
        }
    });
    Ok(Order {
        keys: keys.collect::<Result<_, String>>()?,
    })
}

fn limit(limit: Option<&Value>) -> Result<usize, String> {
    match limit {
        None | Some(Value::Null) => Ok(usize::MAX),
        Some(Value::Int(limit)) if *limit > 0 => Ok(usize::try_from(*limit).unwrap_or(usize::MAX)),
        Some(_) => Err("`limit` must be a whole number greater than 0".to_owned()),
    }
}

fn text_of(object: &Object, name: &str) -> Option<SmolStr> {
    match object.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(data: &str) -> Result<List, String> {
        let text =
            format!(r#"{{"watchId":"W","requestId":"R","msgType":"INIT_WATCH","msgData":{data}}}"#);
        match Request::parse(&text)?.asked? {
            Asked::OfWatch(Wish::Begin { list, .. }) => Ok(*list),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_watch_keeps_the_order_of_its_fields() {
        let list = begun(
            r#"{"collName":"todos","query":"{\"a\":1}","limit":2,"orderBy":{"n":"desc","a.b":"asc"}}"#,
        )
        .expect("a list");
        let keys: Vec<_> = list
            .order
            .keys
            .iter()
            .map(|key| key.path.to_string())
            .collect();
        assert_eq!(keys, ["n", "a.b"]);
        assert_eq!((list.query.as_str(), list.limit), (r#"{"a":1}"#, 2));
        for order in ["{}", "null"] {
            let data = format!(r#"{{"collName":"todos","query":"{{}}","orderBy":{order}}}"#);
            let list = begun(&data).expect("a list");
            assert_eq!((list.order, list.limit), (Order::default(), usize::MAX));
        }
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let cases = [
            (r#"{"query":"{}"}"#, "`` is not the name of a collection"),
            (
                r#"{"collName":"$x","query":"{}"}"#,
                "`$x` is not the name of a collection",
            ),
            (r#"{"collName":"a"}"#, "`query` must be a JSON text"),
            (
                r#"{"collName":"a","query":{}}"#,
                "`query` must be a JSON text",
            ),
            (
                r#"{"collName":"a","query":"{}","limit":0}"#,
                "`limit` must be a whole number greater than 0",
            ),
            (
                r#"{"collName":"a","query":"{}","limit":1.5}"#,
                "`limit` must be a whole number greater than 0",
            ),
            (
                r#"{"collName":"a","query":"{}","orderBy":{"n":1}}"#,
                "`orderBy`: `n` must be `asc` or `desc`",
            ),
            (
                r#"{"collName":"a","query":"{}","orderBy":{"a..b":"asc"}}"#,
                "`orderBy`: `a..b` is no field",
            ),
            (
                r#"{"collName":"a","query":"{}","orderBy":[]}"#,
                "`orderBy` must be an object",
            ),
        ];
        for (data, told) in cases {
            assert_eq!(begun(data).expect_err(data), told);
        }
        let unaddressed = [
            "",
            "[]",
            "1",
            "{}",
            r#"{"msgType":"PING"}"#,
            r#"{"requestId":1}"#,
        ];
        for text in unaddressed {
            assert!(Request::parse(text).is_err(), "{text}");
        }
        let unknown = Request::parse(r#"{"requestId":"R","msgType":"X"}"#).expect("an envelope");
        assert_eq!(
            unknown.asked.expect_err("unknown"),
            "no message is called `X`"
        );
    }
}
