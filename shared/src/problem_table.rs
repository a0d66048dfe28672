//! Every problem as data: code, status, who must act, and what to do. The page `/problems/{code}` and the API
//! read the same rows.

use serde::{Deserialize, Serialize};

use crate::domain::roles::approver_roles;

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The engineers of the applicant-tracking system.
    Ats,
    /// The person whose calendar it is.
    Recruiter,
    /// Who administers the recruiting system for the company.
    CustomerAdmin,
    /// Who administers the company's Microsoft 365.
    ItAdmin,
    /// Who operates this deployment.
    Vendor,
    /// Nobody: wait.
    MicrosoftOrWait,
    /// It cannot be said.
    Unknown,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The stable name.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Who must act.
    pub owner: Owner,
    /// Seconds after which a repeat makes sense; none where it does not.
    pub retry_after: Option<u64>,
    /// Short, for people.
    pub title: &'static str,
    /// A sentence, for people.
    pub meaning: &'static str,
    /// What to do, in order.
    pub steps: &'static [&'static str],
}

impl Code {
    /// Where the click path stands on the page `/it`; none where it is not for the company's IT administrators to act.
    pub const fn it_anchor(self) -> Option<&'static str> {
        Some(match self {
            Self::AdminApprovalRequired | Self::ConnectionRevoked => "approval",
            Self::ApprovalPending => "approve-request",
            Self::UserNotAssigned => "check-assignment",
            Self::BlockedByConditionalAccess => "check-conditional-access",
            Self::ScopeMissing | Self::OfflineAccessMissing => "check-approved",
            Self::AppDisabledInTenant => "check-enabled",
            Self::MailboxUnavailable
            | Self::TeamsNotAvailable
            | Self::AccountUnavailable
            | Self::OrganizationNotFound
            | Self::CrossTenantAccessBlocked
            | Self::MailboxAccessDenied
            | Self::SendAsDenied => "troubleshooting",
            _ => return None,
        })
    }
}

macro_rules! problems {
    ($($name:ident = $code:literal $status:literal $owner:ident $retry:expr;
        $title:literal; $meaning:literal; $steps:expr;)*) => {
        /// Which problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            /// Every problem.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its row.
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$name => Entry {
                        code: $code,
                        status: $status,
                        owner: Owner::$owner,
                        retry_after: $retry,
                        title: $title,
                        meaning: $meaning,
                        steps: $steps,
                    },)*
                }
            }

            /// The problem of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.entry().code == name)
            }
        }
    };
}

problems! {
    MalformedJson = "malformed-json" 400 Ats None;
        "The body is not JSON";
        "The body could not be read as one JSON object in UTF-8.";
        &["Send one JSON object."];
    IdempotencyKeyMissing = "idempotency-key-missing" 400 Ats None;
        "A usable Idempotency-Key is missing";
        "Calls that write to a calendar need an Idempotency-Key of 8 to 255 printable characters, so that a repeat does nothing twice.";
        &["Send a new Idempotency-Key for each new request, and the same one for each repeat."];
    SignInExpired = "sign-in-expired" 400 Recruiter None;
        "This sign-in has expired";
        "The sign-in was not started in this browser, or it was left open for too long.";
        &["Go back to your recruiting system.", "Press Connect again."];
    InvalidRequest = "invalid-request" 422 Ats None;
        "The request is not valid";
        "See errors for every fault of the request.";
        &["Fix the fields listed in errors and send the request again."];
    UnknownField = "unknown-field" 422 Ats None;
        "The request has a field that is not known";
        "See errors for the fields that are not part of this request.";
        &["Leave the fields out that errors names."];
    AmbiguousLocalTime = "ambiguous-local-time" 422 Ats None;
        "A local time is not one instant";
        "The clock is changed at that time: it shows this local time twice, or never. See errors for both readings.";
        &["Ask which of the two candidates is meant.", "Send that one, with its offset."];
    UnmappedTimeZone = "unmapped-time-zone" 422 Ats None;
        "Outlook has no such time zone";
        "The time zone has no counterpart in Outlook.";
        &["Send the zone of a larger city with the same time."];
    IdempotencyKeyReused = "idempotency-key-reused" 422 Ats None;
        "This Idempotency-Key belongs to another request";
        "The key was used before with another path or body.";
        &["Use a new Idempotency-Key for a new request."];
    PayloadTooLarge = "payload-too-large" 413 Ats None;
        "The body is too large";
        "A body may have 64 KiB.";
        &["Send less."];
    AnswerTooLarge = "answer-too-large" 422 Ats None;
        "The answer would be too large";
        "An answer may have 6 MB. What was asked for has more.";
        &["Ask for less at a time: a smaller limit, fewer people, or fewer days."];
    UnsupportedMediaType = "unsupported-media-type" 415 Ats None;
        "The body is not JSON by its Content-Type";
        "Bodies are taken as application/json only.";
        &["Send Content-Type: application/json."];
    Forbidden = "forbidden" 403 Ats None;
        "Not allowed";
        "The token does not allow this.";
        &["Use a token with the claims and the role that this call needs."];
    NotFound = "not-found" 404 Ats None;
        "There is no such thing";
        "It does not exist, or not for this user.";
        &["Check the id and the acting user."];
    IntegrationDisabled = "integration-disabled" 403 CustomerAdmin None;
        "The integration is switched off for this company";
        "An administrator of the company has not switched the integration on.";
        &["Ask an owner, administrator or IT manager to switch Microsoft 365 on in the recruiting system's settings."];
    IdempotencyKeyInProgress = "idempotency-key-in-progress" 409 Ats Some(5);
        "The first request with this key is still running";
        "Another call with the same Idempotency-Key has no final answer yet.";
        &["Repeat the request after Retry-After."];
    VersionMismatch = "version-mismatch" 412 Ats None;
        "It has changed since it was read";
        "If-Match does not name the present version.";
        &["Read it again, decide again, and send the new ETag."];
    NotConnected = "not-connected" 409 Recruiter None;
        "Outlook is not connected";
        "The organizer has no Outlook connection.";
        &["Press Connect in the recruiting system and sign in with the work account."];
    ConnectionNeedsReauth = "connection-needs-reauth" 409 Recruiter None;
        "Outlook must be connected again";
        "Microsoft wants the organizer to sign in anew: it does not accept the sign-in, or asks for a password or a second factor.";
        &["Press Connect in the recruiting system and sign in again."];
    OrganizerChanged = "organizer-changed" 409 Recruiter None;
        "The interview belongs to another Microsoft account";
        "The organizer has since connected another account, or the account was deleted and made anew; the event is in the former mailbox.";
        &["Connect the former account again, if it still exists.", "Or cancel the event in the former mailbox, if somebody can open it, and schedule the interview anew."];
    EventMissing = "event-missing" 409 Recruiter None;
        "The event is no longer in Outlook";
        "The event was removed from the calendar in Outlook; the interview is cancelled.";
        &["Schedule the interview anew."];
    InterviewNotActive = "interview-not-active" 409 Recruiter None;
        "The interview is over or came to nothing";
        "An interview that was cancelled, or that failed, cannot be changed.";
        &["Schedule a new interview."];
    ChangedInOutlook = "changed-in-outlook" 409 Recruiter None;
        "The event was changed in Outlook";
        "The event in Outlook is not as it was asked for: compare outlook.start, outlook.end and outlook.title.";
        &["Reschedule or change the interview here, or change the event back in Outlook."];
    TimeDiffers = "time-differs" 409 Recruiter None;
        "Outlook keeps another time";
        "Outlook shows another start or end than the one that was sent to it: compare outlook.start and outlook.end.";
        &["Open the event in Outlook, see which time the people were sent, and reschedule if it is wrong."];
    OrganizerNotConnected = "organizer-not-connected" 409 Recruiter None;
        "The organizer's Outlook is not connected";
        "The interview is in the calendar of another user, whose Outlook is not connected.";
        &["Ask the organizer to press Connect in the recruiting system.", "Or cancel the event in the organizer's Outlook and schedule anew."];
    ConnectionChecking = "connection-checking" 409 MicrosoftOrWait Some(120);
        "The connection is being checked";
        "Microsoft refused the stored sign-in once; within minutes it is clear whether it is a passing fault.";
        &["Repeat the request after Retry-After."];
    DeletionInProgress = "deletion-in-progress" 409 MicrosoftOrWait Some(60);
        "The company's data is being deleted";
        "A deletion was asked for and is not finished.";
        &["Repeat the request after Retry-After."];
    FeatureNotEnabled = "feature-not-enabled" 403 CustomerAdmin None;
        "The feature is not switched on";
        "This deployment or company does not have the feature that the request needs.";
        &["Leave the field out that errors names, or ask an administrator to switch the feature on."];
    SchedulingUserUnavailable = "scheduling-user-unavailable" 409 CustomerAdmin None;
        "The scheduling user cannot organize";
        "The company's scheduling user is not connected or not allowed for this user.";
        &["Connect the scheduling user again, or name another one."];
    WrongAccount = "wrong-account" 409 Recruiter None;
        "The address of the Microsoft account is another one";
        "No address that Microsoft gave for the account is the one that the recruiting system has for this user, or that the company's rule allows.";
        &["Press Connect again and choose the account with your work address (Use another account).", "If that was your account: the address in the recruiting system is an alias, or an older one. Ask the administrator of the recruiting system to enter the address that Outlook shows, or to allow every address of the domain."];
    AccountRenamed = "account-renamed" 409 CustomerAdmin None;
        "The Microsoft account has another address now";
        "It is the Microsoft account that was connected before, but its address has changed: the new one is not the one that the recruiting system has for this user, or that the company's rule allows. The stored connection stays as it was.";
        &["An administrator of the recruiting system enters the account's new address, which Outlook shows, for this user.", "Or the company's rule is widened: allowed_account same_domain or any_in_tenant, under Microsoft 365 in the recruiting system's settings.", "Then the user presses Connect again."];
    WrongTenant = "wrong-tenant" 409 Recruiter None;
        "An account of another organization signed in";
        "The account does not belong to the Microsoft 365 organization of the company.";
        &["Press Connect again and choose the account of your company (Use another account)."];
    OrganizationNotFound = "organization-not-found" 409 ItAdmin None;
        "Microsoft does not know the organization";
        "No Microsoft 365 organization is found for the domain of the user's email address, or for the tenant id in the settings.";
        &["Check that the organization (tenant) still exists, and that the domain of the email address is listed in entra.microsoft.com: Entra ID > Domain names.", "If the address is misspelled: an administrator of the recruiting system corrects it, or enters the organization's tenant id in the settings.", "Then press Connect again."];
    ConsentDeclined = "consent-declined" 409 Recruiter None;
        "The permission was not given";
        "At Microsoft's page somebody declined or went back, or the organization requires an approval: Microsoft's answer is the same for both.";
        &["If Microsoft's page said Approval required or Need admin approval: ask your administrator to open the approval link.", "If you went back or declined: press Connect again when you are ready."];
    AccountUnavailable = "account-unavailable" 409 ItAdmin None;
        "The Microsoft account is disabled or deleted";
        "Microsoft finds no such account in the organization, or finds it disabled.";
        &["In entra.microsoft.com: Entra ID > Users > the user, see whether the account exists and is enabled. A deleted one can be restored under Deleted users for 30 days.", "Then the user presses Connect again."];
    AccountLocked = "account-locked" 409 MicrosoftOrWait Some(3600);
        "Microsoft has locked the account for a while";
        "There were failed sign-ins, or Microsoft distrusts the address of the sign-in.";
        &["Wait an hour, then try again.", "If it lasts, ask the administrator to look at Entra ID > Monitoring & health > Sign-in logs."];
    CrossTenantAccessBlocked = "cross-tenant-access-blocked" 403 ItAdmin None;
        "A policy between organizations blocks the sign-in";
        "The user's own organization, the other organization, or the user's network does not allow access from one organization to the other.";
        &["In entra.microsoft.com: Entra ID > External Identities > Cross-tenant access settings: the user's organization allows it under Outbound access settings, the other one under Inbound access settings.", "Where the network restricts organizations (tenant restrictions), its administrator allows the organization there.", "Then press Connect again."];
    OfflineAccessMissing = "offline-access-missing" 403 ItAdmin None;
        "The permission to stay connected is missing";
        "Microsoft gave no refresh token, so offline_access (Maintain access to data you have given it access to) was not granted. Without it the connection would end within the hour.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent, with offline_access in the list.", "Then press Connect again, and leave every permission accepted."];
    AccountNotSupported = "account-not-supported" 409 Recruiter None;
        "This kind of account cannot be connected";
        "Personal and guest accounts have no calendar that can be used here.";
        &["Press Connect again and choose a work account."];
    AdminApprovalRequired = "admin-approval-required" 403 ItAdmin None;
        "Your IT administrator must approve this app once";
        "Microsoft finds no approval of the app in the organization, and lets only administrators give it.";
        &[concat!("Ask an administrator (", approver_roles!(), ") to open the approval link, which your recruiting system makes, and to press Accept."), "Or, once the app is listed there, in entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent.", "Then press Connect again."];
    ApprovalPending = "approval-pending" 403 ItAdmin None;
        "You declined, or your company requires an approval";
        "Microsoft's answer is the same for both. Did Microsoft's page say Approval required or Need admin approval?";
        &["If it did not: press Connect again and accept.", "If it did and you sent a request there: a reviewer opens entra.microsoft.com: Entra ID > Enterprise apps > Activity > Admin consent requests > My pending, chooses the app, and presses Review permissions and consent.", concat!("If it did and you sent none: an administrator (", approver_roles!(), ") opens the approval link that your recruiting system makes."), "After the approval press Connect again."];
    UserNotAssigned = "user-not-assigned" 403 ItAdmin None;
        "The user is not assigned to the app";
        "The organization requires users to be assigned to the app.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Users and groups > Add user/group, and add the user.", "Or for everybody: the app > Properties, and set Assignment required? to No.", "Then press Connect again."];
    BlockedByConditionalAccess = "blocked-by-conditional-access" 403 ItAdmin None;
        "A policy of the organization blocks the sign-in";
        "A Conditional Access or security policy refuses the user, the device, the app, or the place it connects from.";
        &["In entra.microsoft.com: Entra ID > Monitoring & health > Sign-in logs, find the failed sign-in to the app, and read its tab Conditional Access.", "In Entra ID > Conditional Access > Policies exclude the app from that policy, or allow the addresses of this service."];
    ScopeMissing = "scope-missing" 403 ItAdmin None;
        "A permission is missing";
        "The approval does not cover all that is needed, or Microsoft denies access to this item.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent.", "Then press Connect again."];
    ConnectionRevoked = "connection-revoked" 409 ItAdmin None;
        "Access was revoked";
        "Microsoft no longer finds the approval of the app, or the app itself, in the organization; the stored sign-in was destroyed.";
        &["If this was not meant, approve the app again: by a new approval link, or in entra.microsoft.com under Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent.", "Then press Connect again."];
    AppDisabledInTenant = "app-disabled-in-tenant" 409 ItAdmin None;
        "The app is switched off in the organization";
        "Sign-in to the app is switched off there, by an administrator or by a request that was answered with Block.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Properties, set Enabled for users to sign in? to Yes, and save.", "Then press Connect again."];
    MailboxAccessDenied = "mailbox-access-denied" 403 ItAdmin None;
        "Exchange denies the app access to the mailbox";
        "The permission is granted, but a policy of the organization in Exchange or Conditional Access keeps the app out of this mailbox.";
        &["In admin.exchange.microsoft.com: Recipients > Mailboxes > the user > Manage email apps settings, and allow the protocols that were switched off.", "An Exchange administrator also looks with Exchange Online PowerShell whether EwsApplicationAccessPolicy (Get-OrganizationConfig) or an application access policy (Get-ApplicationAccessPolicy) leaves the app out, and adds it.", "Then send the request again."];
    SendAsDenied = "send-as-denied" 403 ItAdmin None;
        "The mailbox may not send in the organizer's name";
        "Exchange does not let the account send invitations from the address of this calendar.";
        &["In admin.exchange.microsoft.com: Recipients > Mailboxes > the mailbox > Delegation > Send as, and add the account. It counts after up to an hour.", "Or connect the account that the address belongs to."];
    SendingLimitReached = "sending-limit-reached" 409 Recruiter None;
        "The mailbox may send no more for now";
        "The organizer's mailbox has reached Exchange's limit of messages or recipients for a day, so no invitations can be sent.";
        &["Wait until the limit is over, at the latest on the next day, and send the request again.", "Or let another person organize the interview."];
    EventTooLarge = "event-too-large" 422 Ats None;
        "The event is too large for Exchange";
        "The text or the list of people makes the invitation larger than the organization allows.";
        &["Shorten body_html or invite fewer people, and send the request with a new Idempotency-Key."];
    InvalidRecipient = "invalid-recipient" 422 Ats None;
        "Outlook does not send to one of the addresses";
        "Exchange says that at least one of the people or rooms has an address that it cannot send to. It does not say which.";
        &["Check the addresses of candidates, interviewers and rooms, and send the request with a new Idempotency-Key."];
    EventNotRemovable = "event-not-removable" 409 Recruiter None;
        "Outlook does not let the event be removed";
        "Exchange keeps the event, for example because of a hold on the mailbox; nobody was told that it is cancelled.";
        &["Cancel the event in Outlook, which tells the people, and cancel the interview here after that."];
    MailboxUnavailable = "mailbox-unavailable" 422 ItAdmin None;
        "The account has no mailbox that can be used";
        "The account has no license with Exchange Online, or its mailbox is new and not ready yet, lies on the organization's own servers, or was deleted a short time ago (soft-deleted).";
        &["In admin.microsoft.com: Users > Active users > the user > Licenses and apps, and assign a license with Exchange Online. A new mailbox needs some time.", "Or connect an account that has a mailbox there."];
    MailboxFull = "mailbox-full" 422 Recruiter None;
        "The mailbox is full";
        "Exchange stores nothing more in this mailbox.";
        &["Delete items, and empty Deleted Items; or ask the Microsoft 365 administrator to raise the quota of the mailbox.", "Then try again."];
    TeamsNotAvailable = "teams-not-available" 422 ItAdmin None;
        "The calendar cannot hold Teams meetings";
        "The user's calendar does not allow Teams meetings, mostly because a license is missing; after a license is assigned it may take hours.";
        &["In admin.microsoft.com: Users > Active users > the user > Licenses and apps, and switch Microsoft Teams on. Then connect again.", "Or schedule without an online meeting."];
    SlotTaken = "slot-taken" 409 Recruiter None;
        "The time is taken";
        "Somebody who is needed is not free at that time.";
        &["Choose another time."];
    AvailabilityUnknown = "availability-unknown" 409 Recruiter None;
        "It is not known whether the time is free";
        "The calendar of somebody who is needed could not be read.";
        &["Ask the person, then schedule without the check."];
    TeamsBlockNotFound = "teams-block-not-found" 409 Recruiter None;
        "The Teams part of the text was not found";
        "The text in Outlook was changed so much that the part with the Teams link cannot be told apart; nothing was written.";
        &["Change the text in Outlook."];
    RoomDeclined = "room-declined" 409 Recruiter None;
        "Every room declined";
        "None of the rooms accepted the time.";
        &["Choose another room or time."];
    RoomChanged = "room-changed" 409 Recruiter None;
        "The invitations name another room";
        "The room that people were told of said no, and another one has the interview. Nobody was mailed again for that.";
        &["Tell the people where to go, or name the room in a PATCH of rooms.", "Every other update, such as a new time, names the room too."];
    JoinUrlChanged = "join-url-changed" 409 Recruiter None;
        "The Teams link has changed";
        "The link of the meeting is not the one that was sent before.";
        &["Send the new link to the people who were invited."];
    OutlookRefused = "outlook-refused" 422 Ats None;
        "Outlook refused the event";
        "Microsoft did not accept the event as it was asked for.";
        &["See microsoft.error, change the request and send it with a new Idempotency-Key."];
    VendorCredentialInvalid = "vendor-credential-invalid" 503 Vendor Some(300);
        "Microsoft refused the app itself";
        "The app's own credential, registration, or request is at fault; nothing is wrong with your account.";
        &["Nothing to do for you. If it lasts, send this to the operator of the app."];
    MicrosoftThrottled = "microsoft-throttled" 503 MicrosoftOrWait Some(30);
        "Microsoft asks to wait";
        "Microsoft takes no more calls for this mailbox or organization for the moment.";
        &["Repeat the request after Retry-After."];
    MicrosoftUnavailable = "microsoft-unavailable" 503 MicrosoftOrWait Some(30);
        "Microsoft gave no usable answer";
        "Microsoft did not answer, answered with a fault of its own, or refused for a reason that is not known here.";
        &["Repeat the request after Retry-After."];
    ServiceUnavailable = "service-unavailable" 503 MicrosoftOrWait Some(5);
        "A part of this service cannot be reached";
        "The store or the key service did not answer.";
        &["Repeat the request after Retry-After."];
    InternalError = "internal-error" 500 Vendor None;
        "Something went wrong here";
        "The request ran into a fault of this service.";
        &["Send the request_id to the operator."];
}
