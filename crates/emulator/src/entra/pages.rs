//! The pages of a sign-in.
//!
//! Plain forms without script, so that they work with a keyboard, a screen reader, a phone, and a test that posts the
//! form. The first form is the one to fill in and its first button the one to press.

use axum::response::Response;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use crate::pages::narrow;

/// The error of a form, which its first field is described by.
fn fault(error: Option<&str>) -> Markup {
    html! {
        @if let Some(text) = error {
            p.error #error role="alert" { (text) }
        }
    }
}

pub(crate) fn sign_in(
    tenant: &str,
    context: &str,
    app: &str,
    user: &str,
    error: Option<&str>,
) -> Response {
    let described = error.map(|_| "error");
    let named = !user.is_empty();
    narrow(
        "Sign in",
        &html! {
            h1 { "Sign in" }
            p { "to continue to " strong { (app) } }
            (fault(error))
            form method="post" action={ "/" (tenant) "/login" } {
                input type="hidden" name="ctx" value=(context);
                label for="login" { "User name" }
                input #login name="login" type="text" autocomplete="username" autocapitalize="none"
                    spellcheck="false" required value=(user) aria-describedby=[described]
                    aria-invalid=[error.map(|_| "true")] autofocus[!named];
                label for="passwd" { "Password" }
                input #passwd name="passwd" type="password" autocomplete="current-password" required
                    aria-describedby=[described] autofocus[named];
                div.actions { button type="submit" { "Sign in" } }
            }
            p.hint { "The demo users and their password are on the " a href="/" { "start page" } "." }
        },
    )
}

pub(crate) fn pick_account(
    tenant: &str,
    context: &str,
    app: &str,
    accounts: &[(String, String)],
) -> Response {
    narrow(
        "Pick an account",
        &html! {
            h1 { "Pick an account" }
            p { "to continue to " strong { (app) } }
            form method="post" action={ "/" (tenant) "/account" } {
                input type="hidden" name="ctx" value=(context);
                div.choices {
                    @for (oid, name) in accounts {
                        button.choice type="submit" name="account" value=(oid) { (name) }
                    }
                    button.choice.second type="submit" name="account" value="" { "Use another account" }
                }
            }
        },
    )
}

/// The code of a second factor: the emulator has no phone to send it to, so that the page itself says it.
pub(crate) fn second_factor_code(context: &str) -> String {
    let digest = Sha256::digest(context);
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    format!("{:06}", number % 1_000_000)
}

pub(crate) fn second_factor(
    tenant: &str,
    context: &str,
    user: &str,
    error: Option<&str>,
) -> Response {
    let code = second_factor_code(context);
    let described = if error.is_some() { "error told" } else { "told" };
    narrow(
        "Enter code",
        &html! {
            h1 { "Enter code" }
            p { strong { (user) } " needs a second factor." }
            (fault(error))
            p #told {
                "Entra ID would send it to a phone. The emulator has none to send it to; your code is "
                strong.code { (code) } "."
            }
            form method="post" action={ "/" (tenant) "/mfa" } {
                input type="hidden" name="ctx" value=(context);
                label for="otc" { "Code" }
                input #otc name="otc" type="tel" inputmode="numeric" autocomplete="one-time-code"
                    required autofocus aria-describedby=(described);
                div.actions { button type="submit" { "Verify" } }
            }
        },
    )
}

/// What a consent page asks.
pub(crate) struct Consent<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) context: &'a str,
    pub(crate) app: &'a str,
    pub(crate) user: &'a str,
    pub(crate) permissions: &'a [&'a str],
    /// The user may consent for the organisation.
    pub(crate) admin: bool,
    /// That, and nothing less, is asked for.
    pub(crate) for_all: bool,
}

pub(crate) fn consent(asked: &Consent<'_>) -> Response {
    let Consent { tenant, context, app, user, permissions, admin, for_all } = asked;
    narrow(
        "Permissions requested",
        &html! {
            h1 { "Permissions requested" }
            p {
                strong { (app) } " would like to, as " strong { (user) }
                @if *for_all { ", for " strong { "everybody in your organization" } }
                ":"
            }
            ul { @for permission in *permissions { li { (permission) } } }
            form method="post" action={ "/" (tenant) "/consent" } {
                input type="hidden" name="ctx" value=(context);
                div.actions {
                    button type="submit" name="decision" value="accept" { "Accept" }
                    @if *admin && !for_all {
                        button.second type="submit" name="decision" value="organization" {
                            "Accept for your organization"
                        }
                    }
                    button.second type="submit" name="decision" value="cancel" { "Cancel" }
                }
            }
        },
    )
}

pub(crate) fn admin_approval(
    tenant: &str,
    context: &str,
    app: &str,
    error: &str,
    permissions: &[&str],
) -> Response {
    narrow(
        "Need admin approval",
        &html! {
            h1 { "Need admin approval" }
            p {
                strong { (app) } " needs permission to access resources in your organization that only an admin can grant. "
                "Please ask an admin to grant permission to this app before you can use it."
            }
            ul { @for permission in permissions { li { (permission) } } }
            p.hint { (error) }
            form method="post" action={ "/" (tenant) "/consent" } {
                input type="hidden" name="ctx" value=(context);
                div.actions {
                    button type="submit" name="decision" value="no-approval" {
                        "Return to the application without granting consent"
                    }
                }
            }
        },
    )
}

pub(crate) fn device_code(tenant: &str, code: &str, error: Option<&str>) -> Response {
    narrow(
        "Enter code",
        &html! {
            h1 { "Enter code to allow access" }
            p {
                "Enter the code displayed on your app or device. Do not enter codes from sources that you do not trust."
            }
            (fault(error))
            form method="post" action={ "/" (tenant) "/oauth2/deviceauth" } {
                label for="otc" { "Code" }
                input #otc name="otc" type="text" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" required autofocus value=(code)
                    aria-describedby=[error.map(|_| "error")] aria-invalid=[error.map(|_| "true")];
                div.actions { button type="submit" { "Next" } }
            }
        },
    )
}

pub(crate) fn error(message: &str) -> Response {
    narrow(
        "Sign-in failed",
        &html! {
            h1 { "Sign-in failed" }
            p role="alert" { (message) }
            p { a href="/" { "The emulator's start page" } }
        },
    )
}

/// A page that has only something to say.
pub(crate) fn message(title: &str, text: &str) -> Response {
    narrow(
        title,
        &html! {
            h1 { (title) }
            p role="status" { (text) }
        },
    )
}

/// A page whose form carries the answer to the app: `response_mode=form_post`.
pub(crate) fn form_post(action: &str, fields: &[(&str, String)]) -> Response {
    narrow(
        "Back to the app",
        &html! {
            h1 { "Signed in" }
            form #form-post method="post" action=(action) {
                @for (name, value) in fields {
                    input type="hidden" name=(name) value=(value);
                }
                div.actions { button type="submit" autofocus { "Continue" } }
            }
            script src="/assets/form-post.js" {}
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn values_are_escaped() {
        let page = text(sign_in("t", "c", "<App>", "\"x", Some("<b>"))).await;
        assert!(page.contains("&lt;App&gt;") && page.contains("value=\"&quot;x\""), "{page}");
        assert!(page.contains("&lt;b&gt;") && page.contains("aria-describedby=\"error\""));
    }
}
