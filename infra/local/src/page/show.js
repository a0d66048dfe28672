// Demo page, 1 of 6: what is shown of Convene, the words for it, and the tools to build it. Nothing is called here.
// The scripts share `demo` and nothing else: the braces keep each one's names to itself. They are no modules: a
// page that is opened as 127.0.0.1, and has yet to lead on to localhost, would not get those.
"use strict";

const demo = {};

{
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
    not_connected: ["Not connected", "", "You must act: press Connect, and sign in on Microsoft's page."],
    pending_approval: ["Not connected: declined, or waiting for an approval", "warn"],
    connected: ["Connected", "good"],
    checking: ["Being checked", "warn", "Microsoft refused once. Convene asks again before it believes it: wait some minutes."],
    blocked: ["Blocked", "bad"],
    needs_reauth: ["Must be connected again", "bad"],
    revoked: ["Access revoked", "bad"],
    disconnected: ["Disconnected", "", "The stored sign-in was deleted. Press Connect to start again."],
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
    pending_approval: "You declined, or your company requires an approval. Did Microsoft's page say Approval required or Need admin approval? If so, an administrator must approve first. If not, press Connect again and accept.",
    cancelled: "You came back without signing in. Nothing has changed.",
    denied: "The permission was declined. Nothing has changed.",
    wrong_account: "The address of that account is not yours. Nothing has changed.",
    "account-renamed": "That is the account that was connected before, and its address has changed. The administrator of the recruiting system enters the new address for you. The connection stays as it was.",
    wrong_tenant: "That account belongs to another organization. Nothing has changed.",
    failed: "Connecting did not work. Nothing has changed.",
  };
  /** What a new connection cannot do, by the reason beside `connected`. */
  const LACKS = {
    "teams-not-available": "But Microsoft does not offer Teams meetings in this calendar, mostly because a license is missing or new. Interviews can be scheduled without Teams.",
  };

  const $ = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

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

  /** Builds a part anew if its data has changed. Whoever was on one of its controls stays there, or on the part. */
  const shown = {};
  function render(id, data, build) {
    const text = JSON.stringify(data);
    if (shown[id] === text) return;
    shown[id] = text;
    const focus = $(id).contains(document.activeElement) && document.activeElement.dataset.focus;
    $(id).replaceChildren(...[build()].flat().filter(Boolean));
    if (focus) ($(id).querySelector(`[data-focus="${focus}"]`) ?? $(id)).focus();
  }

  /* Words */

  let hiding;

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
      fix.action_url && h("p", {}, h("a", { href: fix.action_url, target: "_blank" }, "Where that is, click by click")),
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
    const question = candidates.length > 0 ? "Which is meant?" : "";
    const note = h("p", { class: "fault", id }, `This ${message}. ${question} `, candidates.map(choose));
    const take = (reading) => {
      field.dataset.exact = reading; // Of a local time that was chosen where a clock is changed.
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

  const addresses = (text) => text.split(/[\s,;]+/).filter(Boolean);
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
    forgetReturn(status);
    const connected = status === "connected";
    $("connect").textContent = connected ? "Connect again" : "Connect Outlook";
    $("connect").classList.toggle("main", !connected);
    $("verify").hidden = !["connected", "checking", "blocked"].includes(status);
    $("disconnect").hidden = ["not_connected", "disconnected"].includes(status);
    const [, , advice] = CONNECTION[status] ?? [];
    render("connection-state", [status, account, problem, verified, zone()], () => [
      h("p", {}, tag(CONNECTION[status]), account && ` ${account.name ?? ""} (${account.email})`),
      advice && !problem && h("p", {}, advice),
      connected && verified && fine(`Microsoft last accepted the stored sign-in ${moment(verified)}.`),
      problem && problemView(problem)]);
  }

  /** `change` opens the dialog for one of them. */
  function showInterviews({ data }, user, change) {
    const late = (interview) => Number(interview.status === "cancelled");
    const sorted = data.toSorted((a, b) => late(a) - late(b) || Date.parse(a.start) - Date.parse(b.start));
    const cards = () => h("ul", { class: "cards" }, sorted.map((one) => card(one, user, change)));
    render("list", [sorted, user.sub], () => (sorted.length > 0 ? cards() : fine("None yet.")));
  }

  function card(interview, user, change) {
    const { id, title, status, start, end, room, problem, time_zone: at, requested_by: by, join_url: link } = interview;
    const people = [...interview.candidates, ...interview.interviewers].map((person) => person.name || person.email);
    const answer = room && ({ pending: "asked, no answer yet", unknown: "no answer can be had" }[room.state] ?? room.state);
    const open = ["scheduled", "awaiting_room"].includes(status);
    const button = (kind, words) => {
      const attributes = { "data-do": kind, "data-focus": `${kind} ${id}`, onclick: () => change(kind, interview) };
      return h("button", attributes, words, h("span", { class: "unseen" }, ` ${title}`));
    };
    return h("li", { "data-status": status },
      h("div", { class: "head" }, h("h4", {}, title), tag(INTERVIEW[status])),
      h("p", {}, h("b", {}, `${day(start, at)}, ${hour(start, at)} – ${hour(end, at)}`), ` ${at}`),
      h("p", {}, `With ${people.join(", ")}`, by !== user.sub && `; asked for by ${by}`),
      room && h("p", {}, `${room.email}: ${answer}`),
      link && open && teamsLink(link),
      problem && problemView(problem),
      open && h("div", { class: "row" }, button("move", "Move"), button("find", "Find a time"), button("text", "Change text"), button("cancel", "Cancel")));
  }

  function showCompany({ enabled }, people) {
    $("enabled").textContent = enabled ? "Switch the integration off" : "Switch the integration on";
    render("company-state", [enabled, people], () => [
      h("p", {}, enabled ? tag(["Switched on", "good"]) : tag(["Switched off", "bad"]), !enabled && " Nobody is served."),
      h("ul", {}, people.map((one) => h("li", {}, `${one.user}: ${CONNECTION[one.status]?.[0]}`)))]);
  }

  /** What Convene's callback wrote into the address: shown once, and taken out of it. */
  function showReturn() {
    const query = new URLSearchParams(location.search);
    const [status, reason] = [query.get("status"), query.get("reason") ?? query.get("notice")];
    if (!status) return;
    history.replaceState(null, "", location.pathname);
    const why = reason && h("a", { href: `/problems/${encodeURIComponent(reason)}`, target: "_blank" }, reason);
    const kind = status === "connected" && !reason ? "good" : "warn";
    const words = [RETURNED[reason] ?? RETURNED[status] ?? status, status === "connected" && LACKS[reason]].filter(Boolean).join(" ");
    const see = why ? [" See ", why, "."] : [];
    $("returned").replaceChildren(h("p", { class: `notice ${kind}` }, words, ...see));
  }

  /** The notice of a return is about the state that was found then: with another state it goes. */
  function forgetReturn(status) {
    const place = $("returned");
    if (!place.firstChild) return;
    place.dataset.found ??= status;
    if (place.dataset.found !== status) place.replaceChildren();
  }

  Object.assign(demo, {
    $, all, h, render, say, fine, tag, teamsLink, problemView, INTERVIEW, addresses, toHtml, toText, ownZone, zone, day, hour, moment,
    showProblem, clearProblems, showConnection, showInterviews, showCompany, showReturn,
  });
}
