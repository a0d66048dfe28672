// The demo page. Product actions go through the public API alone; switches of the stand-ins through /_local.
"use strict";

const USERS = [
  { sub: "ana", name: "Ana Recruiter", email: "ana@contoso.com" },
  { sub: "ben", name: "Ben Recruiter", email: "ben@contoso.com" },
  { sub: "alma", name: "Alma Admin", email: "admin@contoso.com", note: "administrator", admin: true },
  { sub: "nora", name: "Nora Nomail", email: "nomail@contoso.com", note: "has no mailbox" },
  { sub: "tom", name: "Tom Noteams", email: "noteams@contoso.com", note: "has no Teams" },
];
const OWNERS = {
  ats: "the engineers of the recruiting system",
  recruiter: "you, the recruiter",
  customer_admin: "whoever administers the recruiting system in your company",
  it_admin: "your company's Microsoft 365 administrator",
  vendor: "the operator of Convene",
  microsoft_or_wait: "nobody: wait a little",
  unknown: "this cannot be said",
};
/** In words, which colour, and who must act where no problem says so. */
const CONNECTION = {
  not_connected: ["Not connected", "", "You must act: press Connect, and sign in on the simulated Microsoft's page."],
  pending_approval: ["Waiting for approval", "warn", "The IT administrator must approve. Then press Connect again."],
  connected: ["Connected", "good"],
  checking: ["Being checked", "warn", "Microsoft refused once. Convene asks again before it believes it: wait some minutes."],
  blocked: ["Blocked", "bad"],
  needs_reauth: ["Must be connected again", "bad"],
  revoked: ["Access revoked", "bad"],
  disconnected: ["Disconnected", "", "The tokens are destroyed. Press Connect to start again."],
};
const INTERVIEW = {
  scheduling: ["Being scheduled", "warn"],
  scheduled: ["Scheduled", "good"],
  awaiting_room: ["Waiting for the room", "warn"],
  cancelled: ["Cancelled", ""],
  failed: ["Failed", "bad"],
};
const RETURNED = {
  connected: "Microsoft said yes. Interviews now go to your own calendar.",
  pending_approval: "Microsoft wants an administrator's approval first. Press Connect again once it is given.",
  cancelled: "You came back without signing in. Nothing has changed.",
  denied: "The permission was declined. Nothing is stored.",
  wrong_account: "That was another account than yours. Nothing is stored.",
  wrong_tenant: "That account belongs to another organisation. Nothing is stored.",
  failed: "Connecting did not work. Nothing is stored.",
};

const $ = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

let user, token, company, changing;
let busy = false, reads = 0, hiding;
/** Readings of local times that were chosen where a clock is changed, by field. */
let exact = {};

/** An element. Attributes that begin with `on` are listeners; `false` and `undefined` are left out everywhere. */
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter(Boolean));
  return element;
}

/** Builds a part anew if its data has changed. Whoever was on one of its controls stays there. */
const shown = {};
function render(id, data, build) {
  const text = JSON.stringify(data);
  if (shown[id] === text) return;
  shown[id] = text;
  const focus = $(id).contains(document.activeElement) && document.activeElement.dataset.focus;
  $(id).replaceChildren(...[build()].flat().filter(Boolean));
  if (focus) $(id).querySelector(`[data-focus="${focus}"]`)?.focus();
}

/* Calls */

async function newToken({ sub, email, name, admin }) {
  const scope = `connections interviews${admin ? " admin" : ""}`;
  const body = { sub, customer_id: "acme", email, name, scope, roles: admin ? ["admin"] : undefined };
  return (await call("POST", "/_local/token", { body, quiet: true })).json.token;
}

async function send(method, path, body, headers) {
  const sent = { ...headers };
  if (body) sent["content-type"] = "application/json";
  if (!path.startsWith("/_local")) sent.authorization = `Bearer ${await (token ??= newToken(user))}`;
  return fetch(path, { method, headers: sent, body: body && JSON.stringify(body) });
}

async function call(method, path, { body, headers, quiet } = {}) {
  const answer = { status: 0, ok: false, json: {} };
  try {
    let response = await send(method, path, body, headers);
    if (response.status === 401) {
      token = undefined; // It has ended: the clock was put on.
      response = await send(method, path, body, headers);
    }
    const { status, ok } = response;
    const json = await response.json().catch(() => ({}));
    Object.assign(answer, { status, ok, json, wait: response.headers.get("retry-after") });
  } catch {
    answer.json = { title: "The stack does not answer", detail: "Is cargo local still running?" };
  }
  if (!quiet) log(method, path, answer);
  return answer;
}

/** Repeats a call for as long as its answer says when to come again. Key and body stay the same. */
async function carryOut(method, path, body, headers = {}) {
  const keyed = method === "POST" ? { ...headers, "idempotency-key": crypto.randomUUID() } : headers;
  for (let n = 1; ; n += 1) {
    say(n === 1 ? "Working…" : `Asking again, call ${n}…`);
    const answer = await call(method, path, { body, headers: keyed });
    const unsettled = answer.status === 202 && method === "POST";
    if (!answer.wait || !(unsettled || [409, 503].includes(answer.status))) return answer;
    say(`${unsettled ? "Not settled yet" : answer.json.title}. The page will repeat the same call under the same key.`);
    if (!(await countdown(Number(answer.wait)))) return answer;
  }
}

async function countdown(seconds) {
  let again;
  $("now").onclick = () => { again = true; };
  $("stop").onclick = () => { again = false; };
  $("waiting").hidden = false;
  for (let left = seconds; left > 0 && again === undefined; left -= 0.1) {
    $("left").textContent = `${Math.ceil(left)} s`;
    await pause(0.1);
  }
  $("waiting").hidden = true;
  return again ?? true;
}

function log(method, path, { status, json }) {
  const outcome = [status || "no answer", json.code].filter(Boolean).join(" ");
  const cells = [new Date().toTimeString().slice(0, 8), h("code", {}, `${method} ${path}`), outcome].map((cell) => h("td", {}, cell));
  $("calls").prepend(h("tr", { class: (status === 0 || status >= 400) && "bad" }, cells));
  all("tr", $("calls")).slice(40).forEach((old) => old.remove());
}

/* Words */

function say(text, seconds) {
  clearTimeout(hiding);
  $("said").textContent = text;
  if (seconds) hiding = setTimeout(() => say(""), seconds * 1000);
}

const tag = ([words, kind] = ["Unknown", ""]) => h("span", { class: `tag ${kind}` }, words);
const fine = (...words) => h("p", { class: "fine" }, words);
const teamsLink = (url) => h("p", {}, h("a", { href: url, target: "_blank", rel: "noreferrer" }, "Teams link"));

function problemView({ title, message, detail, code, type, fix = {}, microsoft }, faults = []) {
  const said = microsoft?.code ?? microsoft?.error;
  return h("div", { class: "problem", role: "alert" },
    h("h4", {}, title ?? message ?? "That did not work"),
    detail && h("p", {}, detail),
    faults.length > 0 && h("ul", {}, faults.map((fault) => h("li", {}, `${fault.pointer} ${fault.message}`))),
    fix.owner && h("p", {}, h("b", {}, "Who must act: "), `${OWNERS[fix.owner]}.`),
    fix.steps?.length > 0 && h("ol", {}, fix.steps.map((step) => h("li", {}, step))),
    fix.action_url && h("p", {}, h("a", { href: fix.action_url }, "Go there now")),
    code && fine(h("a", { href: type, target: "_blank" }, code), said && `, Microsoft said ${said}`));
}

/** Shows what is wrong: faults at their fields, all else at its place. */
function showProblem(place, { ok, json }, form) {
  $(place).replaceChildren();
  if (ok) return;
  const fields = form ? all("[data-pointer]:not([hidden] *)", form) : [];
  const homeless = (json.errors ?? []).filter((fault) => {
    const at = ({ dataset }) => `${fault.pointer}/`.startsWith(`${dataset.pointer}/`);
    const [field] = fields.filter(at).sort((a, b) => b.dataset.pointer.length - a.dataset.pointer.length);
    if (field) showFault(field, fault);
    return !field;
  });
  $(place).append(problemView(json, homeless));
  form?.querySelector("[aria-invalid]")?.focus();
  $(place).scrollIntoView({ block: "nearest" });
}

function showFault(field, { message, candidates = [] }) {
  const id = `${field.id}-fault`;
  const choose = (reading) => h("button", { type: "button", onclick: () => take(reading) }, reading);
  const note = h("p", { class: "fault", id }, `This ${message}. ${candidates.length > 0 ? "Which is meant?" : ""} `, candidates.map(choose));
  const take = (reading) => {
    exact[field.id] = reading;
    note.replaceChildren(`Taken as ${reading}.`);
  };
  field.closest(".field").append(note);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
}

function clearProblems() {
  all("[id$=-problem]").forEach((place) => place.replaceChildren());
  all(".fault").forEach((fault) => fault.remove());
  all("[aria-invalid]").forEach((field) => ["aria-invalid", "aria-describedby"].forEach((name) => field.removeAttribute(name)));
}

/** The page's zone is the form's, if that is one. */
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
function zone() {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: $("zone").value }).resolvedOptions().timeZone;
  } catch {
    return ownZone;
  }
}
const write = (at, timeZone, options) => new Intl.DateTimeFormat("en-GB", { timeZone, ...options }).format(new Date(at));
const day = (at, timeZone) => write(at, timeZone, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const hour = (at, timeZone) => write(at, timeZone, { hour: "2-digit", minute: "2-digit" });
const moment = (at) => `${write(at, zone(), { weekday: "short", day: "numeric", month: "short" })}, ${hour(at, zone())}`;

const toHtml = (text) => {
  const parts = text.trim().split(/\n\s*\n/).filter(Boolean);
  return parts.map((part) => h("p", {}, part).outerHTML.replaceAll("\n", "<br>")).join("");
};
const toText = (html) => {
  const { body } = new DOMParser().parseFromString(html ?? "", "text/html");
  all("br", body).forEach((br) => br.replaceWith("\n"));
  all(".me-email-text", body).forEach((block) => block.remove()); // Outlook's own part, with the Teams link.
  return [...body.childNodes].map((node) => node.textContent.trim()).filter(Boolean).join("\n\n");
};

/* Convene's side */

function showConnection({ status, account, problem, last_verified_at: verified }) {
  const connected = status === "connected";
  $("connect").textContent = connected ? "Connect again" : "Connect Outlook";
  $("connect").classList.toggle("main", !connected);
  $("verify").hidden = !["connected", "checking", "blocked"].includes(status);
  $("disconnect").hidden = ["not_connected", "disconnected"].includes(status);
  const [, , advice] = CONNECTION[status] ?? [];
  render("connection-state", [status, account, problem, verified, zone()], () => [
    h("p", {}, tag(CONNECTION[status]), account && ` ${account.name ?? ""} (${account.email})`),
    advice && !problem && h("p", {}, advice),
    connected && verified && fine(`Microsoft last confirmed it ${moment(verified)}.`),
    problem && problemView(problem)]);
}

function showInterviews({ data }) {
  const late = (interview) => Number(interview.status === "cancelled");
  const sorted = data.toSorted((a, b) => late(a) - late(b) || Date.parse(a.start) - Date.parse(b.start));
  render("list", [sorted, user.sub], () => (sorted.length > 0 ? h("ul", { class: "cards" }, sorted.map(card)) : fine("None yet.")));
}

function card(interview) {
  const { id, title, status, start, end, room, problem, time_zone: at, requested_by: by, join_url: link } = interview;
  const people = [...interview.candidates, ...interview.interviewers].map((person) => person.name || person.email);
  const answer = room && ({ pending: "asked, no answer yet", unknown: "no answer can be had" }[room.state] ?? room.state);
  const open = ["scheduled", "awaiting_room"].includes(status);
  const button = (kind, words) => {
    const attributes = { "data-do": kind, "data-focus": `${kind} ${id}`, onclick: () => openChange(kind, interview) };
    return h("button", attributes, words, h("span", { class: "unseen" }, ` ${title}`));
  };
  return h("li", { "data-status": status },
    h("div", { class: "head" }, h("h4", {}, title), tag(INTERVIEW[status])),
    h("p", {}, h("b", {}, `${day(start, at)}, ${hour(start, at)} – ${hour(end, at)}`), ` ${at}`),
    h("p", {}, `With ${people.join(", ")}`, by !== user.sub && `; asked for by ${by}`),
    room && h("p", {}, `${room.email}: ${answer}`),
    link && open && teamsLink(link),
    problem && problemView(problem),
    open && h("div", { class: "row" }, button("move", "Move"), button("text", "Change text"), button("cancel", "Cancel")));
}

async function showCompany(quiet) {
  $("company").hidden = !user.admin;
  if (!user.admin) return;
  const paths = ["/v1/customer", "/v1/connections"];
  const [customer, connections] = await Promise.all(paths.map((path) => call("GET", path, { quiet })));
  company = customer.json;
  const people = connections.json.data ?? [];
  $("enabled").textContent = company.enabled ? "Switch the integration off" : "Switch the integration on";
  render("company-state", [company.enabled, people], () => [
    h("p", {}, company.enabled ? tag(["Switched on", "good"]) : tag(["Switched off", "bad"]), !company.enabled && " Nobody is served."),
    h("ul", {}, people.map((one) => h("li", {}, `${one.user}: ${CONNECTION[one.status]?.[0]}`)))]);
}

/* Microsoft's side */

const instant = ({ dateTime }) => `${dateTime.slice(0, 19)}Z`;

function showMicrosoft({ users, mails, tenants }) {
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

/** What the scheduled functions counted, summed up over all ticks. */
function showTicks(ticks) {
  const sums = {};
  const add = (name, value) => {
    if (typeof value === "number" && value > 0) sums[name] = (sums[name] ?? 0) + value;
    if (value && typeof value === "object") Object.entries(value).forEach(([inner, one]) => add(`${name} ${inner}`, one));
  };
  ticks.forEach(({ reports }) => Object.entries(reports).forEach(([name, report]) => add(`${name}:`, report)));
  const lines = Object.entries(sums).map(([name, sum]) => h("li", {}, `${name.replaceAll("_", " ")} ${sum}`));
  $("ticks").replaceChildren(fine(`Scheduled functions ran in ${ticks.length} minute${ticks.length === 1 ? "" : "s"}. They counted:`),
    h("ul", { class: "fine" }, lines));
}

/* Actions */

async function refresh(quiet = false) {
  const mine = (reads += 1);
  const get = (path) => call("GET", path, { quiet: quiet || path.startsWith("/_local") });
  const paths = ["/v1/connection", "/v1/interviews", "/_local/microsoft", "/_local/clock"];
  const [[connection, interviews, microsoft, clock]] = await Promise.all([Promise.all(paths.map(get)), showCompany(quiet)]);
  if (mine !== reads) return;
  if (connection.ok) showConnection(connection.json);
  else if (!quiet) showProblem("connection-problem", connection);
  if (interviews.ok) showInterviews(interviews.json);
  if (microsoft.ok) showMicrosoft(microsoft.json);
  if (clock.ok) $("clock").replaceChildren("It is ", h("b", {}, moment(clock.json.now)), ` in ${zone()}.`);
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
  const time = (id) => exact[id] ?? ($(id).value && `${$(id).value}:00`);
  return { start: time(start) || undefined, end: time(end) || undefined };
}

const schedule = () => act(async () => {
  const [email, name] = [$("candidate").value.trim(), $("candidate-name").value.trim()];
  const interviewers = $("interviewers").value.split(/[\s,;]+/).filter(Boolean);
  const answer = await carryOut("POST", "/v1/interviews", {
    title: $("title").value,
    body_html: toHtml($("text").value) || undefined,
    ...times("start", "end"),
    time_zone: $("zone").value,
    candidates: email || name ? [{ email, name: name || undefined }] : [],
    interviewers: interviewers.map((address) => ({ email: address })),
    online_meeting: $("teams").checked ? "teams" : "none",
    rooms: $("room").value ? [$("room").value] : [],
  });
  showProblem("form-problem", answer, $("form"));
  if (!answer.ok) return;
  return answer.status === 202 ? "Accepted; Convene settles it within minutes." : "Scheduled: it is on the calendar, invitations are sent.";
});

/** What the dialog does to an interview: title, button, how, and what to say afterwards. */
const CHANGES = {
  move: ["Move", "Move interview", (id, match) =>
    carryOut("POST", `/v1/interviews/${id}/reschedule`, { ...times("new-start", "new-end"), time_zone: changing.interview.time_zone }, match),
  "Moved: same event, same Teams link."],
  text: ["Change", "Change text", (id, match) =>
    carryOut("PATCH", `/v1/interviews/${id}`, { title: $("new-title").value, body_html: toHtml($("new-text").value) }, match),
  "Changed; the Teams part of the text is kept."],
  cancel: ["Cancel", "Cancel interview", (id, match) =>
    carryOut("POST", `/v1/interviews/${id}/cancel`, { comment: $("comment").value.trim() || undefined }, match),
  "Cancelled; everybody who was invited is told."],
};

function openChange(kind, interview) {
  changing = { kind, interview };
  const [verb, button] = CHANGES[kind];
  $("change-title").textContent = `${verb} “${interview.title}”`;
  $("change-do").textContent = button;
  all("[data-kind]", $("change")).forEach((part) => { part.hidden = part.dataset.kind !== kind; });
  // Times in answers carry the zone's own offset: their first part is the local time.
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
  if (answer.ok) $("change").close();
  return answer.ok && words;
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

/* Start */

function become(sub) {
  user = USERS.find((one) => one.sub === sub) ?? USERS[0];
  token = undefined;
  sessionStorage.setItem("user", user.sub);
  $("user").value = user.sub;
  delete $("mailbox").dataset.chosen;
  all(".acting").forEach((place) => { place.textContent = user.name; });
}

/** What Convene's callback wrote into the address: shown once, and taken out of it. */
function showReturn() {
  const query = new URLSearchParams(location.search);
  const [status, reason] = [query.get("status"), query.get("reason")];
  if (!status) return;
  history.replaceState(null, "", location.pathname);
  const why = reason && h("a", { href: `/problems/${encodeURIComponent(reason)}`, target: "_blank" }, reason);
  const kind = status === "connected" ? "good" : "warn";
  $("returned").replaceChildren(h("p", { class: `notice ${kind}` }, RETURNED[status] ?? status, why && [" See ", why, "."]));
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
    refresh();
  };
  $("mailbox").onchange = () => { $("mailbox").dataset.chosen = "yes"; refresh(true); };
  $("zone").onchange = () => refresh(true);
  $("connect").onclick = connect;
  $("verify").onclick = press("connection-problem", "POST", "/v1/connection/verify", "Microsoft was asked just now.");
  $("disconnect").onclick = press("connection-problem", "DELETE", "/v1/connection", "Disconnected; the tokens are destroyed.");
  $("enabled").onclick = press("company-problem", "PATCH", "/v1/customer", "Saved.", () => ({ enabled: !company.enabled }));
  all("[data-path]").forEach((button) => { button.onclick = () => flip(button); });
  document.addEventListener("input", ({ target }) => { delete exact[target.id]; });
  $("change-close").onclick = () => $("change").close();
  $("change").onclose = () => {
    document.body.append($("toast"));
    const { kind, interview: { id } } = changing;
    document.querySelector(`[data-focus="${kind} ${id}"]`)?.focus();
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
  await fillForm();
  await refresh();
  document.body.dataset.ready = "yes";
  setInterval(() => { if (!busy && !document.hidden) refresh(true); }, 4000);
}

// The sign-in's cookie lives on `localhost`, and calls are taken from there only.
if (location.hostname === "localhost") start();
else location.hostname = "localhost";
