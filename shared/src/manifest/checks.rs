//! Troubleshooting for administrators: what to look at, in which order, and where each thing is. Data; sources:
//! Microsoft's pages on enterprise apps and Conditional Access, as of `domain::permissions::AS_OF`.

use super::{Tab, Topic};

/// R8: whose responsibility it is.
pub(super) const RESPONSIBILITY: &str = "These settings belong to your organization. The operator of this service \
    cannot see or change them, and Microsoft's support, not ours, answers for how they behave. What follows says where \
    they are and what this app needs.";

/// The checks, in the order in which they are worth looking at.
pub(super) const CHECKS: [Topic; 9] = [
    Topic {
        id: "check-entries",
        promises: &["R10"],
        title: "Is it the right app?",
        text: "An organization may have several entries of a similar name, from trials or from other vendors. Only the one with the client id of this page counts.",
        steps: &[
            "Open Entra ID > Enterprise apps > All applications and search for the client id above.",
            "Look at every entry of a similar name: under Properties, the Application ID must be the client id. Leave the others alone unless you know what they are.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/view-applications-portal",
    },
    Topic {
        id: "check-user-consent",
        promises: &["R10", "R13"],
        title: "May users consent to apps themselves?",
        text: "With most settings they may not consent to calendars, and need not: one approval by an administrator replaces it. See the forecast above.",
        steps: &[
            "Open Entra ID > Enterprise apps > Consent and permissions > User consent settings.",
            "Read which choice is set. Nothing has to be changed for this app: approve it instead.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent",
    },
    Topic {
        id: "check-approved",
        promises: &["R15"],
        title: "Is the approval there, with every permission?",
        text: "A token may lack a new permission for up to three minutes after the approval.",
        steps: &[
            "Open Enterprise apps > the app > Permissions > Admin consent.",
            "Compare the list with the permissions of this page. If one is missing, press Grant admin consent for your organization, or open a new approval link.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent",
    },
    Topic {
        id: "check-requests",
        promises: &["R14", "N9"],
        title: "Nobody receives the requests",
        text: "\u{201c}Need admin approval\u{201d} means that requests are off; \u{201c}Approval required\u{201d} means that they are on, and somebody must be named to receive them.",
        steps: &[
            "As a Global Administrator open Enterprise apps > Consent and permissions > Admin consent settings.",
            "Set Users can request admin consent to apps they are unable to consent to to Yes. It may take an hour.",
            "Add reviewers who hold a role that can approve, and switch their mails on.",
            "Or do without: an approval link needs no requests.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/configure-admin-consent-workflow",
    },
    Topic {
        id: "check-assignment",
        promises: &["R11", "N8"],
        title: "Must users be assigned to the app?",
        text: "By default they need not: nobody has to be assigned by hand, and everybody may connect after the approval, the first who asked included. If your organization requires assignment, only assigned people get in (AADSTS50105).",
        steps: &[
            "Open Enterprise apps > the app > Properties and read Assignment required?.",
            "If it is Yes: assign the recruiters or their group under Users and groups, or set it to No.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal",
    },
    Topic {
        id: "check-enabled",
        promises: &["R11"],
        title: "Is the app switched on?",
        text: "A request that was answered with Block leaves the app switched off (AADSTS7000112).",
        steps: &[
            "Open Enterprise apps > the app > Properties.",
            "Set Enabled for users to sign in? to Yes, and Save. Recruiters press Connect again.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/disable-user-sign-in-portal",
    },
    Topic {
        id: "check-conditional-access",
        promises: &["R12"],
        title: "Does Conditional Access stand in the way?",
        text: "A policy for this app, for Office 365 or for all resources is applied to background refreshes too, and these come from this service's addresses in AWS, not from the user's. A sign-in frequency makes people connect again and again.",
        steps: &[
            "Open Entra ID > Monitoring & health > Sign-in logs, filter by the application and by failure, and open the tab Conditional Access of an entry: it names the policy (AADSTS53003, 50076, 70043).",
            "Open Entra ID > Conditional Access > Policies, and exclude this app from that policy, or leave out its sign-in frequency or its locations.",
        ],
        link: "https://learn.microsoft.com/entra/identity/conditional-access/troubleshoot-conditional-access",
    },
    Topic {
        id: "check-again",
        promises: &["N8"],
        title: "Approved, and still not connected",
        text: "An approval connects nobody by itself, and Microsoft does not tell the app about it. Everybody presses Connect again, the first who asked too.",
        steps: &[
            "Press Connect in the recruiting system.",
            "If an error comes, paste it into the doctor page.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/application-sign-in-unexpected-user-consent-error",
    },
    Topic {
        id: "check-verified",
        promises: &["I3"],
        title: "Where Microsoft shows a verified publisher",
        text: "The badge is Microsoft's: this page states the publisher id that the operator gave, and only Microsoft can confirm it. It does not lift the need for approval.",
        steps: &[
            "On Microsoft's consent page, a blue badge stands beside the publisher's name; without it the page says unverified.",
            "In Enterprise apps > the app > Properties and in App details of a request, the publisher is shown with the same badge.",
        ],
        link: "https://learn.microsoft.com/entra/identity-platform/publisher-verification-overview",
    },
];

/// N10: where what is, in entra.microsoft.com.
pub(super) const TABS: [Tab; 10] = [
    Tab {
        path: "Enterprise apps > All applications",
        shows: "every app, this one from the first consent on",
    },
    Tab {
        path: "Enterprise apps > Activity > Admin consent requests",
        shows: "requests of users: My pending, All",
    },
    Tab {
        path: "Enterprise apps > Consent and permissions > User consent settings",
        shows: "what users may consent to themselves",
    },
    Tab {
        path: "Enterprise apps > Consent and permissions > Admin consent settings",
        shows: "whether users may send requests, and who receives them",
    },
    Tab { path: "the app > Overview", shows: "name, application (client) id" },
    Tab {
        path: "the app > Properties",
        shows: "Enabled for users to sign in?, Assignment required?, Visible to users?, Delete",
    },
    Tab { path: "the app > Users and groups", shows: "who is assigned, where assignment is required" },
    Tab {
        path: "the app > Permissions",
        shows: "what is granted: tab Admin consent for everybody, tab User consent for single users; Grant admin consent",
    },
    Tab { path: "the app > Sign-in logs", shows: "who signed in to the app, and why it failed" },
    Tab { path: "the app > Audit logs", shows: "who approved, changed or removed it, and when" },
];
