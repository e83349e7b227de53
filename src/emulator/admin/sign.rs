//! The way to the realtime socket: where it is, and a text that says who opens it.

use super::asked::Asked;
use crate::data::{Object, Value};

pub(super) fn sign(asked: &Asked<'_>) -> Object {
    let app = asked.app;
    let named = asked.text("env").or_else(|| asked.text("envName"));
    let env = app.env.as_deref().or(named).unwrap_or_default();
    let signature = app.identities.sign_socket(asked.session.identity());
    let data = Object::from_iter([
        ("signStr", Value::string(signature)),
        ("wsUrl", Value::string(format!("ws://{}/ws", asked.host))),
        ("secretVersion", Value::string("1")),
        ("envId", Value::string(env)),
    ]);
    Object::from_iter([("data", Value::Object(data))])
}
