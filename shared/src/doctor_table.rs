//! What each refusal of Microsoft means for people: the problem it becomes, who can act, and where to click.
//!
//! The API, the connection, the redirect after a sign-in, the doctor, and the pages all read this one table, so none
//! of them can name another owner for the same fault. The owner is never written here: it is that of the problem.
//! Sources: Microsoft's error code reference, Enterprise apps and Conditional Access pages, troubleshooting article
//! on AADSTS500571, Conditional Access authentication flows (530036); read in November 2026. The words are ours.

mod graph;

use crate::domain::roles::approver_roles;
use crate::domain::verdict::{Class, Refusal, Verdict};
use crate::problem_table::{Code, Owner};

pub(crate) use graph::{GraphAdvice, of_class, of_graph};

/// When Entra refuses: in the browser, before there is a connection, or for a stored sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// On the way back from Microsoft's page, or when a code is redeemed.
    SignIn,
    /// When a stored refresh token is redeemed.
    Stored,
}

/// The problem and the click path for some numbers. A number that is in no row follows its class.
pub(crate) struct Advice {
    pub(crate) numbers: &'static [u32],
    pub(crate) code: Code,
    pub(crate) steps: &'static [&'static str],
}

pub(crate) const APPROVE: &[&str] = &[
    "Send your administrator the approval link that the recruiting system makes.",
    concat!("The administrator (", approver_roles!(), ") opens the link and presses Accept."),
    "Or in entra.microsoft.com: Entra ID > Enterprise apps > the app > Permissions > Grant admin consent.",
    "Then press Connect again.",
];

/// First match wins.
pub(crate) const ADVICE: &[Advice] = &[
    Advice {
        numbers: &[65001, 90093, 90094, 90099, 900_941],
        code: Code::AdminApprovalRequired,
        steps: APPROVE,
    },
    Advice {
        numbers: &[90095, 900_981],
        code: Code::AdminApprovalRequired,
        steps: &[
            "Fill in the request that Microsoft shows, or ask a reviewer directly.",
            "The reviewer opens entra.microsoft.com: Entra ID > Enterprise apps > Activity > Admin consent requests > My pending, chooses the app and presses Review permissions and consent.",
            "If no request arrives: Enterprise apps > Consent and permissions > Admin consent settings; switch requests on and name reviewers.",
            "Then press Connect again.",
        ],
    },
    Advice {
        numbers: &[65004],
        code: Code::ConsentDeclined,
        steps: &[
            "If Microsoft's page said Approval required and you sent a request: wait for Microsoft's email about it, then press Connect again.",
            "If you pressed Cancel or declined: press Connect again and accept.",
        ],
    },
    Advice {
        numbers: &[50105],
        code: Code::UserNotAssigned,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Users and groups > Add user/group, and add the user.",
            "Or for everybody: Properties > Assignment required = No.",
            "Then press Connect again. A user who was connected before need not: the next check finds the connection repaired.",
        ],
    },
    Advice {
        numbers: &[7_000_112],
        code: Code::AppDisabledInTenant,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Properties, and set Enabled for users to sign in to Yes.",
            "Then press Connect again.",
        ],
    },
    Advice {
        numbers: &[700_016, 7_000_229, 70001, 500_011],
        code: Code::AdminApprovalRequired,
        steps: &[
            "The app was removed from the organization, or was never approved there.",
            "Approve it again by the approval link. To bring back a deleted entry within 30 days: Enterprise apps > Deleted applications.",
            "Then press Connect again.",
        ],
    },
    Advice {
        numbers: &[650_052, 650_054],
        code: Code::MailboxUnavailable,
        steps: &[
            "Open admin.microsoft.com: Billing > Licenses, and see that Exchange Online is there and assigned to the user.",
            "Then approve the app again, and press Connect again.",
        ],
    },
    Advice {
        numbers: &[90002, 50128],
        code: Code::OrganizationNotFound,
        steps: &[
            "Check that the organization (tenant) still exists, and that the domain of the email address is listed in entra.microsoft.com: Entra ID > Domain names.",
            "If the address is misspelled: an administrator of the recruiting system corrects it, or enters the organization's tenant id in the settings.",
            "Then press Connect again.",
        ],
    },
    Advice {
        numbers: &[53003, 50005, 50131, 530_032, 530_035, 530_034],
        code: Code::BlockedByConditionalAccess,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Monitoring & health > Sign-in logs, find the failed sign-in by its correlation id, and read the tab Conditional Access.",
            "Open Entra ID > Conditional Access > Policies and exclude the app from that policy, or allow the service's addresses as a named location.",
        ],
    },
    Advice {
        numbers: &[530_036],
        code: Code::BlockedByConditionalAccess,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Conditional Access > Policies, find the policy with the condition Authentication flows, and exclude the app or the user from it.",
            "Then the user signs out at Microsoft, presses Connect, and signs in with the password in this browser: a session that came from another device (device code, authentication transfer) stays refused.",
        ],
    },
    Advice {
        numbers: &[50097, 50129, 50155, 50187, 53000, 53001, 53002, 53004, 53010, 53011, 135_011, 700_003],
        code: Code::BlockedByConditionalAccess,
        steps: &[
            "The policy asks for a managed device or an approved app. Sign in from a device that the organization manages.",
            "Or the administrator opens Entra ID > Conditional Access > Policies and excludes the app, which runs on a server and has no device.",
        ],
    },
    Advice {
        numbers: &[50057, 50034, 51004, 500_341],
        code: Code::AccountUnavailable,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Users > the user, and see whether the account exists and is enabled. A deleted one can be restored under Deleted users for 30 days.",
            "Then the user presses Connect again.",
        ],
    },
    Advice {
        numbers: &[500_571],
        code: Code::AccountUnavailable,
        steps: &[
            "The account is a guest, and its entry in the inviting organization is disabled. The inviting organization's administrator opens entra.microsoft.com: Entra ID > Users > the guest, and sets Account enabled.",
            "Or press Connect again and choose the work account of your own company (Use another account).",
        ],
    },
    Advice {
        numbers: &[500_212],
        code: Code::CrossTenantAccessBlocked,
        steps: &[
            "It is the outbound policy of the user's own organization. Its administrator opens entra.microsoft.com: Entra ID > External Identities > Cross-tenant access settings > Outbound access settings, and allows the user to reach the other organization.",
            "Then press Connect again.",
        ],
    },
    Advice {
        numbers: &[500_213],
        code: Code::CrossTenantAccessBlocked,
        steps: &[
            "It is the inbound policy of the organization in which the app was to be used. Its administrator opens entra.microsoft.com: Entra ID > External Identities > Cross-tenant access settings > Inbound access settings, and allows the user's organization.",
            "Or press Connect again and choose the account of that organization itself.",
        ],
    },
    Advice {
        numbers: &[50002, 500_021, 500_022],
        code: Code::CrossTenantAccessBlocked,
        steps: &[
            "The network from which the user signs in restricts organizations (tenant restrictions). Its administrator allows the organization there, or the user signs in from another network.",
            "Then press Connect again.",
        ],
    },
    Advice {
        numbers: &[1_000_031],
        code: Code::BlockedByConditionalAccess,
        steps: &[
            "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Sign-in logs, and look the sign-in up by its correlation id.",
        ],
    },
    Advice {
        numbers: &[16000, 16003, 50014, 50020, 90072],
        code: Code::WrongTenant,
        steps: &[
            "Another Microsoft account was signed in. Press Connect again and choose the account of your company (Use another account).",
        ],
    },
    Advice {
        numbers: &[500_207, 500_208],
        code: Code::AccountNotSupported,
        steps: &[
            "A kind of account was signed in that cannot be used here, such as a personal one. Press Connect again and choose the account of your company (Use another account).",
        ],
    },
    Advice {
        numbers: &[54005, 70000, 70008, 50089, 501_481, 50_147, 50_148, 700_005],
        code: Code::SignInExpired,
        steps: &["The sign-in was too old, or was used twice. Press Connect again, in one tab only."],
    },
    Advice {
        numbers: &[50053],
        code: Code::AccountLocked,
        steps: &[
            "Microsoft has locked the account for a while after failed sign-ins, or distrusts the address of the sign-in. Wait an hour.",
            "If it lasts, ask the administrator to look at Entra ID > Monitoring & health > Sign-in logs.",
        ],
    },
    Advice {
        numbers: &[50088, 50196, 90055],
        code: Code::MicrosoftThrottled,
        steps: &["Nothing to do: it passes, and is tried again."],
    },
    Advice {
        numbers: &[50126],
        code: Code::ConnectionNeedsReauth,
        steps: &["Press Connect again, and enter the user name and password of your work account."],
    },
];

const LOOK_UP: &[&str] = &[
    "Look the code up on Microsoft's page, which is linked beside it.",
    "Send the whole text, with trace id and time, to the operator.",
];
const RECONNECT: &[&str] = &["Press Connect in the recruiting system and sign in again."];
const WAIT: &[&str] = &["Nothing to do: it passes, and is tried again."];
const OPERATOR: &[&str] = &["Nothing to do for you: send this to the operator of the app."];
const SIGN_IN_LOGS: &[&str] = &[
    "Open entra.microsoft.com: Entra ID > Enterprise apps > the app > Sign-in logs, and look the sign-in up by its correlation id.",
];

/// A refusal in words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    /// The problem it is at a sign-in.
    pub at_sign_in: Option<Code>,
    /// The problem it is for a stored sign-in.
    pub stored: Option<Code>,
    /// What to do.
    pub steps: &'static [&'static str],
}

impl Explained {
    /// The problem at that moment; `None` if nobody knows what the refusal means.
    pub fn code(&self, moment: Moment) -> Option<Code> {
        match moment {
            Moment::SignIn => self.at_sign_in,
            Moment::Stored => self.stored,
        }
    }

    /// Who can act. The same at both moments.
    pub fn owner(&self) -> Owner {
        self.stored.map_or(Owner::Unknown, |code| code.entry().owner)
    }
}

/// What a refusal means. Total: an unknown one is explained as that.
pub fn explain(refusal: &Refusal) -> Explained {
    let (verdict, class) = (refusal.verdict(), refusal.row().map(|row| row.class));
    let advice =
        refusal.number().and_then(|number| ADVICE.iter().find(|advice| advice.numbers.contains(&number)));
    let (code, steps) = match (advice, class) {
        (Some(advice), Some(_)) => (Some(advice.code), advice.steps),
        (_, Some(class)) => by_class(class),
        (_, None) if refusal.codes.is_empty() => by_word(verdict, refusal),
        (_, None) if verdict == Verdict::Keep => (Some(Code::MicrosoftUnavailable), WAIT),
        (_, None) if verdict == Verdict::OurFault => (Some(Code::VendorCredentialInvalid), OPERATOR),
        (_, None) => (None, LOOK_UP),
    };
    let stored = code.map(|code| match code {
        Code::AdminApprovalRequired if verdict == Verdict::ConsentGone => Code::ConnectionRevoked,
        Code::SignInExpired | Code::ConsentDeclined => Code::ConnectionNeedsReauth,
        code => code,
    });
    Explained { at_sign_in: code, stored, steps }
}

fn by_class(class: Class) -> (Option<Code>, &'static [&'static str]) {
    let (code, steps) = match class {
        Class::Transient => (Code::MicrosoftUnavailable, WAIT),
        Class::Reconnect | Class::Interaction | Class::UserChoice => (Code::ConnectionNeedsReauth, RECONNECT),
        Class::Admin => (Code::BlockedByConditionalAccess, SIGN_IN_LOGS),
        Class::Configuration => (Code::VendorCredentialInvalid, OPERATOR),
    };
    (Some(code), steps)
}

/// Without a number only the word of OAuth speaks.
fn by_word(verdict: Verdict, refusal: &Refusal) -> (Option<Code>, &'static [&'static str]) {
    match (verdict, refusal.error.as_str()) {
        (Verdict::Keep, _) => by_class(Class::Transient),
        (Verdict::OurFault, _) => by_class(Class::Configuration),
        (Verdict::UserMustSignIn, _) => by_class(Class::Reconnect),
        (Verdict::ConsentGone, _) | (_, "consent_required") => (Some(Code::AdminApprovalRequired), APPROVE),
        (_, "access_denied") => (Some(Code::ConsentDeclined), DECLINED),
        (_, "login_required") => by_class(Class::Interaction),
        _ => (None, &["Paste the whole text of the error, with its code."]),
    }
}

const DECLINED: &[&str] = &[
    "If Microsoft's page said Approval required or Need admin approval: ask your administrator to open the approval link.",
    "If you went back or declined: press Connect again when you are ready.",
];
