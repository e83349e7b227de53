//! The realtime socket: watches, pushed changes, and coming back after a loss.

use std::sync::Arc;

use axum::Router;

use super::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
