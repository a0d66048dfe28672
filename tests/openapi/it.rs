//! What IT administrators read, as data.

use serde_json::{Value, json};
use shared::domain::cloud::Cloud;
use shared::domain::features::Feature;
use shared::domain::forecast::{Policy, Screen};
use shared::domain::permissions::Grantor;

use super::answers::{whole, words};
use super::kinds::{boolean, integer, list, nullable, one_of, reference, text, uri};

pub(super) fn answers() -> Vec<(&'static str, Value)> {
    let feature = || one_of(&Feature::ALL.map(Feature::name));
    let permissions = || list(text("A permission of Microsoft Graph."));
    let screen = |means: &str| {
        let mut screen = words(json!([Screen::Consent, Screen::RequestForm, Screen::DeadEnd]));
        screen["description"] = json!(means);
        screen
    };
    let app = whole(json!({
        "name": text("As people read it."),
        "publisher_id": nullable(text("As the operator states it; only Microsoft can confirm it.")),
        "client_id": text("Application (client) id."), "redirect_uri": uri("The only one."),
        "domain_file": uri("Ties the publisher's domain to the app."),
    }));
    let operation = whole(json!({
        "microsoft_cloud": one_of(&Cloud::ALL.map(Cloud::name)),
        "cloud_limits": list(text("What Microsoft does not do there.")), "region": nullable(text("Of AWS.")),
        "interview_retention_days": integer("After the interview's end."),
        "contact": nullable(text("An address or a URL.")),
    }));
    let permission = whole(json!({
        "scope": text("Microsoft's name."), "microsoft": text("Microsoft's words on the consent page."),
        "plain": text("What for."), "reference": uri("Microsoft's page."),
        "grantor": words(json!([Grantor::User, Grantor::Administrator, Grantor::AlwaysAdministrator])),
    }));
    let offered =
        whole(json!({ "name": feature(), "explanation": text("What for."), "permissions": permissions() }));
    let call = whole(json!({
        "method": text("Of HTTP."), "path": text("Below Graph's address."), "purpose": text("What for."),
        "feature": feature(), "permissions": permissions(),
    }));
    let prospect = whole(json!({
        "policy": words(json!(Policy::ALL)), "assignment_required": boolean("Of the app's properties."),
        "requests_off": screen("Where users may not send requests."),
        "requests_on": screen("Where they may."), "why": text("A sentence."),
    }));
    let forecast = whole(json!({
        "as_of": text("When it was last held against Microsoft's pages."), "source": uri("Such a page."),
        "rows": list(reference("Prospect")),
    }));
    let topic = whole(json!({
        "id": text("Its anchor on the page."), "title": text("A heading."), "text": text("A paragraph."),
        "steps": list(text("What to click, or whom to ask.")), "link": uri("Microsoft's page."),
    }));
    let fact = whole(json!({ "title": text("In few words."), "text": text("In full.") }));
    let tab = whole(json!({ "path": text("Below Entra ID."), "shows": text("What is there.") }));
    let manifest = whole(json!({
        "app": reference("AppIdentity"), "operation": reference("Operation"),
        "as_of": text("When facts about Microsoft were last checked."), "features": list(reference("Offered")),
        "permissions": list(reference("Permission")), "not_asked": list(reference("Fact")),
        "graph_calls": list(reference("GraphCall")), "why_approval": reference("Topic"),
        "who_approves": reference("Topic"), "how_to_approve": list(reference("Topic")),
        "forecast": reference("Forecast"), "how_to_revoke": list(reference("Topic")),
        "secrets": list(reference("Fact")), "responsibility": text("Whose the settings are."),
        "checks": list(reference("Topic")), "tabs": list(reference("Tab")),
    }));
    let associated = whole(json!({ "applicationId": text("Application (client) id.") }));
    vec![
        ("Manifest", manifest),
        ("AppIdentity", app),
        ("Operation", operation),
        ("Permission", permission),
        ("Offered", offered),
        ("GraphCall", call),
        ("Prospect", prospect),
        ("Forecast", forecast),
        ("Topic", topic),
        ("Fact", fact),
        ("Tab", tab),
        (
            "PublisherDomain",
            whole(json!({ "associatedApplications": list(reference("AssociatedApplication")) })),
        ),
        ("AssociatedApplication", associated),
        ("ItLink", whole(json!({ "url": uri("For IT administrators; shown once, in this answer.") }))),
    ]
}
