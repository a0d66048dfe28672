//! Every problem as data: code, status, who must act, and what to do. The page `/problems/{code}` and the API
//! read the same rows.

use serde::{Deserialize, Serialize};

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
            Self::ScopeMissing => "check-approved",
            Self::AppDisabledInTenant => "check-enabled",
            Self::MailboxUnavailable | Self::TeamsNotAvailable => "troubleshooting",
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
        "Idempotency-Key is missing";
        "Calls that write to a calendar need an Idempotency-Key of 8 to 255 printable characters, so that a repeat does nothing twice.";
        &["Send a new Idempotency-Key for each new request, and the same one for each repeat."];
    SignInExpired = "sign-in-expired" 400 Recruiter None;
        "This sign-in has expired";
        "The sign-in was not started in this browser, or it was left open for too long.";
        &["Go back to your recruiting system.", "Press Connect again."];
    InvalidRequest = "invalid-request" 422 Ats None;
        "The request is not valid";
        "See errors for every fault of the request.";
        &["Mend what errors names and send the request again."];
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
        "The organiser has not connected Outlook.";
        &["Press Connect in the recruiting system and sign in with the work account."];
    ConnectionNeedsReauth = "connection-needs-reauth" 409 Recruiter None;
        "Outlook must be connected again";
        "Microsoft no longer accepts the stored sign-in of the organiser.";
        &["Press Connect in the recruiting system and sign in again."];
    OrganizerChanged = "organizer-changed" 409 Recruiter None;
        "The interview belongs to another Microsoft account";
        "The organiser has since connected another account; the event lies in the former mailbox.";
        &["Connect the former account again, or cancel the event in its Outlook and schedule anew."];
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
        "The scheduling user cannot organise";
        "The company's scheduling user is not connected or not allowed for this user.";
        &["Connect the scheduling user again, or name another one."];
    WrongAccount = "wrong-account" 409 Recruiter None;
        "Another Microsoft account signed in";
        "The account is not the one that the company's rule allows for this user.";
        &["Press Connect again and choose the account with your work address."];
    WrongTenant = "wrong-tenant" 409 Recruiter None;
        "An account of another organisation signed in";
        "The account belongs to another Microsoft 365 organisation than the company's.";
        &["Press Connect again and choose the account of your company."];
    AccountNotSupported = "account-not-supported" 409 Recruiter None;
        "This kind of account cannot be connected";
        "Personal and guest accounts have no calendar that can be used here.";
        &["Press Connect again and choose a work account."];
    AdminApprovalRequired = "admin-approval-required" 403 ItAdmin None;
        "Your IT administrator must approve this app once";
        "The organisation's Microsoft 365 lets only administrators approve access to calendars.";
        &["Ask a Global, Cloud Application or Application Administrator to open the approval link, which your recruiting system makes, and to press Accept.", "Or, once the app is listed there, in entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent.", "Then press Connect again."];
    ApprovalPending = "approval-pending" 403 ItAdmin None;
        "The approval is pending";
        "An administrator must approve the app. Where one was asked, there is no decision yet.";
        &["A reviewer opens entra.microsoft.com: Entra ID > Enterprise apps > Activity > Admin consent requests > My pending, chooses the app, and presses Review permissions and consent.", "Or an administrator opens the approval link that your recruiting system makes.", "After the approval press Connect again."];
    UserNotAssigned = "user-not-assigned" 403 ItAdmin None;
        "The user is not assigned to the app";
        "The organisation requires users to be assigned to the app.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Users and groups > Add user/group, and add the user.", "Or for everybody: the app > Properties, and set Assignment required? to No.", "Then press Connect again."];
    BlockedByConditionalAccess = "blocked-by-conditional-access" 403 ItAdmin None;
        "A policy of the organisation blocks the sign-in";
        "A Conditional Access or security policy refuses the app or the place it connects from.";
        &["In entra.microsoft.com: Entra ID > Monitoring & health > Sign-in logs, find the failed sign-in to the app, and read its tab Conditional Access.", "In Entra ID > Conditional Access > Policies exclude the app from that policy, or allow the addresses of this service."];
    ScopeMissing = "scope-missing" 403 ItAdmin None;
        "A permission is missing";
        "The approval does not cover all that is needed.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent.", "Then press Connect again."];
    ConnectionRevoked = "connection-revoked" 409 ItAdmin None;
        "Access was revoked";
        "The organisation withdrew the app's access; the stored sign-in is destroyed.";
        &["If this was not meant, approve the app again: by a new approval link, or in entra.microsoft.com under Entra ID > Enterprise apps > All applications > the app > Permissions > Grant admin consent.", "Then press Connect again."];
    AppDisabledInTenant = "app-disabled-in-tenant" 409 ItAdmin None;
        "The app is switched off in the organisation";
        "An administrator has switched sign-in to the app off.";
        &["In entra.microsoft.com: Entra ID > Enterprise apps > All applications > the app > Properties, set Enabled for users to sign in? to Yes, and save.", "Then press Connect again."];
    MailboxUnavailable = "mailbox-unavailable" 422 ItAdmin None;
        "The account has no mailbox in Exchange Online";
        "The account has no Exchange Online licence, or its mailbox is on the organisation's own servers.";
        &["In admin.microsoft.com: Users > Active users > the user > Licenses and apps, and assign a licence with Exchange Online.", "Or connect an account that has a mailbox there."];
    TeamsNotAvailable = "teams-not-available" 422 ItAdmin None;
        "The calendar cannot hold Teams meetings";
        "The user's calendar does not allow Teams meetings, mostly for want of a licence.";
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
        "The app's own credential was refused";
        "Microsoft refused the credential of the app itself; nothing is wrong with your account.";
        &["Nothing to do for you: the operator has been alarmed."];
    MicrosoftThrottled = "microsoft-throttled" 503 MicrosoftOrWait Some(30);
        "Microsoft asks to wait";
        "Microsoft takes no more calls for this mailbox or organisation for the moment.";
        &["Repeat the request after Retry-After."];
    MicrosoftUnavailable = "microsoft-unavailable" 503 MicrosoftOrWait Some(30);
        "Microsoft cannot be reached";
        "Microsoft did not answer, or answered with a fault of its own.";
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
