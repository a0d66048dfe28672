// Demo page, 2 of 6: what is shown of the simulated Microsoft, of the scheduled functions and of the events.
"use strict";

{
  const { $, h, render, fine, tag, teamsLink, toText, zone, day, hour, moment } = demo;

  const instant = ({ dateTime }) => `${dateTime.slice(0, 19)}Z`;

  function showMicrosoft({ users, mails, tenants }, user) {
    const people = users.filter((one) => one.email.endsWith("@contoso.com"));
    render("mailbox", people.map((one) => one.name), () => people.map((one) => h("option", { value: one.email }, one.name)));
    if (!$("mailbox").dataset.chosen) $("mailbox").value = user.email;
    const { events } = people.find((one) => one.email === $("mailbox").value);
    render("calendar", [events, zone()], () => (events.length > 0 ? calendar(events) : fine("Empty.")));
    render("outbox", [mails, zone()], () => (mails.length > 0 ? h("ul", {}, mails.toReversed().map(mailLine)) : fine("None yet.")));
    showTenant(tenants.find((one) => one.domain === "contoso.com"));
  }

  function calendar(events) {
    const days = Map.groupBy(events, (event) => day(instant(event.start), zone()));
    const list = [...days].map(([name, these]) => [h("h4", {}, name), h("ul", { class: "events" }, these.map(eventLine))]);
    return [fine(`Times in ${zone()}.`), ...list.flat()];
  }

  function eventLine({ subject, start, end, attendees, body, isCancelled, onlineMeeting }) {
    const times = [start, end].map((time) => hour(instant(time), zone())).join(" – ");
    const person = ({ emailAddress: { name, address }, status: { response } }) =>
      `${name || address}${response === "none" ? "" : ` (${response})`}`;
    const text = toText(body.content);
    return h("li", { class: isCancelled && "off" },
      h("b", {}, times), ` ${subject}`, isCancelled && " (cancelled)",
      attendees.length > 0 && h("p", {}, attendees.map(person).join(", ")),
      text && h("p", { class: "fine text" }, text),
      onlineMeeting && !isCancelled && teamsLink(onlineMeeting.joinUrl));
  }

  function mailLine({ kind, to, subject, at, comment }) {
    return h("li", {}, tag([kind, kind === "cancellation" ? "bad" : ""]), ` to ${to}`,
      comment && h("p", {}, h("q", {}, comment)), fine(`${subject}, ${moment(at)}`));
  }

  function showTenant({ service_principal: app, grants }) {
    const words = { absent: "not known there yet", enabled: "switched on there", disabled: "switched off there" };
    const by = grants.map((grant) => grant.principal ?? "the administrator for everybody").join(", ");
    $("tenant").textContent = `Convene is ${words[app]}; ${by ? `allowed by ${by}` : "nobody has allowed it"}.`;
    $("app").textContent = app === "disabled" ? "Switch the app on" : "Switch the app off";
    $("app").dataset.body = JSON.stringify({ tenant: "contoso.com", disabled: app !== "disabled" });
  }

  /** The events on the bus, the newest first. */
  function showTold(events) {
    const line = ({ kind, detail }) => h("li", {}, h("b", {}, kind), ` ${detail.interview_id ?? detail.user ?? detail.customer_id}`,
      fine(`version ${detail.version}, ${moment(detail.at)}`));
    render("told", [events, zone()], () => (events.length > 0 ? h("ul", {}, events.toReversed().map(line)) : fine("Nothing yet.")));
  }

  /** These say how something is, not how much was done: the newest value counts, and no sum does. */
  const GAUGES = ["oldest_shard_seconds", "certificate_days_left", "suspect", "blocked", "in_doubt", "unsettled"];
  const isGauge = (name) => GAUGES.some((gauge) => name.endsWith(`: ${gauge}`));

  /** What the scheduled functions counted, summed up over all ticks; of a gauge the newest value. */
  function showTicks(ticks) {
    const sums = {};
    const add = (name, value) => {
      if (typeof value === "number" && isGauge(name)) sums[name] = value;
      else if (typeof value === "number" && value > 0) sums[name] = (sums[name] ?? 0) + value;
      if (value && typeof value === "object") Object.entries(value).forEach(([inner, one]) => add(`${name} ${inner}`, one));
    };
    ticks.forEach(({ reports }) => Object.entries(reports).forEach(([name, report]) => add(`${name}:`, report)));
    const lines = Object.entries(sums).filter(([, value]) => value > 0).map(([name, sum]) => h("li", {}, `${name.replaceAll("_", " ")} ${sum}`));
    $("ticks").replaceChildren(fine(`Scheduled functions ran in ${ticks.length} minute${ticks.length === 1 ? "" : "s"}. They counted, or found last:`),
      h("ul", { class: "fine" }, lines));
  }

  Object.assign(demo, {
    showMicrosoft, showTicks, showTold,
  });
}
