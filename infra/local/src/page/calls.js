// Demo page, 3 of 6: calls and their repetition. Product actions go through the public API alone.
"use strict";

{
  const { $, all, h, say } = demo;

  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

  let user, token;

  function actAs(person) {
    user = person;
    token = undefined;
  }

  async function newToken({ sub, email, name, admin }) {
    const scope = `connections interviews availability${admin ? " admin" : ""}`;
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

  Object.assign(demo, {
    pause, actAs, call, carryOut,
  });
}
