//! Cloud files, kept in a local folder: addresses to load them from, uploads, deletion.

use std::sync::Arc;

use axum::Router;

use super::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
