//! What administrators read about consent: why, who, where, and how to take it back. Data; sources: Microsoft's pages
//! on consent policies, the admin consent workflow and tenant-wide consent, as of `domain::permissions::AS_OF`.

use super::Topic;
use crate::domain::roles::APPROVERS;

/// Why an administrator's click is needed (I9).
pub(super) const WHY: Topic = Topic {
    id: "why-approval",
    promises: &["I9"],
    title: "Why an administrator must approve",
    text: "Microsoft's default consent policy does not let users consent to calendar permissions, from a verified \
           publisher or not: calendars were added to its exclusions in October and November 2025 (message center \
           MC1163922), and tenants with the older default were moved to that policy in July and August 2025 (MC1097272). \
           Consents that users gave before keep working. One approval by an administrator, once, for everybody: \
           afterwards nobody sees \u{201c}Approval required\u{201d}.",
    steps: &[],
    link: "https://learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies",
};

/// Who can approve (I10, C3 of the consent facts).
pub(super) const WHO: Topic = Topic {
    id: "who-approves",
    promises: &["I10"],
    title: "Who can approve",
    text: "One of these roles in Microsoft Entra, with one press on Accept. To be named a reviewer of requests is not \
           enough without the role. Exchange, Teams and User Administrators cannot approve.",
    steps: &APPROVERS,
    link: "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent",
};

/// The ways to approve (N1, N5, N7, R15).
pub(super) const HOW: [Topic; 3] = [
    Topic {
        id: "approve-link",
        promises: &["N1"],
        title: "By the approval link: the shortest way",
        text: "Users of the recruiting system can make a link with the mail to go with it. It asks for everything at once.",
        steps: &[
            "Open the link in a browser in which you are signed in with one of the roles above.",
            "Compare name, publisher and client id with this page, read the permissions, and press Accept.",
            "You come back to a page that says how it stands. Recruiters press Connect again.",
        ],
        link: "https://learn.microsoft.com/entra/identity-platform/v2-admin-consent",
    },
    Topic {
        id: "approve-request",
        promises: &["N5"],
        title: "From a request that a user has sent",
        text: "The request shows who asks, the app, the justification, the date and when it expires.",
        steps: &[
            "Open entra.microsoft.com > Entra ID > Enterprise apps.",
            "Under Activity, open Admin consent requests, then My pending.",
            "Select the app and read App details and the permissions.",
            "Press Review permissions and consent, sign in, and press Accept. (Deny lets the user ask again; Block disables the app for everybody.)",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/review-admin-consent-requests",
    },
    Topic {
        id: "approve-portal",
        promises: &["R15", "N7"],
        title: "In the admin center, once the app is listed",
        text: "The app is listed under All applications from the first consent or request on.",
        steps: &[
            "Open entra.microsoft.com > Entra ID > Enterprise apps > All applications > the app.",
            "Under Security, open Permissions.",
            "Press Grant admin consent for your organization.",
            "Read the list, press Accept, and reload: the permissions stand on the tab Admin consent.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent",
    },
];

/// How to take it back (I11, I12, I13).
pub(super) const REVOKE: [Topic; 4] = [
    Topic {
        id: "revoke-block",
        promises: &["I11"],
        title: "Stop everybody, and keep the app listed",
        text: "Can be undone by the same switch.",
        steps: &[
            "Open entra.microsoft.com > Entra ID > Enterprise apps > All applications > the app > Properties.",
            "Set Enabled for users to sign in? to No, and Save.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/disable-user-sign-in-portal",
    },
    Topic {
        id: "revoke-delete",
        promises: &["I11"],
        title: "Remove the app with every permission",
        text: "The app and all its grants go; Microsoft keeps it restorable for 30 days.",
        steps: &[
            "Open entra.microsoft.com > Entra ID > Enterprise apps > All applications > the app > Properties.",
            "Press Delete, and confirm.",
        ],
        link: "https://learn.microsoft.com/entra/identity/enterprise-apps/delete-application-portal",
    },
    Topic {
        id: "revoke-user",
        promises: &["I11"],
        title: "Stop one person",
        text: "All of this person's sessions end, in every app.",
        steps: &["Open entra.microsoft.com > Entra ID > Users > the person, and press Revoke sessions."],
        link: "https://learn.microsoft.com/entra/identity/users/users-revoke-access",
    },
    Topic {
        id: "revoke-effect",
        promises: &["I12", "I13"],
        title: "What happens then",
        text: "Nobody at Microsoft tells an app that it was revoked, so the app asks. Within about one hour of \
               a revocation (consent removed, app deleted or switched off, sessions revoked, account disabled or deleted) the \
               stored tokens are destroyed. Where only a policy or a missing assignment stands in the way, nothing is served \
               at once, and the tokens are destroyed after a day. Nothing is removed from Outlook: interviews stay where they are.",
        steps: &[
            "Microsoft itself takes some minutes until a revocation is in force.",
            "Every stored sign-in is shown to Microsoft at least every 45 minutes, and one per company every 5 minutes.",
            "A refusal is asked about a second time some minutes later, so that a fault of Microsoft's destroys nothing. Then the tokens are destroyed, and the recruiting system shows why. A refusal with a number that is not known here is asked about more often first, which takes somewhat longer.",
        ],
        link: "https://learn.microsoft.com/entra/identity-platform/refresh-tokens",
    },
];
