"""What Microsoft's Graph SDK says of the simulated Graph."""

import contextlib
import datetime
import time

import entra
import httpx
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication import BaseBearerTokenAuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting_provider_type import OnlineMeetingProviderType
from msgraph.generated.models.single_value_legacy_extended_property import SingleValueLegacyExtendedProperty
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.events.events_request_builder import EventsRequestBuilder
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody
from msgraph.graph_request_adapter import options
from msgraph_core import GraphClientFactory
from msgraph_core.tasks.page_iterator import PageIterator

TAG = "String {c2f0b1a4-7d3e-4c59-9e8a-5b6d1f20a713} Name ConveneClaim"
DAY = datetime.date.today() + datetime.timedelta(days=7)


class Token(AccessTokenProvider):
    """The token of one signed-in person."""

    def __init__(self, token):
        self._token = token

    async def get_authorization_token(self, uri, additional_authentication_context={}):
        return self._token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


def client(microsoft, token):
    http = httpx.AsyncClient(verify=str(microsoft.ca), trust_env=False)
    http = GraphClientFactory.create_with_default_middleware(client=http, options=options)
    provider = BaseBearerTokenAuthenticationProvider(Token(token))
    adapter = GraphRequestAdapter(provider, client=http)
    adapter.base_url = f"{microsoft.url}/graph/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def with_headers(query=None):
    """As the product asks: ids that stay, and no zone but UTC."""
    configuration = RequestConfiguration(query_parameters=query)
    configuration.headers.add("Prefer", 'IdType="ImmutableId"')
    return configuration


def at(hour, minute=0):
    return DateTimeTimeZone(date_time=f"{DAY}T{hour:02}:{minute:02}:00", time_zone="UTC")


def person(address):
    return Attendee(email_address=EmailAddress(address=address), type=AttendeeType.Required)


def teams_event(claim):
    tag = SingleValueLegacyExtendedProperty(id=TAG, value=claim)
    return Event(
        subject="Interview", body=ItemBody(content_type=BodyType.Html, content="<p>Hello</p>"), start=at(10),
        end=at(11), attendees=[person("carl@contoso.com"), person("dana@example.org")], transaction_id=claim,
        is_online_meeting=True, online_meeting_provider=OnlineMeetingProviderType.TeamsForBusiness,
        hide_attendees=True, allow_new_time_proposals=False, single_value_extended_properties=[tag])


@contextlib.asynccontextmanager
async def fails(status, code):
    """The SDK raises its error class, and reads status and code from the answer."""
    try:
        yield
    except ODataError as error:
        assert error.response_status_code == status, error
        assert error.error.code == code and error.error.message, error
        assert error.error.inner_error.request_id and error.error.inner_error.date, error
    else:
        raise AssertionError(f"no error came where {status} was due")


async def a_person_and_his_calendar_are_read(me, _):
    ana = await me.get()
    assert ana.mail == entra.ANA and ana.display_name and ana.id, ana
    calendar = await me.calendar.get()
    assert calendar.owner.address == entra.ANA and calendar.can_edit, calendar
    assert OnlineMeetingProviderType.TeamsForBusiness in calendar.allowed_online_meeting_providers, calendar


async def a_teams_event_is_made_changed_and_called_off(me, _):
    made = await me.events.post(teams_event("claim-1"), with_headers())
    assert made.id and made.i_cal_u_id and made.web_link and made.is_organizer, made
    assert made.online_meeting.join_url.startswith("https://"), made.online_meeting
    assert made.online_meeting_provider is OnlineMeetingProviderType.TeamsForBusiness
    assert len(made.attendees) == 2 and made.hide_attendees and made.transaction_id == "claim-1", made
    assert made.start.date_time.startswith(f"{DAY}T10:00:00") and made.start.time_zone == "UTC", made.start
    assert isinstance(made.created_date_time, datetime.datetime), made

    event = me.events.by_event_id(made.id)
    moved = await event.patch(Event(start=at(14), end=at(15)), with_headers())
    assert moved.id == made.id and moved.start.date_time.startswith(f"{DAY}T14:00:00"), moved
    assert moved.online_meeting.join_url == made.online_meeting.join_url, "the link changed"
    assert moved.change_key != made.change_key, "the same version after a change"
    assert (await event.get(with_headers())).body.content_type is BodyType.Html

    stale = with_headers()
    stale.headers.add("If-Match", made.additional_data["@odata.etag"])
    async with fails(412, "ErrorIrresolvableConflict"):
        await event.patch(Event(subject="Too late"), stale)

    await event.cancel.post(CancelPostRequestBody(comment="The position is filled."), with_headers())
    # Its immutable id leads into Deleted Items from now on.
    assert (await event.get(with_headers())).is_cancelled
    async with fails(404, "ErrorItemNotFound"):
        await event.cancel.post(CancelPostRequestBody(comment="Again"), with_headers())


async def an_event_is_found_by_its_tag(me, _):
    made = await me.events.post(teams_event("claim-2"), with_headers())
    query = EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(
        filter=f"singleValueExtendedProperties/Any(ep: ep/id eq '{TAG}' and ep/value eq 'claim-2')",
        expand=[f"singleValueExtendedProperties($filter=id eq '{TAG}')"])
    found = await me.events.get(with_headers(query))
    [event] = found.value
    [tag] = event.single_value_extended_properties
    assert (event.id, tag.value) == (made.id, "claim-2"), found
    await me.events.by_event_id(made.id).delete(with_headers())
    assert (await me.events.get(with_headers(query))).value == []


async def a_list_is_read_over_all_its_pages(me, adapter):
    for hour in range(12):
        await me.events.post(Event(subject=f"Event {hour}", start=at(hour), end=at(hour, 30)), with_headers())
    window = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time=f"{DAY}T00:00:00Z", end_date_time=f"{DAY}T23:59:59Z", top=5)
    every = EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(top=5)
    for page in [await me.events.get(with_headers(every)), await me.calendar_view.get(with_headers(window))]:
        assert len(page.value) == 5 and page.odata_next_link, page
        subjects = []
        iterator = PageIterator(page, adapter)
        await iterator.iterate(lambda event: subjects.append(event.subject) or True)
        assert sorted(subjects) == sorted(f"Event {hour}" for hour in range(12)), subjects


async def a_schedule_that_errs_spoils_no_other(me, _):
    asked = GetSchedulePostRequestBody(
        schedules=[entra.ANA, "nobody@contoso.com", "carl@contoso.com"], start_time=at(0), end_time=at(6),
        availability_view_interval=30)
    answer = await me.calendar.get_schedule.post(asked)
    own, lost, carl = answer.value
    assert own.availability_view == "202020202020", own.availability_view
    assert len(own.schedule_items) == 6 and own.schedule_items[0].start.time_zone == "UTC", own
    assert own.working_hours.start_time == datetime.time(8) and own.working_hours.days_of_week, own
    assert lost.error.response_code == "5009" and lost.error.message and not lost.schedule_items, lost
    assert carl.availability_view == "000000000000" and carl.error is None, carl


async def the_sdk_waits_as_long_as_it_is_told(me, microsoft):
    microsoft.switch("throttle", user=entra.ANA, retry_after="1", times=1)
    begun = time.monotonic()
    assert (await me.get()).mail == entra.ANA
    assert 1 <= time.monotonic() - begun < 10, "it did not wait"


async def refusals_are_told_apart(microsoft):
    async with fails(401, "InvalidAuthenticationToken"):
        await client(microsoft, "no-token").me.get()
    microsoft.switch("remove-consent", user=entra.ANA)
    _, result = entra.sign_in(microsoft, ["User.Read"])
    me = client(microsoft, result["access_token"]).me
    assert (await me.get()).mail == entra.ANA
    async with fails(403, "ErrorAccessDenied"):
        await me.events.get(with_headers())


async def judge(microsoft, check):
    """Runs every check as Ana."""
    _, result = entra.sign_in(microsoft)
    graph = client(microsoft, result["access_token"])
    await check(a_person_and_his_calendar_are_read, graph.me, None)
    await check(a_teams_event_is_made_changed_and_called_off, graph.me, None)
    await check(an_event_is_found_by_its_tag, graph.me, None)
    await check(a_list_is_read_over_all_its_pages, graph.me, graph.request_adapter)
    await check(a_schedule_that_errs_spoils_no_other, graph.me, None)
    await check(the_sdk_waits_as_long_as_it_is_told, graph.me, microsoft)
    await check(refusals_are_told_apart, microsoft)
