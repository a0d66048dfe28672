// Demo page, 6 of 6: what a person can do, and the start. Switches of the stand-ins go through /_local.
"use strict";

{
  const {
    $, all, h, say, toHtml, toText, ownZone, zone, moment, showProblem, clearProblems, showConnection, showInterviews,
    showCompany, showReturn, showMicrosoft, showTicks, showTold, addresses, pause, actAs, call, carryOut, finder,
  } = demo;

  const USERS = [
    { sub: "ana", name: "Ana Recruiter", email: "ana@contoso.com" },
    { sub: "ben", name: "Ben Recruiter", email: "ben@contoso.com" },
    { sub: "alma", name: "Alma Admin", email: "admin@contoso.com", note: "administrator", admin: true },
    { sub: "nora", name: "Nora Nomail", email: "nomail@contoso.com", note: "has no mailbox" },
    { sub: "tom", name: "Tom Noteams", email: "noteams@contoso.com", note: "has no Teams" },
  ];

  let user, company, changing;
  let busy = false, reads = 0;

  async function refresh(quiet = false) {
    const mine = (reads += 1);
    const get = (path) => call("GET", path, { quiet: quiet || path.startsWith("/_local") });
    const paths = ["/v1/connection", "/v1/interviews", "/_local/microsoft", "/_local/clock", "/_local/events"];
    if (user.admin) paths.push("/v1/customer", "/v1/connections");
    const [connection, interviews, microsoft, clock, events, customer, connections] = await Promise.all(paths.map(get));
    if (mine !== reads) return;
    if (connection.ok) showConnection(connection.json);
    else if (!quiet) showProblem("connection-problem", connection);
    if (interviews.ok) {
      showInterviews(interviews.json, user, openChange);
      finder.follow(interviews.json.data);
    }
    if (microsoft.ok) {
      showMicrosoft(microsoft.json, user);
      finder.offerPeople(microsoft.json.users);
    }
    if (events.ok) showTold(events.json);
    if (clock.ok) $("clock").replaceChildren("It is ", h("b", {}, moment(clock.json.now)), ` in ${zone()}.`);
    if (customer?.ok) showCompany(company = customer.json, connections.json.data ?? []);
  }

  /** One action at a time; afterwards everything is read again. `work` gives what to say, or nothing if it failed. */
  async function act(work) {
    if (busy) return;
    busy = true;
    document.body.dataset.busy = "yes";
    clearProblems();
    try {
      const words = await work();
      await refresh();
      say(words || "", 6);
    } finally {
      busy = false;
      delete document.body.dataset.busy;
    }
  }

  /** An action without a form. */
  const press = (place, method, path, words, body) => () => act(async () => {
    const answer = await carryOut(method, path, body?.());
    showProblem(place, answer);
    return answer.ok && words;
  });

  const connect = () => act(async () => {
    const body = { return_url: `${location.origin}/`, time_zone: ownZone };
    const answer = await call("POST", "/v1/connect-sessions", { body });
    showProblem("connection-problem", answer);
    if (!answer.ok) return;
    location.assign(answer.json.url);
    await pause(60);
  });

  function times(start, end) {
    const time = (id) => $(id).dataset.exact ?? ($(id).value && `${$(id).value}:00`);
    return { start: time(start) || undefined, end: time(end) || undefined };
  }

  /** What the form says of an interview, whenever and with whomever it is. */
  function details() {
    const [email, name] = [$("candidate").value.trim(), $("candidate-name").value.trim()];
    return {
      title: $("title").value,
      body_html: toHtml($("text").value) || undefined,
      time_zone: $("zone").value,
      candidates: email || name ? [{ email, name: name || undefined }] : [],
      online_meeting: $("teams").checked ? "teams" : "none",
    };
  }

  const schedule = () => act(async () => {
    const answer = await carryOut("POST", "/v1/interviews", {
      ...details(),
      ...times("start", "end"),
      interviewers: addresses($("interviewers").value).map((email) => ({ email })),
      rooms: $("room").value ? [$("room").value] : [],
    });
    showProblem("form-problem", answer, $("form"));
    if (!answer.ok) return;
    return answer.status === 202 ? "Accepted; Convene settles it within minutes." : "Scheduled: it is on the calendar. Outlook sends the invitations.";
  });

  /** What the dialog does to an interview: title, button, how, and what to say afterwards. */
  const CHANGES = {
    move: ["Move", "Move interview", (id, match) =>
      carryOut("POST", `/v1/interviews/${id}/reschedule`,
      { ...times("new-start", "new-end"), time_zone: changing.interview.time_zone }, match),
    "Moved: the event stays the same one."],
    text: ["Change", "Change text", (id, match) =>
      carryOut("PATCH", `/v1/interviews/${id}`, { title: $("new-title").value, body_html: toHtml($("new-text").value) }, match),
    "Changed; the Teams part of the text is kept."],
    cancel: ["Cancel", "Cancel interview", (id, match) =>
      carryOut("POST", `/v1/interviews/${id}/cancel`, { comment: $("comment").value.trim() || undefined }, match),
    "Cancelled. Outlook mails everybody who was invited, unless the event was gone already."],
  };

  function openChange(kind, interview) {
    if (kind === "find") {
      finder.move(interview);
      return;
    }
    changing = { kind, interview, from: document.activeElement.closest("section") };
    const [verb, button] = CHANGES[kind];
    $("change-title").textContent = `${verb} “${interview.title}”`;
    $("change-do").textContent = button;
    all("[data-kind]", $("change")).forEach((part) => { part.hidden = part.dataset.kind !== kind; });
    // Times in answers carry the zone's own offset: their first part is the local time.
    ["new-start", "new-end"].forEach((id) => { delete $(id).dataset.exact; });
    [$("new-start").value, $("new-end").value] = [interview.start.slice(0, 16), interview.end.slice(0, 16)];
    $("new-zone").textContent = `Times in ${interview.time_zone}.`;
    [$("new-title").value, $("new-text").value, $("comment").value] = [interview.title, toText(interview.body_html), ""];
    clearProblems();
    say("");
    $("change").append($("toast")); // What lies outside of a modal dialog cannot be pressed.
    $("change").showModal();
  }

  const change = () => act(async () => {
    const { kind, interview: { id, version } } = changing;
    const [, , carry, words] = CHANGES[kind];
    const answer = await carry(id, { "if-match": `"${version}"` });
    showProblem("change-problem", answer, $("change-form"));
    if (!answer.ok) return;
    $("change").close();
    await finder.again();
    return words;
  });

  const flip = (button) => act(async () => {
    say("Working…");
    const { start, end } = times("start", "end");
    const at = (dateTime) => JSON.stringify({ dateTime, timeZone: zone() });
    const filled = button.dataset.body.replace("$user", user.email).replace('"$start"', at(start)).replace('"$end"', at(end));
    const answer = await call("POST", `/_local/${button.dataset.path}`, { body: JSON.parse(filled) });
    if (answer.json.ticks) showTicks(answer.json.ticks);
    return answer.ok ? `Done: ${button.textContent}.` : `That did not work: ${answer.json.message ?? answer.status}`;
  });

  function become(sub) {
    user = USERS.find((one) => one.sub === sub) ?? USERS[0];
    actAs(user);
    $("company").hidden = !user.admin;
    sessionStorage.setItem("user", user.sub);
    $("user").value = user.sub;
    delete $("mailbox").dataset.chosen;
    all(".acting").forEach((place) => { place.textContent = user.name; });
  }

  /** The next working day at ten, by the stack's clock. */
  async function fillForm() {
    const { json } = await call("GET", "/_local/clock", { quiet: true });
    const next = new Date(json.now);
    do next.setUTCDate(next.getUTCDate() + 1); while ([0, 6].includes(next.getUTCDay()));
    const date = next.toISOString().slice(0, 10);
    [$("start").value, $("end").value, $("zone").value] = [`${date}T10:00`, `${date}T10:45`, ownZone];
  }

  function listen() {
    const submit = (form, work) => { $(form).onsubmit = (event) => { event.preventDefault(); work(); }; };
    submit("form", schedule);
    submit("change-form", change);
    $("user").onchange = () => {
      become($("user").value);
      $("returned").replaceChildren();
      clearProblems();
      say("");
      finder.begin(user);
      refresh();
    };
    $("mailbox").onchange = () => { $("mailbox").dataset.chosen = "yes"; refresh(true); };
    $("zone").onchange = () => refresh(true);
    $("connect").onclick = connect;
    $("verify").onclick = press("connection-problem", "POST", "/v1/connection/verify", "Microsoft was asked just now.");
    $("disconnect").onclick = press("connection-problem", "DELETE", "/v1/connection", "Disconnected; the tokens are destroyed.");
    $("enabled").onclick = press("company-problem", "PATCH", "/v1/customer", "Saved.", () => ({ enabled: !company.enabled }));
    all("[data-path]").forEach((button) => { button.onclick = () => flip(button); });
    document.addEventListener("input", ({ target }) => { delete target.dataset.exact; });
    $("change-close").onclick = () => $("change").close();
    $("change").onclose = () => {
      document.body.append($("toast"));
      const { kind, interview: { id }, from } = changing;
      from?.querySelector(`[data-focus="${kind} ${id}"]`)?.focus();
    };
    // Back from Microsoft's page by the browser's button: the page as it was left is out of date.
    window.addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
  }

  async function start() {
    $("user").append(...USERS.map(({ sub, name, note }) => h("option", { value: sub }, [name, note].filter(Boolean).join(", "))));
    $("zones").append(...Intl.supportedValuesOf("timeZone").map((name) => h("option", { value: name })));
    become(sessionStorage.getItem("user"));
    showReturn();
    listen();
    finder.listen({ act, details, change: openChange });
    await fillForm();
    await Promise.all([refresh(), finder.begin(user)]);
    document.body.dataset.ready = "yes";
    setInterval(() => { if (!busy && !document.hidden) refresh(true); }, 4000);
  }

  // The sign-in's cookie lives on `localhost`, and calls are taken from there only.
  if (location.hostname === "localhost") start();
  else location.hostname = "localhost";
}
