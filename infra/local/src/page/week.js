// Demo page, 4 of 6: a week of calendars, day by day, and the slots in it. Draws what it is given and calls nothing.
"use strict";

{
  const { $, all, h } = demo;

  /** How an item shows: the word within it where it is long enough, and the words that are read out. */
  const STATUS = {
    busy: ["busy", "busy"],
    tentative: ["maybe", "tentatively booked"],
    out_of_office: ["away", "out of office"],
    working_elsewhere: ["elsewhere", "working elsewhere"],
    unknown: ["?", "not known to be free"],
  };
  const REASONS = {
    mailbox_not_found: "Exchange knows no such mailbox",
    outside_organization: "the mailbox belongs to another organization",
    on_premises: "the mailbox lies on a server that did not answer Exchange Online",
    no_access: "the calendar is not shown to this user",
    throttled: "Microsoft takes no more calls for now",
    too_many_events: "the calendar has more entries than Exchange tells",
    timed_out: "Microsoft did not answer in time",
    unavailable: "Microsoft answered with a fault of its own",
    unreadable: "the answer could not be read",
  };
  const LEGEND = [
    ["free", "free"], ["busy", "busy"], ["tentative", "tentative"], ["out_of_office", "out of office"],
    ["working_elsewhere", "working elsewhere: counts as free"], ["off", "outside of working hours"],
    ["unreadable", "unknown: never taken for free"], ["mine", "this interview"], ["fits", "a slot"],
  ];
  const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
  const DAY = 86_400_000;
  /** The part of a day that a block must be, to have room for this word. */
  const widthOf = (word) => 0.03 + 0.04 * word.length;

  const reason = (schedule) => REASONS[schedule.reason] ?? "the reason is not known";

  /* Time. Days are texts like 2026-12-01, for which UTC does as well as any zone; all else is instants. */

  const local = (at, timeZone) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(at)).replace(" ", "T");
  const clock = (at, timeZone) => local(at, timeZone).slice(11);
  const plusDays = (date, n) => new Date(Date.parse(`${date}T00:00Z`) + n * DAY).toISOString().slice(0, 10);
  const weekday = (date) => new Date(`${date}T00:00Z`).getUTCDay();
  const dayName = (date, options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(new Date(`${date}T00:00Z`));

  /** The instant at which a clock in the zone shows this. The second look is for offsets that change in between. */
  function instant(date, time, timeZone) {
    const wall = Date.parse(`${date}T${time}Z`);
    const ahead = (at) => Date.parse(`${local(at, timeZone)}Z`) - Math.floor(at / 60_000) * 60_000;
    return wall - ahead(wall - ahead(wall));
  }

  /* One calendar on one day */

  /** Puts an element where its time is in a day; gives which part of the day that is, 0 if it lies outside. */
  function place(element, [from, to], day) {
    const whole = day.to - day.from;
    const [left, right] = [Math.max(from, day.from), Math.min(to, day.to)];
    const part = Math.max(0, right - left) / whole;
    element.style.left = `${((left - day.from) / whole) * 100}%`;
    element.style.width = `${part * 100}%`;
    return part;
  }

  function block(kind, span, day, word) {
    const element = h("i", { class: `block ${kind}` });
    const part = place(element, span, day);
    if (word && part >= widthOf(word)) element.append(h("b", {}, word));
    return part > 0 && element;
  }

  /** The times of a day at which somebody does not work; rooms have no such. */
  function offHours({ working_hours: hours }, day) {
    if (!hours?.time_zone) return [];
    // A day here may be parts of two days there.
    const there = [-1, 0, 1].map((n) => plusDays(day.date, n)).filter((date) => hours.days.includes(WEEKDAYS[weekday(date)]));
    const at = (date, time) => instant(date, time.slice(0, 5), hours.time_zone);
    let free = day.from;
    const off = [];
    for (const [from, to] of there.map((date) => [at(date, hours.start), at(date, hours.end)])) {
      if (from > free) off.push([free, Math.min(from, day.to)]);
      free = Math.max(free, to);
    }
    return free < day.to ? [...off, [free, day.to]] : off;
  }

  function items(schedule, day) {
    const all = schedule.busy.map(({ start, end, status }) => [status, [Date.parse(start), Date.parse(end)]]);
    return all.filter(([, [from, to]]) => from < day.to && to > day.from);
  }

  /** The same in words. */
  function inWords(schedule, day, zone) {
    if (schedule.state !== "ok") return `unknown, and so never taken for free: ${reason(schedule)}`;
    const told = items(schedule, day).map(([status, [from, to]]) => {
      const whole = from <= day.from && to >= day.to;
      return `${STATUS[status][1]} ${whole ? "all day" : `${clock(Math.max(from, day.from), zone)} – ${clock(Math.min(to, day.to), zone)}`}`;
    });
    const hours = schedule.working_hours;
    const works = hours ? `; works ${hours.start.slice(0, 5)} – ${hours.end.slice(0, 5)}${hours.time_zone === zone ? "" : ` (${hours.time_zone ?? "a zone of their own"})`}` : "";
    return `${told.join(", ") || "nothing in the calendar"}${works}`;
  }

  function strip(row, day, view) {
    const { schedule, name } = row;
    const known = schedule.state === "ok";
    const words = inWords(schedule, day, view.zone);
    const mine = view.mine.filter(({ emails }) => emails.includes(row.email));
    const blocks = known
      ? [...offHours(schedule, day).map((span) => block("off", span, day)),
        ...items(schedule, day).map(([status, span]) => block(status, span, day, STATUS[status][0])),
        ...mine.map(({ span }) => block("mine", span, day))]
      : [h("b", { class: "mark" }, "? unknown")];
    const label = `${name}, ${day.long}: ${words}`;
    return h("div", { class: "line", "data-email": row.email },
      h("span", { class: "name", "aria-hidden": "true" }, name),
      h("div", { class: `strip ${known ? "free" : "unreadable"}`, role: "img", tabindex: "-1", "aria-label": label,
        "data-stop": `${day.date} ${row.email}`, "data-state": schedule.state }, blocks,
        h("span", { class: "tip" }, h("b", {}, name), ` ${words}`)));
  }

  /* A day */

  /** When a slot's button is, on which day, and whose calendars it needs. */
  const needs = new WeakMap();

  function slotButton(slot, day, view) {
    const [from, to] = [Date.parse(slot.start), Date.parse(slot.end)];
    const times = [clock(from, view.zone), clock(to, view.zone)];
    const named = (email) => view.rows.find((row) => row.email === email)?.name ?? email;
    const people = slot.people.filter((email) => email !== view.own).map(named);
    const room = slot.room && named(slot.room);
    const details = [view.choosesRoom && room, view.choosesPeople && people.map((name) => name.split(" ")[0]).join(", ")];
    const all = [`${times[0]} to ${times[1]}, ${day.long}`, people.length > 0 && `with ${people.join(", ")}`, room && `in ${room}`,
      slot.confidence < 100 && `${slot.confidence} percent sure`];
    const button = h("button", { type: "button", class: "slot", tabindex: "-1", "data-stop": slot.start, "data-slot": slot.start,
      "aria-label": `${all.filter(Boolean).join(", ")}. ${view.verb}`, onclick: () => view.take(slot) },
    h("b", {}, times[0]), details.some(Boolean) && h("span", {}, details.filter(Boolean).join(" · ")));
    needs.set(button, { span: [from, to], emails: [...slot.people, slot.room], day });
    return h("li", {}, button);
  }

  function hourLine(day, zone) {
    const marks = [];
    for (let at = day.from; at <= day.to; at += 2 * 3_600_000) {
      const mark = h("span", {}, String(Number(clock(at, zone).slice(0, 2))));
      mark.style.left = `${((at - day.from) / (day.to - day.from)) * 100}%`;
      marks.push(mark);
    }
    return h("div", { class: "hours", "aria-hidden": "true" }, marks);
  }

  function dayPart(day, view) {
    const slots = view.slots.filter((slot) => slot.start.startsWith(day.date));
    const fits = slots.map((slot) => block("fits", [Date.parse(slot.start), Date.parse(slot.end)], day));
    const none = day.over ? "This day is over." : "No slot.";
    return h("section", { class: "day", "aria-labelledby": `day-${day.date}`, "data-day": day.date },
      h("h4", { id: `day-${day.date}` }, h("span", { "aria-hidden": "true" }, day.short), h("span", { class: "unseen" }, day.long)),
      hourLine(day, view.zone),
      h("div", { class: "lines" }, view.rows.map((row) => strip(row, day, view)),
        h("div", { class: "line sum", "aria-hidden": "true" }, h("span", { class: "name" }, "Slots"), h("div", { class: "strip" }, fits)),
        h("div", { class: "band-room", "aria-hidden": "true" }, h("div", { class: "band" }))),
      slots.length > 0 ? h("ul", { class: "slots", "aria-label": `Slots, ${day.long}` }, slots.map((slot) => slotButton(slot, day, view)))
        : h("p", { class: "fine none" }, none));
  }

  /* The week. One Tab leads in; arrow keys go on: up and down within the days, left and right from day to day. */

  const stops = (within = $("week")) => all("[data-stop]", within);

  function mark(stop) {
    stops().forEach((one) => { one.tabIndex = one === stop ? 0 : -1; });
  }

  function go(stop) {
    if (!stop) return;
    mark(stop);
    stop.focus();
  }

  function onKey(event) {
    const here = event.target.closest?.("[data-stop]");
    if (event.key === "Escape") $("week").dataset.quiet = "yes";
    if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
    const [line, day] = [stops(), here.closest(".day")];
    const days = all(".day", $("week"));
    const beside = (n) => {
      const other = days[days.indexOf(day) + n];
      const theirs = other ? stops(other) : [];
      return theirs[Math.min(stops(day).indexOf(here), theirs.length - 1)];
    };
    const steps = {
      ArrowDown: () => line[line.indexOf(here) + 1], ArrowUp: () => line[line.indexOf(here) - 1],
      ArrowRight: () => beside(1), ArrowLeft: () => beside(-1),
      Home: () => stops(day)[0], End: () => stops(day).at(-1),
    };
    if (!steps[event.key]) return;
    event.preventDefault();
    go(steps[event.key]());
  }

  /** Shows over all calendars of the day when the slot is, and whose calendars it needs. */
  function highlight({ target }) {
    delete $("week").dataset.quiet;
    const button = target.closest?.(".slot");
    all(".band", $("week")).forEach((band) => { band.classList.remove("on"); });
    all(".aside", $("week")).forEach((line) => line.classList.remove("aside"));
    if (!button) return;
    const { span, emails, day } = needs.get(button);
    const part = button.closest(".day");
    const band = part.querySelector(".band");
    place(band, span, day);
    band.classList.add("on");
    all("[data-email]", part).forEach((line) => line.classList.toggle("aside", !emails.includes(line.dataset.email)));
  }

  /** Draws the week in place of the one before. Whoever was in there stays at the same place, or near. */
  function drawWeek(view) {
    const week = $("week");
    const was = week.contains(document.activeElement) && document.activeElement.dataset.stop;
    const names = h("div", { class: "names", "aria-hidden": "true" }, view.rows.map((row) => h("span", { title: row.email }, row.name)),
      h("span", {}, "Slots"));
    week.replaceChildren(names, ...view.days.map((day) => dayPart(day, view)));
    const slots = all(".slot", week);
    const first = slots.find((button) => view.mine.length === 0 || button.dataset.slot >= view.near) ?? slots[0] ?? stops()[0];
    const same = was && stops().find((stop) => stop.dataset.stop === was);
    mark(same || first);
    if (was) (same || first)?.focus();
  }

  /** To the slot that the arrow keys would begin at. */
  const enterWeek = () => $("week").querySelector("[data-stop][tabindex='0']")?.focus();

  function listenToWeek() {
    const week = $("week");
    week.onkeydown = onKey;
    week.addEventListener("focusin", (event) => { highlight(event); if (event.target.dataset.stop) mark(event.target); });
    week.addEventListener("focusout", highlight);
    week.addEventListener("pointerover", highlight);
    week.addEventListener("pointerleave", () => highlight({ target: document.activeElement }));
    $("legend").append(...LEGEND.map(([kind, words]) => h("li", {}, h("span", { class: `swatch ${kind}` }), words)));
  }

  Object.assign(demo, {
    reason, local, instant, plusDays, weekday, dayName, drawWeek, enterWeek, listenToWeek,
  });
}
