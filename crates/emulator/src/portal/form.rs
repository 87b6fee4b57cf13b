//! Forms: the hidden token, and what comes in with it.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Query, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::Portal;
use crate::state::State;

const TOKEN: &str = "csrf";

/// The hidden field that every form has.
pub(super) fn token(portal: &Portal) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(portal.token); }
}

/// The message that a page is to say.
#[derive(Deserialize)]
pub(super) struct Said {
    message: Option<String>,
}

pub(super) fn said(portal: &Portal, query: &Query<Said>) -> Option<super::Message> {
    portal.take(query.message.as_deref())
}

/// The fields of a form that came from these pages.
pub(super) struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    /// A field's text without spaces around it; nothing where it is empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = String::from_utf8(self.bytes(name)?.to_vec()).ok()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    pub(super) fn need(&self, name: &str, label: &str) -> Result<String, String> {
        self.text(name).ok_or_else(|| format!("{label} is missing."))
    }

    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_slice())
    }

    /// Every value of a field that may be there several times.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(key, _)| key == name);
        found.filter_map(|(_, value)| String::from_utf8(value.clone()).ok()).collect()
    }

    pub(super) fn checked(&self, name: &str) -> bool {
        self.bytes(name).is_some()
    }

    /// A whole number; nothing where the field is empty.
    pub(super) fn number(&self, name: &str, label: &str) -> Result<Option<u32>, String> {
        let text = self.text(name);
        let number =
            text.map(|text| text.parse().map_err(|_| format!("{label} is no whole number.")));
        number.transpose()
    }
}

impl FromRequest<Arc<State>> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Response> {
        let kind = request.headers().get(http::header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let fields = if kind.starts_with("multipart/form-data") {
            let multipart = Multipart::from_request(request, state).await;
            parts(multipart.map_err(IntoResponse::into_response)?).await?
        } else {
            let body = axum::body::Bytes::from_request(request, state).await;
            let body = body.map_err(IntoResponse::into_response)?;
            let pairs = url::form_urlencoded::parse(&body).into_owned();
            pairs.map(|(name, value)| (name, value.into_bytes())).collect()
        };
        let fields = Self(fields);
        if fields.bytes(TOKEN) != Some(state.portal.token.as_bytes()) {
            let text = "This form is not from this emulator, or from before it was restarted. Go back and load the page again.";
            return Err((StatusCode::FORBIDDEN, text).into_response());
        }
        Ok(fields)
    }
}

async fn parts(mut multipart: Multipart) -> Result<Vec<(String, Vec<u8>)>, Response> {
    let mut fields = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(IntoResponse::into_response)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(IntoResponse::into_response)?;
        fields.push((name, bytes.to_vec()));
    }
    Ok(fields)
}

/// A tick box with its label, and what it does.
pub(super) fn check(name: &str, label: &str, hint: &str, on: bool) -> Markup {
    html! {
        label.check {
            input type="checkbox" name=(name) value="1" checked[on];
            span { (label) " " span.soft { (hint) } }
        }
    }
}
