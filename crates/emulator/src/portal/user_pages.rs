//! What the pages of users show.

use maud::{Markup, html};

use super::form::{check, token};
use super::{Portal, copyable};
use crate::entra::registry::{Directory, Mfa, Principal, Tenant, User};

/// Roles that Dataverse comes with, for choosing from; others can be typed.
const ROLES: [&str; 6] = [
    "System Administrator",
    "System Customizer",
    "Salesperson",
    "Sales Manager",
    "Customer Service Representative",
    "Basic User",
];

/// What stands out about a user.
pub(super) fn tags(user: &User) -> Markup {
    html! {
        @if user.admin { span.tag.good { "admin" } }
        @if user.blocked { span.tag.warn { "blocked" } }
        @if user.mfa == Mfa::Required { span.tag { "MFA" } }
        @if user.conditional_access_block { span.tag.warn { "Conditional Access" } }
        @if !user.dataverse_member { span.tag.warn { "not in Dataverse" } }
    }
}

pub(super) fn table(tenant: &Tenant) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { "User principal name" } th scope="col" { "Display name" }
                th scope="col" { "Dataverse role" } th scope="col" { "State" }
            } }
            tbody {
                @for user in &tenant.users {
                    tr {
                        th scope="row" { a href={ "/portal/users/" (user.id) } { (user.name) } }
                        td { (user.display_name()) }
                        td data-label="Role" { (user.role.as_deref().unwrap_or("none")) }
                        td { (tags(user)) }
                    }
                }
            }
        }
    }
}

pub(super) fn facts(tenant: &Tenant, user: &User, principal: Option<&Principal>) -> Markup {
    let role = principal.and_then(|principal| principal.role.as_deref());
    html! {
        table.facts {
            tr { th scope="row" { "User principal name" } td { (copyable("user name", &user.name)) } }
            tr { th scope="row" { "Object ID" } td { (copyable("object id", &user.id)) } }
            tr { th scope="row" { "Tenant" } td { (tenant.name) " (" (tenant.domain) ")" } }
            tr { th scope="row" { "In Dataverse" } td {
                @if principal.is_some_and(|principal| principal.member) { "with the role " (role.unwrap_or("(none)")) }
                @else { "not a user of the organization" }
            } }
            tr { th scope="row" { "State" } td { (tags(user)) } }
        }
    }
}

/// The field for a security role, which suggests the ones that Dataverse comes with.
pub(super) fn role_field(role: Option<&str>) -> Markup {
    html! {
        label for="role" { "Security role in Dataverse" }
        input #role name="role" list="roles" value=[role];
        datalist #roles { @for role in ROLES { option value=(role) {} } }
    }
}

pub(super) fn settings(portal: &Portal, directory: &Directory, user: &User) -> Markup {
    let restricted = directory.tenants.iter().flat_map(|tenant| &tenant.apps);
    html! {
        form method="post" action={ "/portal/users/" (user.id) } {
            (token(portal))
            (check("blocked", "Block sign-in.", "AADSTS50057, at a refresh, too.", user.blocked))
            (check("mfa", "Multi-factor authentication required.", "A refresh of a sign-in without it gets AADSTS50076.", user.mfa == Mfa::Required))
            (check("ca", "Blocked by Conditional Access.", "AADSTS53003.", user.conditional_access_block))
            (check("admin", "Administrator.", "May consent for the organization.", user.admin))
            (check("member", "User of the Dynamics 365 organization.", "Otherwise the Web API answers 403.", user.dataverse_member))
            (role_field(user.role.as_deref()))
            label for="frequency" { "Sign-in frequency, in seconds" }
            input #frequency name="frequency" inputmode="numeric" value=[user.sign_in_frequency_seconds] aria-describedby="frequency-hint";
            p.hint #frequency-hint { "After that a refresh gets AADSTS70043. Empty for no limit." }
            fieldset {
                legend { "Assigned applications" }
                p.hint { "It matters for apps with “assignment required”." }
                @for app in restricted {
                    label.check {
                        input type="checkbox" name="assigned" value=(app.client_id) checked[user.assigned.contains(&app.client_id)];
                        span { (app.name) @if app.assignment_required { " " span.tag { "assignment required" } } }
                    }
                }
            }
            div.actions { button type="submit" { "Save" } }
        }
    }
}
