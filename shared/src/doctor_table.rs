//! Click paths by number, and what the codes of Graph mean, as data. Source: Microsoft's error code reference,
//! Enterprise apps and Conditional Access pages, Graph error responses; read in November 2026. The words are ours.
//! A number that is not here is explained by its class in `domain::verdict_table`.

use crate::problem::{Code, Owner};

/// Where to click for some numbers.
pub(crate) struct Advice {
    pub(crate) numbers: &'static [u32],
    pub(crate) who: Owner,
    pub(crate) steps: &'static [&'static str],
}

const APPROVE: &[&str] = &[
    "Send your administrator the approval link, or ask for one in the recruiting system.",
    "The administrator (Global, Cloud Application or Application Administrator) opens the link and presses Accept.",
    "Or in entra.microsoft.com: Entra ID > Enterprise apps > the app > Permissions > Grant admin consent.",
    "Afterwards press Connect again.",
];

/// First match wins.
pub(crate) const ADVICE: &[Advice] = &[
    Advice { numbers: &[65001, 90094, 90093, 900_941], who: Owner::ItAdmin, steps: APPROVE },
    Advice {
        numbers: &[90095, 900_981],
        who: Owner::ItAdmin,
        steps: &[
            "Fill in the request that Microsoft shows, or ask a reviewer directly.",
            "The reviewer opens entra.microsoft.com: Entra ID > Enterprise apps > Activity > Admin consent requests > My pending, chooses the app and presses Review permissions and consent.",
            "If no request arrives: Enterprise apps > Consent and permissions > Admin consent settings; switch requests on and name reviewers.",
            "Afterwards press Connect again.",
        ],
    },
    Advice {
        numbers: &[65004],
        who: Owner::Recruiter,
        steps: &[
            "If you sent a request for approval: wait for Microsoft's mail about it, then press Connect again.",
            "If you pressed Cancel: press Connect again and accept.",
        ],
    },
    Advice {
        numbers: &[50105],
        who: Owner::ItAdmin,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Users and groups > Add user/group, and add the user.",
            "Or for everybody: Properties > Assignment required = No.",
            "Afterwards press Connect again. Whoever was connected before need not: the next check finds it mended.",
        ],
    },
    Advice {
        numbers: &[7_000_112],
        who: Owner::ItAdmin,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Properties, and set Enabled for users to sign in to Yes.",
            "Afterwards press Connect again.",
        ],
    },
    Advice {
        numbers: &[700_016, 7_000_229, 70001, 500_011],
        who: Owner::ItAdmin,
        steps: &[
            "The app was removed from the organisation, or was never approved there.",
            "Approve it again by the approval link. To bring back a deleted entry within 30 days: Enterprise apps > Deleted applications.",
            "Afterwards press Connect again.",
        ],
    },
    Advice {
        numbers: &[650_052, 650_054, 65005],
        who: Owner::ItAdmin,
        steps: &[
            "Open admin.microsoft.com: Billing > Licenses, and see that Exchange Online is there and assigned to the user.",
            "Then approve the app again.",
        ],
    },
    Advice {
        numbers: &[90002],
        who: Owner::ItAdmin,
        steps: &["Check that the organisation (tenant) still exists and that its domain is spelled right."],
    },
    Advice {
        numbers: &[53003, 50131, 530_032, 530_035, 530_034],
        who: Owner::ItAdmin,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Monitoring & health > Sign-in logs, find the failed sign-in by its correlation id, and read the tab Conditional Access.",
            "Open Entra ID > Conditional Access > Policies and exclude the app from that policy, or allow the service's addresses as a named location.",
        ],
    },
    Advice {
        numbers: &[53000, 53001, 53002, 53004, 53011, 50097, 700_003],
        who: Owner::ItAdmin,
        steps: &[
            "The policy asks for a managed device or an approved app. Sign in from a device that the organisation manages.",
            "Or the administrator opens Entra ID > Conditional Access > Policies and excludes the app, which runs on a server and has no device.",
        ],
    },
    Advice {
        numbers: &[50057, 50034, 500_341],
        who: Owner::ItAdmin,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Users > the user, and see whether the account exists and is enabled.",
            "Then the user presses Connect again.",
        ],
    },
    Advice {
        numbers: &[500_212, 500_213, 500_021],
        who: Owner::ItAdmin,
        steps: &[
            "Open entra.microsoft.com: Entra ID > External Identities > Cross-tenant access settings (and the network's tenant restrictions), and allow the app's organisation.",
        ],
    },
    Advice {
        numbers: &[50020, 90072, 16000, 500_207, 500_208],
        who: Owner::Recruiter,
        steps: &[
            "Another Microsoft account was signed in. Press Connect again and choose the account of your company (Use another account).",
        ],
    },
    Advice {
        numbers: &[54005, 70008, 70000, 50089, 501_481, 50_147, 50_148, 700_005],
        who: Owner::Recruiter,
        steps: &["The sign-in was too old, or was used twice. Press Connect again, in one tab only."],
    },
    Advice {
        numbers: &[50053],
        who: Owner::MicrosoftOrWait,
        steps: &[
            "Microsoft has locked the account for a while after failed sign-ins. Wait an hour, or ask the administrator to look at Entra ID > Sign-in logs.",
        ],
    },
];

/// Codes of Graph: whose problem of ours each is, and whether it passes.
pub(crate) const GRAPH: &[(&[&str], Code)] = &[
    (
        &[
            "MailboxNotEnabledForRESTAPI",
            "MailboxNotSupportedForRESTAPI",
            "ErrorNonExistentMailbox",
            "ErrorInvalidUser",
            "MailboxNotFound",
            "ResourceNotFound",
            "ErrorQuotaExceeded",
        ],
        Code::MailboxUnavailable,
    ),
    (&["ErrorItemNotFound"], Code::EventMissing),
    (&["ErrorAccessDenied", "Authorization_RequestDenied", "ErrorNoFreeBusyAccess"], Code::ScopeMissing),
    (&["ErrorMailRecipientNotFound"], Code::AvailabilityUnknown),
    (&["ErrorIrresolvableConflict"], Code::VersionMismatch),
    (&["InvalidAuthenticationToken"], Code::ConnectionNeedsReauth),
    (
        &["ApplicationThrottled", "TooManyRequests", "ErrorExceededConnectionCount", "ErrorServerBusy"],
        Code::MicrosoftThrottled,
    ),
    (
        &[
            "ErrorMailboxMoveInProgress",
            "ErrorMailboxStoreUnavailable",
            "ErrorInternalServerError",
            "ServiceNotAvailable",
        ],
        Code::MicrosoftUnavailable,
    ),
];
