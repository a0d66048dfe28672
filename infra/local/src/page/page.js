// The demo page. Product actions go through the public API alone; switches of the stand-ins through /_local.

const USERS = [
  { sub: "ana", name: "Ana Recruiter", email: "ana@contoso.com" },
  { sub: "ben", name: "Ben Recruiter", email: "ben@contoso.com" },
  { sub: "alma", name: "Alma Admin", email: "admin@contoso.com", note: "administrator", admin: true },
  { sub: "nora", name: "Nora Nomail", email: "nomail@contoso.com", note: "has no mailbox" },
  { sub: "tom", name: "Tom Noteams", email: "noteams@contoso.com", note: "has no Teams" },
];
const OWNERS = {
  ats: "the engineers of the recruiting system", recruiter: "you, the recruiter",
  customer_admin: "whoever administers the recruiting system in your company",
  it_admin: "your company's Microsoft 365 administrator", vendor: "the operator of Convene",
  microsoft_or_wait: "nobody: wait a little", unknown: "this cannot be said",
};
const CONNECTION = {
  not_connected: ["Not connected", "", "You must act: press Connect and sign in on the simulated Microsoft's page."],
  pending_approval: ["Waiting for approval", "warn", "The IT administrator must approve. Then press Connect again."],
  connected: ["Connected", "good", ""],
  checking: ["Being checked", "warn", "Microsoft refused once. Convene asks again before it believes it: wait some minutes."],
  blocked: ["Blocked", "bad", ""], needs_reauth: ["Must be connected again", "bad", ""], revoked: ["Access revoked", "bad", ""],
  disconnected: ["Disconnected", "", "The tokens are destroyed. Press Connect to start again."],
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
const STATUS = {
  scheduling: ["Being scheduled", "warn"], scheduled: ["Scheduled", "good"], awaiting_room: ["Waiting for the room", "warn"],
  cancelled: ["Cancelled", ""], failed: ["Failed", "bad"],
};
const $ = (id) => document.getElementById(id);
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
let user, token, busy = false, epoch = 0, tenant = {}, company = {}, exact = {}, opener;

/** An element; a name that begins with `on` is a listener, `false` and `null` are left out. */
function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value != null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** Builds a part anew if its data changed; whoever was on one of its controls stays there. */
const shown = new Map();
function render(id, data, build) {
  const text = JSON.stringify(data);
  if (shown.get(id) === text) return;
  shown.set(id, text);
  const focus = $(id).contains(document.activeElement) && document.activeElement.dataset.focus;
  $(id).replaceChildren(...[build(data)].flat().filter(Boolean));
  if (focus) $(id).querySelector(`[data-focus="${CSS.escape(focus)}"]`)?.focus();
}

/* Calls */

async function call(method, path, { body, headers, quiet } = {}) {
  const send = async () => {
    if (!path.startsWith("/_local")) token ??= (await call("POST", "/_local/token", { body: claims(), quiet: true })).json.token;
    const all = { ...headers, ...(token && { authorization: `Bearer ${token}` }), ...(body && { "content-type": "application/json" }) };
    return fetch(path, { method, headers: all, body: body && JSON.stringify(body) });
  };
  const answer = { status: 0, ok: false, json: {} };
  try {
    let response = await send();
    // The token has ended by the stack's clock.
    if (response.status === 401) [token, response] = [undefined, await (token = undefined, send())];
    const wait = response.headers.get("retry-after");
    Object.assign(answer, { status: response.status, ok: response.ok, wait: wait === null ? null : Number(wait) });
    answer.json = await response.json().catch(() => ({}));
  } catch {
    answer.json = { title: "The stack does not answer", detail: "Is cargo local still running?" };
  }
  if (!quiet) log(method, path, answer);
  return answer;
}

const claims = () => ({
  sub: user.sub, customer_id: "acme", email: user.email, name: user.name,
  scope: `connections interviews${user.admin ? " admin" : ""}`, ...(user.admin && { roles: ["admin"] }),
});

/** Repeats a call for as long as the answer says when to come again; the key and the body stay the same. */
async function carryOut(method, path, body, headers = {}) {
  const keyed = method === "POST" ? { "idempotency-key": crypto.randomUUID() } : {};
  for (let attempt = 1; ; attempt += 1) {
    say(attempt === 1 ? "Working…" : `Asking again, call ${attempt}…`);
    const answer = await call(method, path, { body, headers: { ...headers, ...keyed } });
    const again = answer.wait !== null && (answer.status === 202 ? method === "POST" : [409, 503].includes(answer.status));
    if (!again) return answer;
    say(`${answer.json.title ?? "Not settled yet"}. This page repeats the same call, under the same key.`);
    if (!(await countdown(answer.wait))) return answer;
  }
}

async function countdown(seconds) {
  let go;
  $("now").onclick = () => { go = true; };
  $("stop").onclick = () => { go = false; };
  $("waiting").hidden = false;
  for (let left = seconds * 10; left > 0 && go === undefined; left -= 1) {
    $("left").textContent = `${Math.ceil(left / 10)} s`;
    await pause(0.1);
  }
  $("waiting").hidden = true;
  return go ?? true;
}

function log(method, path, { status, json }) {
  const bad = status === 0 || status >= 400;
  const row = h("tr", {}, h("td", {}, new Date().toTimeString().slice(0, 8)), h("td", {}, h("code", {}, `${method} ${path}`)),
    h("td", { class: bad && "bad" }, `${status || "none"}${bad && json.code ? ` ${json.code}` : ""}`));
  $("calls").prepend(row);
  [...$("calls").children].slice(40).forEach((old) => old.remove());
}

/* Words */

let sayings = 0;
async function say(text, seconds) {
  const mine = (sayings += 1);
  $("said").textContent = text;
  $("toast").hidePopover();
  if (text) $("toast").showPopover();
  if (seconds) await pause(seconds);
  if (seconds && mine === sayings) $("toast").hidePopover();
}

function problemView(problem, errors = problem.errors ?? []) {
  const { fix = {}, microsoft } = problem;
  return h("div", { class: "problem", role: "alert" },
    h("h4", {}, problem.title ?? problem.message ?? "That did not work"),
    problem.detail && h("p", {}, problem.detail),
    errors.length > 0 && h("ul", {}, errors.map((fault) => h("li", {}, `${fault.pointer || "The whole"} ${fault.message}`))),
    fix.owner && h("p", {}, h("b", {}, "Who must act: "), `${OWNERS[fix.owner] ?? fix.owner}.`),
    fix.steps?.length > 0 && h("ol", {}, fix.steps.map((step) => h("li", {}, step))),
    fix.action_url && h("p", {}, h("a", { href: fix.action_url }, "Do it now")),
    problem.code && h("p", { class: "fine" }, h("a", { href: problem.type, target: "_blank" }, problem.code),
      microsoft?.code || microsoft?.error ? `, Microsoft said ${microsoft.code ?? microsoft.error}` : ""));
}

/** Faults go to their fields, the rest under the form. */
function showProblem(place, answer, form) {
  const fields = [...(form?.querySelectorAll("[data-pointer]") ?? [])];
  form?.querySelectorAll(".fault").forEach((old) => old.remove());
  fields.forEach((field) => { field.removeAttribute("aria-invalid"); field.removeAttribute("aria-describedby"); });
  if (!answer || answer.ok) return $(place).replaceChildren();
  const left = (answer.json.errors ?? []).filter((fault) => {
    const fits = fields.filter(({ dataset: { pointer } }) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
    const field = fits.sort((a, b) => b.dataset.pointer.length - a.dataset.pointer.length)[0];
    if (!field) return true;
    const id = `${field.id}-fault`;
    const choose = (reading) => h("button", { type: "button", onclick: () => take(field, reading) }, reading);
    field.closest(".field").append(h("p", { class: "fault", id }, `This ${fault.message}. `, (fault.candidates ?? []).map(choose)));
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
    return false;
  });
  $(place).replaceChildren(problemView(answer.json, left));
  (form?.querySelector("[aria-invalid]") ?? $(place)).focus?.();
  $(place).scrollIntoView({ block: "nearest" });
}

/** One of the two readings of a local time was chosen. */
function take(field, reading) {
  exact[field.id] = reading;
  field.closest(".field").querySelector(".fault").replaceChildren(`Taken as ${reading}.`);
}

const label = ([words, kind]) => h("span", { class: `label ${kind}` }, words);
const knownZone = (name) => { try { return new Intl.DateTimeFormat("en", { timeZone: name }) && name; } catch { return undefined; } };
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const zone = () => knownZone($("zone").value || ownZone) ?? ownZone;
const write = (at, timeZone, options) => new Intl.DateTimeFormat("en-GB", { timeZone, ...options }).format(new Date(at));
const day = (at, timeZone) => write(at, timeZone, { weekday: "long", day: "numeric", month: "long" });
const hour = (at, timeZone) => write(at, timeZone, { hour: "2-digit", minute: "2-digit" });
const span = (start, end, timeZone) => `${hour(start, timeZone)} – ${hour(end, timeZone)}`;
const moment = (at, timeZone) => `${write(at, timeZone, { weekday: "short", day: "numeric", month: "short" })}, ${hour(at, timeZone)}`;
const utc = ({ dateTime }) => `${dateTime.slice(0, 19)}Z`;
const teamsLink = (url) => h("a", { href: url, target: "_blank", rel: "noreferrer", class: "teams" }, "Teams link");
const toHtml = (text) => text.split(/\n\s*\n/).map((part) => {
  const p = h("p", {}, part.trim());
  return p.outerHTML.replaceAll("\n", "<br>");
}).join("");
const toText = (html) => {
  const { body } = new DOMParser().parseFromString(html ?? "", "text/html");
  body.querySelectorAll("br").forEach((br) => br.replaceWith("\n"));
  return [...body.childNodes].map((node) => node.textContent).join("\n\n");
};

/* Parts */

function showConnection(connection) {
  const { status, account, problem } = connection;
  $("connect").textContent = status === "connected" ? "Connect again" : "Connect Outlook";
  $("connect").classList.toggle("main", status !== "connected");
  $("verify").hidden = !["connected", "checking", "blocked"].includes(status);
  $("disconnect").hidden = ["not_connected", "disconnected"].includes(status);
  render("connection-state", connection, () => [
    h("p", {}, label(CONNECTION[status] ?? [status, ""]), account && ` ${account.name ?? ""} (${account.email})`),
    CONNECTION[status]?.[2] && h("p", {}, CONNECTION[status][2]),
    connection.last_verified_at && status === "connected"
      && h("p", { class: "fine" }, `Microsoft last confirmed it ${moment(connection.last_verified_at, zone())}.`),
    problem && problemView(problem)]);
}

function showInterviews(interviews) {
  const rank = ({ status, start }) => [status === "cancelled" ? 1 : 0, Date.parse(start)];
  const sorted = [...interviews].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
  render("list", sorted, () => (sorted.length === 0 ? h("p", { class: "fine" }, "None yet.") : h("ul", { class: "cards" }, sorted.map(card))));
}

function card(interview) {
  const { id, status, room, time_zone: timeZone, join_url: url, problem } = interview;
  const can = ["scheduled", "awaiting_room"].includes(status);
  const button = (kind, words) => h("button", { "data-focus": `${kind} ${id}`, "data-kind": kind, onclick: () => openChange(kind, interview) },
    words, h("span", { class: "unseen" }, ` ${interview.title}`));
  const people = [...interview.candidates, ...interview.interviewers].map((person) => person.name || person.email);
  return h("li", { "data-id": id, "data-status": status },
    h("div", { class: "head" }, h("h4", {}, interview.title), label(STATUS[status] ?? [status, ""])),
    h("p", {}, h("b", {}, `${day(interview.start, timeZone)}, ${span(interview.start, interview.end, timeZone)}`), ` ${timeZone}`),
    h("p", {}, `With ${people.join(", ")}`, interview.requested_by !== user.sub && ` (asked for by ${interview.requested_by})`),
    room && h("p", {}, `${room.email}: ${{ pending: "asked, no answer yet", unknown: "gave no answer" }[room.state] ?? room.state}`),
    url && status !== "cancelled" && h("p", {}, teamsLink(url)),
    problem && problemView(problem),
    can && h("div", { class: "row" }, button("move", "Move"), button("text", "Change text"), button("cancel", "Cancel")));
}

function showMicrosoft({ users, mails, tenants }) {
  const people = users.filter((one) => one.email.endsWith("@contoso.com"));
  render("mailbox", people.map((one) => [one.email, one.name]), (all) => all.map(([email, name]) => h("option", { value: email }, name)));
  if (!$("mailbox").dataset.chosen) $("mailbox").value = user.email;
  const events = people.find((one) => one.email === $("mailbox").value)?.events ?? [];
  render("calendar", [events, zone()], () => calendar(events));
  render("outbox", [mails, zone()], () => (mails.length === 0 ? h("p", { class: "fine" }, "None yet.")
    : h("ul", {}, [...mails].reverse().slice(0, 60).map((mail) => h("li", {}, label([mail.kind, mail.kind === "cancellation" ? "bad" : ""]),
      ` to ${mail.to}`, h("br"), h("span", { class: "fine" }, `${mail.subject}, ${moment(mail.at, zone())}`),
      mail.comment && h("q", {}, mail.comment))))));
  tenant = tenants.find((one) => one.domain === "contoso.com");
  const off = tenant.service_principal === "disabled";
  $("app").textContent = off ? "Switch the app on" : "Switch the app off";
  $("app").dataset.body = JSON.stringify({ tenant: "contoso.com", disabled: !off });
  const allowed = tenant.grants.map((grant) => grant.principal ?? "everybody").join(", ");
  $("tenant").textContent = `Convene is ${{ absent: "not known there yet", enabled: "switched on", disabled: "switched off" }[tenant.service_principal]
  }; ${allowed ? `allowed by ${allowed}` : "nobody has allowed it"}.`;
}

function calendar(events) {
  if (events.length === 0) return h("p", { class: "fine" }, "Empty.");
  const days = Map.groupBy(events, (event) => day(utc(event.start), zone()));
  const answers = ({ attendees }) => attendees.map(({ emailAddress, status }) =>
    `${emailAddress.name || emailAddress.address}${status.response === "none" ? "" : ` ${status.response}`}`).join(", ");
  return [h("p", { class: "fine" }, `Times in ${zone()}.`), ...[...days].map(([name, list]) => [h("h4", {}, name),
    h("ul", { class: "events" }, list.map((event) => h("li", { class: event.isCancelled && "off" },
      h("b", {}, span(utc(event.start), utc(event.end), zone())), ` ${event.subject}`, event.isCancelled && " (cancelled)",
      h("p", {}, answers(event)), event.bodyPreview && h("p", { class: "fine" }, event.bodyPreview.split("Microsoft Teams meeting")[0]),
      event.onlineMeeting && !event.isCancelled && h("p", {}, teamsLink(event.onlineMeeting.joinUrl)))))]).flat()];
}

function showTicks(ticks) {
  const sums = {};
  const add = (prefix, value) => {
    if (typeof value === "number" && value) sums[prefix] = (sums[prefix] ?? 0) + value;
    if (value && typeof value === "object") Object.entries(value).forEach(([name, inner]) => add(`${prefix} ${name.replaceAll("_", " ")}`, inner));
  };
  ticks.forEach(({ reports }) => Object.entries(reports).forEach(([name, report]) => add(name, report)));
  const lines = Object.entries(sums).map(([name, sum]) => h("li", {}, `${name}: ${sum}`));
  $("ticks").replaceChildren(h("p", {}, `${ticks.length} ticks of the scheduled functions.`), h("ul", { class: "fine" }, lines));
}

async function showCompany(quiet) {
  $("company").hidden = !user.admin;
  if (!user.admin) return;
  const [customer, connections] = await Promise.all([call("GET", "/v1/customer", { quiet }), call("GET", "/v1/connections", { quiet })]);
  company = customer.json;
  $("enabled").textContent = company.enabled ? "Switch the integration off" : "Switch the integration on";
  render("company-state", [company.enabled, connections.json], () => [
    h("p", {}, label(company.enabled ? ["Switched on", "good"] : ["Switched off", "bad"]), company.enabled ? "" : " Nobody is served; tokens are kept."),
    h("ul", {}, (connections.json.data ?? []).map(({ user: who, status }) => h("li", {}, `${who}: ${CONNECTION[status]?.[0] ?? status}`)))]);
}

async function refresh(quiet = false) {
  const mine = (epoch += 1);
  const [connection, interviews, microsoft, clock] = await Promise.all([
    call("GET", "/v1/connection", { quiet }), call("GET", "/v1/interviews", { quiet }),
    call("GET", "/_local/microsoft", { quiet: true }), call("GET", "/_local/clock", { quiet: true }), showCompany(quiet)]);
  if (mine !== epoch) return;
  if (connection.ok) showConnection(connection.json);
  showProblem("connection-problem", connection);
  if (interviews.ok) showInterviews(interviews.json.data);
  if (microsoft.ok) showMicrosoft(microsoft.json);
  if (clock.ok) $("clock").replaceChildren("It is ", h("b", {}, moment(clock.json.now, zone())), ` in ${zone()}.`);
}

/* Actions */

/** One at a time; afterwards everything is read again. */
async function act(work) {
  if (busy) return;
  busy = true;
  document.body.dataset.busy = "";
  try {
    const words = await work();
    await refresh();
    await Promise.race([say(words ?? "", words && 6), pause(0)]);
  } finally {
    busy = false;
    delete document.body.dataset.busy;
  }
}

const product = (place, method, path, words) => () => act(async () => {
  const answer = await carryOut(method, path);
  showProblem(place, answer);
  return answer.ok && words;
});

async function connect() {
  const body = { return_url: `${location.origin}/`, ...(knownZone(ownZone) && { time_zone: ownZone }) };
  const answer = await call("POST", "/v1/connect-sessions", { body });
  showProblem("connection-problem", answer);
  if (answer.ok) location.assign(answer.json.url);
}

function times(prefix = "") {
  const local = (name) => exact[prefix + name] ?? ($(prefix + name).value && `${$(prefix + name).value}:00`.slice(0, 19));
  return { start: local("start") || undefined, end: local("end") || undefined };
}

async function schedule() {
  const [candidate, name] = [$("candidate").value.trim(), $("candidate-name").value.trim()];
  const answer = await carryOut("POST", "/v1/interviews", {
    title: $("title").value, body_html: $("text").value.trim() ? toHtml($("text").value) : undefined, ...times(), time_zone: $("zone").value,
    candidates: candidate || name ? [{ email: candidate, name: name || undefined }] : [],
    interviewers: $("interviewers").value.split(/[\s,;]+/).filter(Boolean).map((email) => ({ email })),
    online_meeting: $("teams").checked ? "teams" : "none", rooms: $("room").value ? [$("room").value] : [],
  });
  showProblem("form-problem", answer, $("form"));
  return answer.ok && (answer.status === 202 ? "Accepted. Convene settles it within minutes." : "The interview is on the calendar; invitations are sent.");
}

function openChange(kind, interview) {
  const { start, end, time_zone: timeZone, version } = interview;
  const field = (id, pointer, words, control) => h("div", { class: "field" }, h("label", { for: id }, words), Object.assign(control, { id }, (control.dataset.pointer = pointer, {})));
  const time = (at) => h("input", { type: "datetime-local", value: at.slice(0, 16) });
  const area = (text, rows) => h("textarea", { rows }, text);
  const text = toText(interview.body_html);
  const kinds = {
    move: ["Move", () => [field("new-start", "/start", `New start (${timeZone})`, time(start)), field("new-end", "/end", "New end", time(end))],
      () => carryOut("POST", `/v1/interviews/${interview.id}/reschedule`, { ...times("new-"), time_zone: timeZone }, match), "Moved: same event, same Teams link."],
    text: ["Change text of", () => [field("new-title", "/title", "Title", h("input", { value: interview.title })), field("new-text", "/body_html", "Text", area(text, 4))],
      () => carryOut("PATCH", `/v1/interviews/${interview.id}`, {
        title: $("new-title").value, body_html: $("new-text").value === text ? undefined : toHtml($("new-text").value) }, match),
      "Changed; the Teams part of the text was kept."],
    cancel: ["Cancel", () => [field("comment", "/comment", "Comment for everybody invited", area("", 2))],
      () => carryOut("POST", `/v1/interviews/${interview.id}/cancel`, { comment: $("comment").value.trim() || undefined }, match),
      "Cancelled; everybody invited was told."],
  };
  const match = { "if-match": `"${version}"` };
  const [verb, fields, send, words] = kinds[kind];
  opener = `${kind} ${interview.id}`;
  $("change-title").textContent = `${verb} “${interview.title}”`;
  $("change-do").textContent = { move: "Move interview", text: "Change text", cancel: "Cancel interview" }[kind];
  $("change-fields").replaceChildren(...fields());
  showProblem("change-problem");
  $("change-form").onsubmit = (event) => {
    event.preventDefault();
    act(async () => {
      const answer = await send();
      showProblem("change-problem", answer, $("change-form"));
      if (answer.ok) $("change").close();
      return answer.ok && words;
    });
  };
  $("change").showModal();
}

async function flip(button) {
  const at = (name) => JSON.stringify({ dateTime: times()[name], timeZone: zone() });
  const body = JSON.parse(button.dataset.body.replace("$user", user.email).replace('"$start"', at("start")).replace('"$end"', at("end")));
  say("Working…");
  const answer = await call("POST", `/_local/${button.dataset.path}`, { body });
  if (answer.ok && answer.json.ticks) showTicks(answer.json.ticks);
  return answer.ok ? `Done: ${button.textContent}.` : answer.json.message ?? answer.json.title ?? "That did not work.";
}

/* Start */

function become(sub) {
  user = USERS.find((one) => one.sub === sub) ?? USERS[0];
  token = undefined;
  sessionStorage.setItem("user", user.sub);
  $("user").value = user.sub;
  delete $("mailbox").dataset.chosen;
  document.querySelectorAll(".acting").forEach((place) => { place.textContent = user.name; });
}

/** What Convene's callback says in the address; it is shown once and taken out. */
function showReturn() {
  const query = new URLSearchParams(location.search);
  const [status, reason] = [query.get("status"), query.get("reason")];
  if (!status) return;
  history.replaceState(null, "", location.pathname);
  $("returned").replaceChildren(h("p", { class: `notice ${status === "connected" ? "good" : "warn"}`, role: "status" }, RETURNED[status] ?? status, " ",
    reason && h("a", { href: `/problems/${encodeURIComponent(reason)}`, target: "_blank" }, `Why: ${reason}`)));
}

async function start() {
  $("user").append(...USERS.map((one) => h("option", { value: one.sub }, `${one.name}${one.note ? `, ${one.note}` : ""}`)));
  $("zones").append(...Intl.supportedValuesOf("timeZone").map((name) => h("option", { value: name })));
  $("zone").value = ownZone;
  become(sessionStorage.getItem("user"));
  showReturn();
  const { json } = await call("GET", "/_local/clock", { quiet: true });
  const next = new Date(json.now ?? Date.now());
  do next.setUTCDate(next.getUTCDate() + 1); while ([0, 6].includes(next.getUTCDay()));
  $("start").value = `${next.toISOString().slice(0, 10)}T10:00`;
  $("end").value = `${next.toISOString().slice(0, 10)}T10:45`;

  $("user").onchange = () => { become($("user").value); $("returned").replaceChildren(); showProblem("form-problem", null, $("form")); refresh(); };
  $("mailbox").onchange = () => { $("mailbox").dataset.chosen = ""; refresh(true); };
  $("connect").onclick = connect;
  $("verify").onclick = product("connection-problem", "POST", "/v1/connection/verify", "Microsoft was asked just now.");
  $("disconnect").onclick = product("connection-problem", "DELETE", "/v1/connection", "Disconnected; the tokens are destroyed.");
  $("enabled").onclick = () => act(async () => {
    const answer = await carryOut("PATCH", "/v1/customer", { enabled: !company.enabled });
    showProblem("company-problem", answer);
    return answer.ok && "Saved.";
  });
  $("form").onsubmit = (event) => { event.preventDefault(); act(schedule); };
  document.addEventListener("input", ({ target }) => { delete exact[target.id]; });
  $("change-close").onclick = () => $("change").close();
  $("change").onclose = () => { exact = {}; document.querySelector(`[data-focus="${CSS.escape(opener)}"]`)?.focus(); };
  document.querySelectorAll("[data-path]").forEach((button) => { button.onclick = () => act(() => flip(button)); });
  await refresh();
  document.body.dataset.ready = "";
  setInterval(() => { if (!busy && !document.hidden) refresh(true); }, 4000);
}

// Sign-in keeps its cookie on `localhost`, and tokens are taken from there only.
if (location.hostname === "localhost") start();
else location.hostname = "localhost";
