// Lists and filters the hits of a report. Whatever comes from logs is set as text, never as markup.
"use strict";
(() => {
  const PAGE = 100;
  const MOST_OPTIONS = 2000;
  const SVG = "http://www.w3.org/2000/svg";
  const report = JSON.parse(document.getElementById("report").textContent);
  const { words, texts, hits } = report;
  if (!hits.rule.length) return;
  const count = hits.rule.length;
  const rules = new Map(report.rules.map((rule) => [rule.number, rule]));
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const chart = document.getElementById("chart");
  const told = document.getElementById("chart-told");
  let before = 0;
  const times = hits.time.map((step) => (step === null ? null : (before += step)));
  const levels = hits.rule.map((rule) => rules.get(rule).level);
  let found = [];
  let page = 0;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const number = (value) => value.toString().replace(/\B(?=(\d{3})+$)/g, report.language === "vi" ? "." : ",");
  const make = (name, cls, ...parts) => {
    const element = document.createElement(name);
    if (cls) element.className = cls;
    element.append(...parts);
    return element;
  };

  // Times: the report brings the offsets of its zone, so that any browser shows the same clock.
  const ahead = (utc) => {
    let offset = report.offsets[0][1];
    for (const [since, value] of report.offsets) if (utc >= since) offset = value;
    return offset;
  };
  const clock = (utc) => {
    if (utc === null) return words.no_time;
    const moment = new Date(utc + ahead(utc));
    return isNaN(moment) ? words.no_time : moment.toISOString().slice(0, 19).replace("T", " ");
  };
  const instant = (text) => {
    const parts = /^\s*(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?)(?::(\d\d?))?(?::(\d\d?))?)?\s*$/.exec(text);
    if (!parts) return null;
    const [year, month, day, hour = 0, minute = 0, second = 0] = parts.slice(1);
    const local = Date.UTC(year, month - 1, day, hour, minute, second);
    return local - ahead(local - ahead(local));
  };

  // Search ignores case and the marks of Vietnamese letters, on both sides.
  const fold = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
  let folded = null;
  const search = (words_) => {
    folded ??= texts.map(fold);
    const other = (values) => values.map(fold);
    const paths = other(report.files);
    const titles = new Map(report.rules.map((rule) => [rule.number, fold([rule.title, rule.id, ...rule.techniques].join(" "))]));
    const tests = words_.map((word) => {
      const holds = texts.map((_text, at) => folded[at].includes(word));
      const events = report.evidence.map(([, , values]) => values.some((at) => holds[at]));
      return (at) =>
        holds[hits.detail[at]] || holds[hits.host[at]] || holds[hits.user[at]] || holds[hits.peer[at]] || holds[hits.kind[at]] ||
        events[hits.evidence[at]] || titles.get(hits.rule[at]).includes(word) || paths[hits.file[at]].includes(word);
    });
    return (at) => tests.every((test) => test(at));
  };

  const wanted = () => {
    const values = form.elements;
    const [kind, name] = values.attack.value.split(/:(.*)/s);
    return {
      words: fold(values.text.value).split(/\s+/).filter(Boolean),
      levels: new Set([...form.querySelectorAll("[name=level]:checked")].map((box) => +box.value)),
      rule: values.rule.value === "" ? null : +values.rule.value,
      host: values.host.value === "" ? null : +values.host.value,
      has: kind ? new Set(report.rules.filter((rule) => rule[kind].includes(name)).map((rule) => rule.number)) : null,
      from: instant(values.from.value),
      to: instant(values.to.value),
      order: values.order.value,
    };
  };

  const apply = () => {
    const want = wanted();
    for (const name of ["from", "to"]) {
      const box = form.elements[name];
      box.setCustomValidity(box.value.trim() && want[name] === null ? words.bad_time : "");
    }
    const holds = want.words.length ? search(want.words) : () => true;
    const passing = [];
    for (let at = 0; at < count; at++) {
      const rule = hits.rule[at];
      if (!want.levels.has(levels[at]) || (want.rule !== null && rule !== want.rule)) continue;
      if ((want.host !== null && hits.host[at] !== want.host) || (want.has && !want.has.has(rule))) continue;
      if (holds(at)) passing.push(at);
    }
    const within = (at) =>
      times[at] === null
        ? want.from === null && want.to === null
        : (want.from === null || times[at] >= want.from) && (want.to === null || times[at] < want.to);
    found = passing.filter(within);
    if (want.order === "latest") found.reverse();
    if (want.order === "level") found.sort((one, two) => levels[two] - levels[one] || one - two);
    page = 0;
    draw(passing.length === count ? null : passing);
    brush(want.from, want.to);
    show();
  };

  // The list: one page of it stands in the document; a hit's evidence is made when it is opened.
  const show = () => {
    const last = Math.min(found.length, (page + 1) * PAGE);
    list.replaceChildren(...found.slice(page * PAGE, last).map(hit));
    const values = { shown: number(found.length), total: number(count), first: number(page * PAGE + 1), last: number(last) };
    document.getElementById("status").textContent = found.length ? fill(words.shown, values) : words.none;
    document.getElementById("pages").hidden = found.length <= PAGE;
    document.getElementById("page").textContent = fill(words.page, values);
    document.getElementById("previous").disabled = page === 0;
    document.getElementById("next").disabled = last === found.length;
  };
  const hit = (at) => {
    const rule = rules.get(hits.rule[at]);
    const summary = make(
      "summary", "",
      make("span", "when", clock(times[at])),
      make("span", `badge l${rule.level}`, words.levels[rule.level]),
      make("span", "title", rule.title),
      make("span", "host", (texts[hits.peer[at]] && `${texts[hits.peer[at]]} → `) + (texts[hits.host[at]] || words.no_host)),
      make("span", "detail", texts[hits.detail[at]]),
    );
    const details = make("details", `hit l${rule.level}`, summary);
    details.addEventListener("toggle", () => open(details, at));
    details.dataset.at = at;
    return details;
  };
  const open = (details, at) => {
    if (details.open && details.children.length === 1) {
      details.append(make("div", "body", make("div", "event", event(at)), make("div", "about", ...about(at))));
    }
  };
  const event = (at) => {
    if (hits.evidence[at] < 0) return make("p", "faint", fill(words.no_evidence, { count: number(report.kept) }));
    const [, shape, values] = report.evidence[hits.evidence[at]];
    const marked = new Set(report.marks[hits.marks[at]]);
    const rows = report.names[shape].map((name, place) => [name, values[place], marked.has(name)]);
    rows.sort((one, two) => two[2] - one[2]);
    return make("table", "fields", make("tbody", "", ...rows.map(row)));
  };
  const row = ([name, value, matched]) => {
    const head = make("th", "", texts[name]);
    head.scope = "row";
    if (!matched) return make("tr", "", head, make("td", "", texts[value]));
    head.append(" ", make("span", "matched-tag", words.matched));
    return make("tr", "matched", head, make("td", "", make("mark", "", texts[value])));
  };
  const about = (at) => {
    const rule = rules.get(hits.rule[at]);
    const place = fill(words.at, { path: report.files[hits.file[at]], offset: hits.offset[at] });
    const pairs = {
      falsepositives: rule.falsepositives.join("\n"), id: rule.id, log_source: rule.source,
      techniques: rule.techniques.join(" "), author: rule.author, references: rule.references.join("\n"),
      user: texts[hits.user[at]], kind: texts[hits.kind[at]], place,
      event_id: hits.evidence[at] < 0 ? "" : texts[report.evidence[hits.evidence[at]][0]],
    };
    const items = Object.entries(pairs).filter(([, text]) => text);
    const told_ = make("dl", "", ...items.flatMap(([name, text]) => [make("dt", "", words[name]), make("dd", "", text)]));
    return rule.description ? [make("p", "", rule.description), told_] : [told_];
  };

  // The histogram: bars of what passes the other filters, and a span of time chosen on it.
  const bars = document.getElementById("bars");
  const whole = bars ? [...bars.childNodes] : [];
  const size = report.bars.length;
  const highest = Math.max(1, ...report.bars);
  const draw = (passing) => {
    if (!bars) return;
    if (!passing) return bars.replaceChildren(...whole);
    const counts = report.bars.map(() => [0, 0, 0, 0, 0]);
    for (const at of passing) {
      const bar = times[at] === null ? -1 : Math.floor((times[at] - report.begin) / report.step);
      if (bar >= 0 && bar < size) counts[bar][levels[at]]++;
    }
    bars.replaceChildren(...counts.flatMap(stack));
  };
  const stack = (byLevel, bar) => {
    let bottom = 168;
    return byLevel.flatMap((value, level) => {
      if (!value) return [];
      const height = Math.max(1.5, (value / highest) * 150);
      return [rectangle(`l${level}`, (bar + 0.07) * (100 / size), (bottom -= height), 86 / size, height)];
    });
  };
  const rectangle = (cls, left, top, width, height) => {
    const made = document.createElementNS(SVG, "rect");
    const values = { class: cls, x: `${left}%`, y: top, width: `${width}%`, height };
    for (const [name, value] of Object.entries(values)) made.setAttribute(name, value);
    return made;
  };
  let band = null;
  const brush = (from, to) => {
    band?.remove();
    band = null;
    if (!bars || (from === null && to === null)) return;
    const at = (time, open_) => Math.min(100, Math.max(0, time === null ? open_ : ((time - report.begin) / report.step / size) * 100));
    const left = at(from, 0);
    band = rectangle("brush", left, 18, Math.max(0.2, at(to, 100) - left), 150);
    bars.after(band);
  };
  const begins = (bar) => report.begin + bar * report.step;
  const choose = (one, two) => {
    const [first, last] = one <= two ? [one, two] : [two, one];
    form.elements.from.value = clock(begins(first));
    form.elements.to.value = clock(begins(last + 1));
  };
  const tell = (first, last) => {
    const sum = report.bars.slice(first, last + 1).reduce((one, two) => one + two, 0);
    told.textContent = fill(words.bar, { from: clock(begins(first)), to: clock(begins(last + 1)), count: number(sum) });
  };
  const brushing = () => {
    let from = null;
    let cursor = 0;
    const bar = (pointer) => {
      const box = bars.ownerSVGElement.getBoundingClientRect();
      return Math.min(size - 1, Math.max(0, Math.floor(((pointer.clientX - box.left) / box.width) * size)));
    };
    const over = (at) => {
      const [first, last] = from === null ? [at, at] : [Math.min(from, at), Math.max(from, at)];
      tell(first, last);
      if (from !== null) brush(begins(first), begins(last + 1));
    };
    chart.addEventListener("pointerdown", (pointer) => {
      if (pointer.button === 0) from = bar(pointer);
    });
    chart.addEventListener("pointermove", (pointer) => over(bar(pointer)));
    chart.addEventListener("pointercancel", () => (from = null));
    window.addEventListener("pointerup", (pointer) => {
      if (from === null) return;
      choose(from, bar(pointer));
      from = null;
      apply();
    });
    chart.addEventListener("keydown", (key) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -size, End: size }[key.key];
      if (step) {
        const start = key.shiftKey ? (from ?? cursor) : null;
        cursor = Math.min(size - 1, Math.max(0, cursor + step));
        from = start;
        tell(Math.min(from ?? cursor, cursor), Math.max(from ?? cursor, cursor));
        brush(begins(Math.min(from ?? cursor, cursor)), begins(Math.max(from ?? cursor, cursor) + 1));
      } else if (key.key === "Enter") {
        choose(from ?? cursor, cursor);
        from = null;
        apply();
      } else if (key.key === "Escape") {
        from = null;
        form.elements.from.value = form.elements.to.value = "";
        apply();
      } else return;
      key.preventDefault();
    });
    chart.tabIndex = 0;
    chart.setAttribute("role", "group");
    chart.setAttribute("aria-label", words.chart);
    told.textContent = words.chart;
  };

  // Filters: their choices, and the names elsewhere in the page that choose.
  const options = (select, choices) =>
    select.append(...choices.slice(0, MOST_OPTIONS).map(([value, text]) => new Option(text, value)));
  const byHits = (column) => {
    const sums = new Map();
    for (const value of column) sums.set(value, (sums.get(value) ?? 0) + 1);
    return [...sums].sort((one, two) => two[1] - one[1]);
  };
  const hosts = byHits(hits.host);
  options(form.elements.rule, report.rules.map((rule) => [rule.number, rule.title]));
  options(form.elements.host, hosts.map(([at, hits_]) => [at, `${texts[at] || words.no_host} (${number(hits_)})`]));
  options(form.elements.attack, report.tactics.map(([tag, name]) => [`tactics:${tag}`, name]));
  const techniques = [...new Set(report.rules.flatMap((rule) => rule.techniques))].sort();
  options(form.elements.attack, techniques.map((name) => [`techniques:${name}`, name]));
  const chosen = {
    rule: (value) => (form.elements.rule.value = value),
    host: (value) => (form.elements.host.value = hosts.find(([at]) => texts[at] === value)?.[0] ?? ""),
    tactic: (value) => (form.elements.attack.value = `tactics:${value}`),
    technique: (value) => (form.elements.attack.value = `techniques:${value}`),
  };
  document.addEventListener("click", (click) => {
    const link = click.target.closest("[data-filter]");
    if (!link) return;
    form.reset();
    chosen[link.dataset.filter](link.dataset.value);
    apply();
  });
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (submit) => submit.preventDefault());
  const turn = (step) => {
    page += step;
    show();
    document.getElementById("hits").focus({ preventScroll: true });
    document.getElementById("status").scrollIntoView();
  };
  document.getElementById("previous").addEventListener("click", () => turn(-1));
  document.getElementById("next").addEventListener("click", () => turn(1));

  // Paper shows every hit of the page open.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...list.querySelectorAll("details:not([open])")];
    for (const details of opened) {
      details.open = true;
      open(details, +details.dataset.at);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  document.getElementById("first-only")?.remove();
  document.documentElement.classList.add("live");
  form.hidden = false;
  if (bars) brushing();
  apply();
})();
