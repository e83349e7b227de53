//! `/admin` and `/web`: one address, many actions; what the Node SDKs, the functions' SDK and the web SDK 2.x speak.

use std::sync::Arc;

use axum::Router;

use super::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
