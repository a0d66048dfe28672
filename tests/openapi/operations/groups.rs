//! Problems that go together.

use shared::problem::Code::{
    self, AccountNotSupported, AccountUnavailable, AmbiguousLocalTime, AnswerTooLarge, AppDisabledInTenant,
    ApprovalPending, BlockedByConditionalAccess, ConnectionChecking, ConnectionNeedsReauth,
    ConnectionRevoked, CrossTenantAccessBlocked, DeletionInProgress, EventMissing, EventNotRemovable,
    EventTooLarge, FeatureNotEnabled, IdempotencyKeyInProgress, IdempotencyKeyMissing, IdempotencyKeyReused,
    IntegrationDisabled, InternalError, InvalidRecipient, InvalidRequest, MailboxAccessDenied, MailboxFull,
    MailboxUnavailable, MalformedJson, MicrosoftThrottled, MicrosoftUnavailable, NotConnected, NotFound,
    OrganizationNotFound, OrganizerChanged, OutlookRefused, PayloadTooLarge, SchedulingUserUnavailable,
    ScopeMissing, SendAsDenied, SendingLimitReached, ServiceUnavailable, UnknownField, UnmappedTimeZone,
    UnsupportedMediaType, UserNotAssigned, VendorCredentialInvalid, VersionMismatch, WrongTenant,
};

/// Whatever is asked.
pub(super) const ALWAYS: &[Code] = &[ServiceUnavailable, InternalError];
/// Of any route of `/v1`: a query parameter that it does not know or that is there twice, and an answer of more than 6 MB.
pub(in super::super) const QUERY: &[Code] = &[UnknownField, InvalidRequest, AnswerTooLarge];
pub(super) const BODY: &[Code] =
    &[MalformedJson, InvalidRequest, UnknownField, PayloadTooLarge, UnsupportedMediaType];
pub(super) const TIMES: &[Code] = &[AmbiguousLocalTime, UnmappedTimeZone, FeatureNotEnabled];
pub(super) const KEY: &[Code] = &[IdempotencyKeyMissing, IdempotencyKeyReused];
pub(super) const CUSTOMER: &[Code] = &[IntegrationDisabled, DeletionInProgress];
/// What the state of a connection may be.
pub(super) const CONNECTION: &[Code] = &[
    NotConnected,
    ConnectionChecking,
    ConnectionNeedsReauth,
    ConnectionRevoked,
    AppDisabledInTenant,
    ApprovalPending,
    UserNotAssigned,
    BlockedByConditionalAccess,
    ScopeMissing,
    AccountUnavailable,
    CrossTenantAccessBlocked,
    OrganizationNotFound,
    WrongTenant,
    AccountNotSupported,
];
/// What Exchange may say of the mailbox, whatever is asked.
pub(super) const MAILBOX: &[Code] = &[MailboxAccessDenied, AccountUnavailable, MailboxUnavailable];
pub(super) const MICROSOFT: &[Code] = &[MicrosoftThrottled, MicrosoftUnavailable, VendorCredentialInvalid];
/// What a write to Outlook may meet.
pub(super) const OUTLOOK: &[Code] = &[
    IdempotencyKeyInProgress,
    MailboxUnavailable,
    MailboxAccessDenied,
    AccountUnavailable,
    SendAsDenied,
    SendingLimitReached,
    MailboxFull,
    EventTooLarge,
    InvalidRecipient,
    EventNotRemovable,
    OutlookRefused,
    SchedulingUserUnavailable,
];
pub(super) const CHANGE: &[Code] = &[NotFound, OrganizerChanged, EventMissing, VersionMismatch];
