//! `/auth/v1`: users sign in and get tokens.

use std::sync::Arc;

use axum::Router;

use super::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
