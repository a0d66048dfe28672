// Demo page, 5 of 6: a time for everybody. Asks who is free, and takes a slot, for a new interview or for one that moves.
"use strict";

{
  const {
    $, all, h, render, fine, tag, teamsLink, problemView, INTERVIEW, addresses, zone, day, hour, showProblem, clearProblems,
    call, carryOut, reason, local, instant, plusDays, weekday, dayName, drawWeek, enterWeek, listenToWeek,
  } = demo;

  /** The part of a day that is looked at, and the minutes from one start to the next. */
  const [FROM, TO, STEP] = ["08:00", "18:00", 30];
  /** What of a new interview the other form says: its faults are shown there. */
  const FORM = /^\/(title|body_html|candidates|time_zone)/;
  const FIRST_PICKS = ["carl@contoso.com", "dora@contoso.com"];

  /** `act`, `details` and `change` of the page's actions. */
  let page;
  let user, monday, looks = 0;
  let people = [], rooms = [];
  /** What was booked from here last; what is being moved. */
  let booked, moving;

  const nameOf = (email) => [...people, ...rooms].find((one) => one.email === email)?.name ?? email;
  const list = (names) => names.join(", ").replace(/, ([^,]*)$/, " and $1");
  const minutes = ({ start, end }) => (Date.parse(end) - Date.parse(start)) / 60_000;

  /* What can be picked */

  const picked = (place) => all("input:checked", $(place)).map((box) => box.value);

  const pick = (one, checked) => h("label", { class: "pick" },
    h("input", { type: "checkbox", value: one.email, checked: checked && "", "data-focus": one.email }), h("span", {}, one.name, one.note && h("small", {}, one.note)));

  /** The mailboxes of the simulated company; of another Microsoft's the page knows none. */
  function offerPeople(users) {
    const known = document.body.dataset.microsoft === "built-in" ? users : [];
    const company = known.filter(({ email }) => email.endsWith("@contoso.com"));
    people = company.filter(({ role }) => role !== "Room");
    const others = people.filter(({ email }) => email !== user.email);
    const before = $("people").children.length > 0 ? picked("people") : FIRST_PICKS;
    render("people", others.map(({ email, name }) => [email, name]), () =>
      others.map((one) => pick({ ...one, note: "" }, before.includes(one.email))));
    offerNeed();
  }

  async function offerRooms() {
    const { ok, json } = await call("GET", "/v1/rooms", { quiet: true });
    rooms = ok ? json.data : [];
    const seats = ({ capacity }) => (capacity ? `${capacity} seats` : "");
    render("rooms", [ok, json], () => {
      if (!ok) return fine(`No list of rooms: ${json.title ?? json.message ?? "it could not be read"}.`);
      if (rooms.length === 0) return fine("The company keeps no list of rooms. Its administrator can write one (PATCH /v1/customer).");
      return rooms.map((room) => pick({ ...room, note: seats(room) }, true));
    });
  }

  const panel = () => [...new Set([...picked("people"), ...addresses($("others").value)])].filter((email) => email !== user.email);

  /** "All of them", or as few of them as one. */
  function offerNeed() {
    const [count, before] = [panel().length, $("need").value];
    render("need", count, () => {
      const fewer = Array.from({ length: Math.max(0, count - 1) }, (_, n) => count - 1 - n);
      return [h("option", { value: "all" }, count > 1 ? `all ${count} of them` : "everybody picked"),
        ...fewer.map((n) => h("option", { value: n, selected: String(n) === before && "" }, `any ${n} of these ${count}`))];
    });
  }

  /* Asking */

  /** Who is asked for. The recruiter comes first, and always: first are preferred where a choice is left. */
  function wanted() {
    if (moving) {
      const guests = moving.interviewers.map(({ email }) => email).filter((email) => email !== moving.organizer.email);
      return { own: moving.organizer.email, others: guests, rooms: moving.room ? [moving.room.email] : [], need: guests.length, length: minutes(moving) };
    }
    const others = panel();
    const need = $("need").value === "all" ? others.length : Number($("need").value);
    return { own: user.email, others, rooms: picked("rooms"), need, length: Number($("length").value) };
  }

  /** The days of the week, and of each what is still to come, as the grid of starts has it. */
  function week(now, timeZone) {
    const grid = STEP * 60_000;
    return [0, 1, 2, 3, 4].map((n) => {
      const date = plusDays(monday, n);
      const [from, to] = [instant(date, FROM, timeZone), instant(date, TO, timeZone)];
      const next = from + Math.max(0, Math.ceil((now - from) / grid)) * grid;
      return { date, from, to, next, over: next >= to, short: dayName(date, { weekday: "short", day: "numeric", month: "short" }),
        long: dayName(date, { weekday: "long", day: "numeric", month: "long" }) };
    });
  }

  function title(days) {
    $("week-title").textContent = `${days[0].short} – ${days[4].short} ${days[4].date.slice(0, 4)}`;
  }

  const utc = (at) => `${new Date(at).toISOString().slice(0, 19)}Z`;

  function question({ own, others, rooms: places, need, length }, days, timeZone) {
    return {
      people: [own, ...others], rooms: places, duration_minutes: length, step_minutes: STEP, time_zone: timeZone,
      windows: days.filter(({ over }) => !over).map(({ next, to }) => ({ start: utc(next), end: utc(to) })),
      need: { people: need + 1, rooms: places.length > 0 ? 1 : 0 }, rescheduling: moving?.id,
    };
  }

  function state(name, words) {
    $("find").dataset.state = name;
    $("week").setAttribute("aria-busy", String(name === "reading"));
    if (words) $("found").replaceChildren(...[words].flat());
  }

  async function theClock(timeZone) {
    const { json } = await call("GET", "/_local/clock", { quiet: true });
    const now = Date.parse(json.now);
    const today = local(now, timeZone).slice(0, 10);
    const thisMonday = plusDays(today, -((weekday(today) + 6) % 7));
    // At the weekend the week that comes is meant.
    monday ??= [0, 6].includes(weekday(today)) ? plusDays(thisMonday, 7) : thisMonday;
    return { now, thisMonday };
  }

  /** Reads the week and shows it. A later look makes an earlier one void. */
  async function look() {
    const mine = (looks += 1);
    const timeZone = zone();
    state("reading");
    const { now, thisMonday } = await theClock(timeZone);
    const days = week(now, timeZone);
    $("before").disabled = monday <= thisMonday;
    title(days);
    const asked = wanted();
    const count = 1 + asked.others.length + asked.rooms.length;
    if (days.every(({ over }) => over)) {
      $("week").replaceChildren();
      state("shown", "This week is over. The next one may be of more use.");
      return;
    }
    state("reading", `Reading ${count} calendar${count === 1 ? "" : "s"}…`);
    const answer = await call("POST", "/v1/availability", { body: question(asked, days, timeZone) });
    if (mine !== looks) return;
    showProblem("look-problem", answer);
    if (!answer.ok) {
      $("week").replaceChildren();
      state("failed", "The calendars could not be read.");
      return;
    }
    show(answer.json, asked, days, timeZone);
  }

  function show({ slots, schedules, complete }, asked, days, timeZone) {
    const rows = schedules.map((schedule) => ({ email: schedule.email, schedule,
      name: schedule.email === user.email ? `You, ${user.name}` : nameOf(schedule.email) }));
    // Where only some are needed, the recruiter could have been left out.
    const good = slots.filter(({ people: chosen, start }) => chosen.includes(asked.own) && start !== moving?.start);
    const shown = moving ?? booked;
    const stands = shown && shown.status !== "cancelled";
    const emails = stands ? [shown.organizer.email, shown.room?.email, ...shown.interviewers.map(({ email }) => email)] : [];
    drawWeek({ days, rows, slots: good, zone: timeZone, own: asked.own, take, near: moving?.start ?? "",
      choosesRoom: asked.rooms.length > 1, choosesPeople: asked.need < asked.others.length, verb: moving ? "Move here" : "Schedule",
      mine: stands ? [{ span: [Date.parse(shown.start), Date.parse(shown.end)], emails }] : [] });
    const unknown = rows.filter(({ schedule }) => schedule.state !== "ok");
    const lines = unknown.map(({ name, schedule }) => h("li", {}, h("b", {}, name), ` is unknown, so never taken for free: ${reason(schedule)}.`));
    const left = complete || unknown.length > 0 ? "" : " There are more than are shown.";
    state("shown", [h("b", {}, good.length === 0 ? "No slot in this week." : `${good.length} slot${good.length === 1 ? "" : "s"} of ${asked.length} minutes.`), left,
      ` Times in ${timeZone}.`, lines.length > 0 && h("ul", { class: "unknowns" }, lines), good.length === 0 && advice(unknown, asked)].filter(Boolean));
  }

  function advice(unknown, asked) {
    const people = unknown.some(({ schedule }) => schedule.kind === "person");
    if (people && asked.need === asked.others.length) {
      return h("p", {}, moving ? "Somebody who must come is unknown: only the form can move this interview (Move)."
        : "Somebody who must come is unknown, and unknown is never taken for free. Ask for fewer of them, or leave that calendar out.");
    }
    return h("p", {}, moving ? "Try another week." : "Try another week, a shorter interview, fewer people, or another room.");
  }

  /* Taking a slot */

  const create = ({ start, end, people: chosen, room }) => carryOut("POST", "/v1/interviews", {
    ...page.details(), start, end, require_free: true, rooms: room ? [room] : [],
    interviewers: chosen.filter((email) => email !== user.email).map((email) => ({ email })),
  });

  const reschedule = ({ id, version, time_zone: at }, { start, end }) =>
    carryOut("POST", `/v1/interviews/${id}/reschedule`, { start, end, time_zone: at, require_free: true }, { "if-match": `"${version}"` });

  const take = (slot) => page.act(async () => {
    const answer = await (moving ? reschedule(moving, slot) : create(slot));
    if (answer.ok) {
      const verb = moving ? "Moved" : "Scheduled";
      if (answer.json.id) booked = answer.json;
      moving = undefined;
      showBooked();
      await look();
      $("booked").focus();
      return `${verb}; everybody is told.`;
    }
    await look(); // The calendars have changed, if the slot is taken now.
    const ofForm = (answer.json.errors ?? []).some(({ pointer }) => FORM.test(pointer));
    showProblem("take-problem", answer, ofForm && !moving ? $("form") : undefined);
  });

  function move(interview) {
    [moving, booked] = [interview, interview];
    const date = interview.start.slice(0, 10);
    monday = plusDays(date, -((weekday(date) + 6) % 7));
    clearProblems();
    showBooked();
    $("find").scrollIntoView({ block: "start" });
    look().then(enterWeek);
  }

  function keep() {
    moving = undefined;
    showBooked();
    look();
    $("booked").focus();
  }

  /** The interview that was taken from here, with what can be done to it. */
  function showBooked() {
    ["find-what", "find-form"].forEach((id) => { $(id).hidden = Boolean(moving); });
    $("booked").hidden = !booked;
    render("booked", [booked, Boolean(moving)], () => booked && bookedView(booked));
  }

  function bookedView(interview) {
    const { id, title, status, start, end, room, problem, time_zone: at, join_url: link } = interview;
    const open = ["scheduled", "awaiting_room"].includes(status);
    const who = [...interview.candidates, ...interview.interviewers].map((person) => person.name || nameOf(person.email));
    const answer = room && ({ pending: "has not answered yet", accepted: "has accepted", declined: "has declined", unknown: "cannot be asked" }[room.state] ?? room.state);
    const button = (kind, words, onclick) => h("button", { "data-do": kind, "data-focus": `${kind} ${id}`, onclick }, words);
    return [
      h("div", { class: "head" }, h("h4", {}, moving ? `Moving “${title}”` : title), tag(INTERVIEW[status])),
      h("p", {}, moving && "Now ", h("b", {}, `${day(start, at)}, ${hour(start, at)} – ${hour(end, at)}`), ` ${at}`),
      h("p", {}, `With ${list(who)}${room ? `; ${nameOf(room.email)} ${answer}` : ""}.`),
      moving && h("p", {}, "Pick its new time below. People, room and link stay."),
      problem && problemView(problem),
      link && open && !moving && teamsLink(link),
      h("div", { class: "row" },
        open && !moving && button("slot", "Move to another slot", () => move(booked)),
        open && !moving && button("cancel", "Cancel interview", () => page.change("cancel", booked)),
        moving && button("keep", "Leave it where it is", keep)),
    ];
  }

  /** Takes over what has become of the interview meanwhile. */
  function follow(interviews) {
    const now = (known) => known && (interviews.find(({ id }) => id === known.id) ?? known);
    [booked, moving] = [now(booked), now(moving)];
    if (moving && !["scheduled", "awaiting_room"].includes(moving.status)) moving = undefined;
    showBooked();
  }

  /* The start */

  const shown = () => ["shown", "failed"].includes($("find").dataset.state);
  const again = async () => { if (shown()) await look(); };

  function describe() {
    const { title, candidates } = page.details();
    $("find-slot").textContent = `“${title}”${candidates.length > 0 ? ` with ${candidates[0].name ?? candidates[0].email}` : ""}`;
  }

  function listen(actions) {
    page = actions;
    listenToWeek();
    const turn = (n) => { clearProblems(); monday = plusDays(monday, 7 * n); look(); };
    $("before").onclick = () => turn(-1);
    $("after").onclick = () => turn(1);
    $("find-form").onsubmit = (event) => { event.preventDefault(); clearProblems(); look(); };
    $("find-form").onchange = () => { offerNeed(); again(); };
    $("form").addEventListener("input", describe);
    $("zone").addEventListener("change", again);
    describe();
  }

  /** Begins anew, for somebody else. */
  async function begin(somebody) {
    [user, booked, moving] = [somebody, undefined, undefined];
    looks += 1;
    $("week").replaceChildren();
    showBooked();
    state("idle", "Pick people and rooms, and press Show the week.");
    const { now } = await theClock(zone());
    const days = week(now, zone());
    title(days);
    await offerRooms();
  }

  demo.finder = { listen, begin, offerPeople, follow, move, again };
}
