//! The mail to the administrator, ready to be sent: what Microsoft's own request form shows, and the click.

use serde::Serialize;
use shared::domain::approval::Approval;
use shared::domain::cloud::Cloud;
use shared::domain::permissions::explained;
use shared::domain::roles::ONE_OF_THEM;
use shared::domain::time::day;

#[derive(Serialize)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Letter {
    pub(crate) fn of(approval: &Approval, link: &str, cloud: Cloud) -> Self {
        let app = &approval.app;
        let permissions: Vec<String> =
            explained(&approval.features).iter().map(|p| format!("- {}: {}", p.scope, p.plain)).collect();
        let name = approval.requester.name.as_deref().unwrap_or("A colleague");
        let justification =
            approval.justification.as_ref().map(|why| format!("Justification: {why}\n")).unwrap_or_default();
        let text = format!(
            "Hello,\n\n\
             {name} ({email}) asks you to approve the app {app} for {organization}, once, for everybody.\n\
             {justification}\
             Asked on {asked}; the link works until {until}.\n\n\
             1. Open this link with one of these roles: {roles}:\n{link}\n\
             2. Read Microsoft's page and press Accept.\n\n\
             The app acts only for users who sign in themselves, with these permissions:\n{permissions}\n\n\
             Without the link: {admin_center} > Entra ID > Enterprise apps > Activity > Admin consent requests shows \
             requests that users sent from Microsoft's page.\n\
             To take it back at any time: Enterprise apps > {app} > Properties > Delete, or Enabled for users to sign in = No. \
             Nothing is removed from anybody's Outlook by that.\n",
            email = approval.requester.email.as_str(),
            admin_center = cloud.admin_center(),
            roles = ONE_OF_THEM,
            organization = approval.organization.as_deref().unwrap_or("our organization"),
            asked = day(approval.requested_at),
            until = day(approval.expires_at),
            permissions = permissions.join("\n"),
        );
        Self { subject: format!("Please approve {app} for Microsoft 365"), text }
    }
}
