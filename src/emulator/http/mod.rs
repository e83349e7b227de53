//! Connections and routes.

use std::sync::Arc;

use axum::Router;

use super::app::App;
use super::{admin, manage, realtime, rest, sign_in, storage};

/// All that is served.
pub(super) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .merge(admin::routes())
        .merge(rest::routes())
        .merge(manage::routes())
        .merge(sign_in::routes())
        .merge(realtime::routes())
        .merge(storage::routes())
        .with_state(app)
}
