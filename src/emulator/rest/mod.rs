//! `/v1/database`: the database over REST; what the web SDK 3.x speaks.

use std::sync::Arc;

use axum::Router;

use super::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
