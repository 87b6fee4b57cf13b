//! The far side of a consent and of a query: just enough of Entra ID's token endpoint and of the Web API to answer
//! one account, and to be made to wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

/// The tokens that it gives out; looked for wherever they must not be.
pub(crate) const ACCESS_TOKEN: &str = "canary-access-token";
pub(crate) const REFRESH_TOKEN: &str = "canary-refresh-token";
/// What the consenting user is called in Dynamics 365.
pub(crate) const USER: &str = "11111111-1111-4111-8111-111111111111";

/// What a query is told of what is left of the limits.
const LEFT: [(&str, &str); 3] = [
    ("x-ms-ratelimit-burst-remaining-xrm-requests", "5,998"),
    ("x-ms-ratelimit-time-remaining-xrm-requests", "1,199.46"),
    ("x-ms-dop-hint", "4"),
];

type Fields = HashMap<String, String>;

/// A running far side.
#[derive(Clone)]
pub(crate) struct FarSide {
    origin: String,
    token_requests: Arc<Mutex<Vec<Fields>>>,
    /// The error with which token requests are refused; none grants them.
    pub(crate) refusal: Arc<Mutex<Option<&'static str>>>,
    /// A permit for each query that came in.
    pub(crate) asked: Arc<Semaphore>,
    /// A permit for each query that may be answered.
    pub(crate) answer: Arc<Semaphore>,
}

impl FarSide {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = Self {
            origin: format!("http://{}", listener.local_addr().unwrap()),
            token_requests: Arc::default(),
            refusal: Arc::default(),
            asked: Arc::new(Semaphore::new(0)),
            answer: Arc::new(Semaphore::new(0)),
        };
        let app = Router::new()
            .route("/tenant/oauth2/v2.0/token", post(token))
            .route("/api/data/v9.2/WhoAmI", get(who_am_i))
            .route("/api/data/v9.2/contacts", get(contacts))
            .with_state(far.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        far
    }

    /// The fields of an account here.
    pub(crate) fn account(&self, name: &str) -> Value {
        let mut fields = super::account(name);
        let Self { origin, .. } = self;
        fields["authorization_url"] = format!("{origin}/tenant/oauth2/v2.0/authorize").into();
        fields["token_url"] = format!("{origin}/tenant/oauth2/v2.0/token").into();
        fields["api_url"] = format!("{origin}/api/data/v9.2").into();
        fields
    }

    /// The token requests so far.
    pub(crate) fn token_requests(&self) -> Vec<Fields> {
        self.token_requests.lock().unwrap().clone()
    }
}

async fn token(State(far): State<FarSide>, Form(fields): Form<Fields>) -> Response {
    far.token_requests.lock().unwrap().push(fields);
    if let Some(error) = *far.refusal.lock().unwrap() {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    }
    let granted = json!({
        "token_type": "Bearer", "expires_in": 3599,
        "access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN,
    });
    Json(granted).into_response()
}

async fn who_am_i() -> Json<Value> {
    let organization = "22222222-2222-4222-8222-222222222222";
    Json(json!({ "UserId": USER, "BusinessUnitId": organization, "OrganizationId": organization }))
}

async fn contacts(State(far): State<FarSide>) -> impl IntoResponse {
    far.asked.add_permits(1);
    far.answer.acquire().await.unwrap().forget();
    (LEFT, Json(json!({ "value": [{ "fullname": "Ann Example" }] })))
}
