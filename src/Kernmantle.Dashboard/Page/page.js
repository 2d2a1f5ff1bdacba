// Shows what the server sends. All text is put in as text, never as markup: names and records are the program's, or a stranger's.
'use strict';
(() => {
  const $ = id => document.getElementById(id), root = document.documentElement;
  const base = location.pathname.replace(/\/+$/, '');
  const levels = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical'];
  const most = 2000, drawn = 500;   // records kept, and shown at once
  let last = null, before = null, mayAct = false, paused = false, records = [];

  // --- Theme: the system's, until the button says otherwise ---
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen = null;
  const dress = () => { root.dataset.theme = chosen ?? (dark.matches ? 'dark' : 'light'); };
  dark.addEventListener('change', dress);
  const swap = () => { chosen = root.dataset.theme === 'dark' ? 'light' : 'dark'; dress(); };
  dress();

  // --- Figures ---
  const number = n => n.toLocaleString('en-US', { maximumFractionDigits: 0 });
  const time = s => s == null ? '' : s === 0 ? '0' : s < 1e-3 ? `${(s * 1e6).toPrecision(2 + (s >= 1e-4))} µs` : s < 1 ? `${(s * 1e3).toPrecision(3)} ms` : s < 60 ? `${s.toFixed(1)} s` : s < 3600 ? `${Math.floor(s / 60)} min ${Math.floor(s % 60)} s` : `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  const bytes = b => b == null ? '' : b < 2 ** 20 ? `${(b / 1024).toFixed(0)} KiB` : b < 2 ** 30 ? `${(b / 2 ** 20).toFixed(b < 10 * 2 ** 20 ? 1 : 0)} MiB` : `${(b / 2 ** 30).toFixed(2)} GiB`;
  const clock = at => new Date(at).toLocaleTimeString('en-GB', { hour12: false });
  const moment = at => { const d = new Date(at); return `${clock(at)}.${String(d.getMilliseconds()).padStart(3, '0')}`; };

  // --- The page's parts: made once, then changed where what they say has changed, so that focus and selection stay ---
  const make = (name, text, kind) => { const e = document.createElement(name); if (text) e.textContent = text; if (kind) e.className = kind; return e; };
  const say = (e, text) => { if (e.textContent !== String(text ?? '')) e.textContent = text ?? ''; };
  const tag = (e, text, kind) => { say(e, text); const wanted = `tag ${kind}`; if (e.className !== wanted) e.className = wanted; };
  const keyed = (list, items, keyOf, create, update) => {
    const old = new Map([...list.children].map(e => [e.dataset.key, e]));
    let at = list.firstElementChild;
    for (const item of items) {
      const key = String(keyOf(item));
      let e = old.get(key);
      if (!e) { e = create(item); e.dataset.key = key; }
      old.delete(key);
      if (e !== at) list.insertBefore(e, at); else at = at.nextElementSibling;
      update(e, item);
    }
    for (const e of old.values()) e.remove();
    list.closest('section').classList.toggle('empty', items.length === 0);
  };
  const table = (id, items, keyOf, update, actions) => {
    const place = $(id).querySelector('table'), heads = [...place.querySelectorAll('th')];
    keyed(place.tBodies[0], items, keyOf, item => {
      const row = make('tr');
      for (const head of heads) {
        const cell = make('td', '', head.className);
        cell.dataset.label = head.textContent;
        row.append(cell);
      }
      row.item = item;
      for (const [label, run] of actions?.(item) ?? []) {
        const button = make('button', label);
        button.addEventListener('click', () => run(row.item));
        row.lastElementChild.append(button);
      }
      return row;
    }, (row, item) => {
      row.item = item;
      if (actions) row.lastElementChild.classList.toggle('hidden', !mayAct);
      update(row.children, item);
    });
  };
  const inner = (cell, name, kind) => cell.querySelector(name) ?? cell.appendChild(make(name, '', kind));

  // --- Actions: each is asked for twice, but for looking ---
  const dialog = document.querySelector('dialog');
  let confirmed = null;
  const open = (question, text, yes, run) => {
    say($('question'), question); say(dialog.querySelector('pre'), text);
    $('yes').hidden = !yes; say($('yes'), yes ?? ''); say($('no'), yes ? 'Cancel' : 'Close'); confirmed = run;
    if (!dialog.open) dialog.showModal();
    $('no').focus();
  };
  $('no').addEventListener('click', () => dialog.close());
  $('yes').addEventListener('click', () => { const run = confirmed; dialog.close(); run?.(); });
  const act = async (action, target, what) => {
    if (action === 'stacks') open(what, 'Looking …');
    try {
      const answer = await fetch(`${base}/actions/${action}?target=${encodeURIComponent(target)}`, { method: 'POST', headers: { 'Kernmantle-Action': '1' } });
      const text = await answer.text();
      if (action === 'stacks' || !answer.ok) open(answer.ok ? what : `Not done: ${what}`, text || `${answer.status}`);
    } catch (e) { open(`Not done: ${what}`, String(e)); }
  };
  const ask = (label, action, targetOf, text) => [label, item => open(text(item), '', label, () => act(action, targetOf(item), text(item)))];
  const poolActions = () => [ask('Drain', 'drain', p => p.number, p => `Drain ${p.name}, for good? It refuses new calls and ends when the others have.`)];
  const workerActions = w => w.kind === 'inline' ? [] : [
    ...(w.processId ? [['Stacks', item => act('stacks', item.id, `Stacks of ${item.name} (pid ${item.processId})`)]] : []),
    ask('Recycle', 'recycle', x => x.id, x => `Recycle ${x.name} as soon as it runs nothing?`),
    ...(w.processId ? [ask('Kill', 'kill', x => x.id, x => `Kill ${x.name} (pid ${x.processId}), with its call?`)] : [])];
  const callActions = () => [ask('Cancel', 'cancel', c => c.id, c => `Cancel ${c.name} on ${c.worker}?`)];

  // --- The sections ---
  const state = { Running: 'good', Starting: '', Degraded: 'warn', Draining: 'warn', Broken: 'bad', Disposed: '' };
  const sum = p => p.completed + p.failed + p.cancelled;
  const rate = p => {
    const old = before?.pools.find(o => o.number === p.number), seconds = (new Date(last.at) - new Date(before?.at)) / 1000;
    return old && seconds > 0 ? number((sum(p) - sum(old)) / seconds) : '';
  };
  const share = w => {
    const old = before?.pools.flatMap(p => p.workers).find(o => o.id === w.id), seconds = (new Date(last.at) - new Date(before?.at)) / 1000;
    return old && w.cpuSeconds != null && old.cpuSeconds != null && seconds > 0 ? `${Math.max(0, (w.cpuSeconds - old.cpuSeconds) / seconds * 100).toFixed(0)} %` : w.cpuSeconds == null ? '' : time(w.cpuSeconds);
  };
  const showPools = s => table('pools', s.pools, p => p.number, (c, p) => {
    say(c[0], `${p.name} (${p.kind})`); tag(inner(c[1], 'span'), p.state, state[p.state] ?? '');
    say(c[2], `${p.workers.filter(w => w.state === 'busy' || w.state === 'idle').length}${p.spares ? ` + ${p.spares}` : ''}`);
    say(c[3], number(p.running)); say(c[4], `${number(p.queued)} of ${number(p.queueCapacity)}`);
    say(c[5], rate(p)); say(c[6], number(p.completed)); say(c[7], number(p.failed)); say(c[8], number(p.replaced));
  }, poolActions);
  const showWorkers = s => table('workers', s.pools.flatMap(p => p.workers.map(w => ({ ...w, kind: p.kind }))), w => w.id, (c, w) => {
    say(c[0], w.name); tag(inner(c[1], 'span'), w.state, { busy: 'good', missing: 'bad', starting: 'warn' }[w.state] ?? '');
    say(c[2], w.processId ?? ''); say(c[3], w.call ? w.running > 1 ? `${w.call.name} and ${w.running - 1} more` : w.call.name : ''); say(c[4], time(w.call?.seconds)); say(c[5], number(w.calls)); say(c[6], share(w));
    say(inner(c[7], 'span'), w.memoryBytes == null ? '' : bytes(w.memoryBytes) + (w.memoryLimitBytes ? ` of ${bytes(w.memoryLimitBytes)}` : ''));
    if (w.memoryBytes != null && w.memoryLimitBytes) {
      const fill = inner(inner(c[7], 'b', 'meter'), 'i'), part = Math.min(1, w.memoryBytes / w.memoryLimitBytes);
      fill.style.width = `${(part * 100).toFixed(1)}%`; fill.className = part > .9 ? 'full' : '';
    }
    say(c[8], w.lastDeath ? `${clock(w.lastDeathAt)} ${w.lastDeath.length > 160 ? w.lastDeath.slice(0, 160) + ' …' : w.lastDeath}` : '');
  }, workerActions);
  const showRunning = s => table('running', s.running, r => r.id, (c, r) => {
    say(c[0], r.items > 1 ? `${r.name} (${r.items} items)` : r.name); say(c[1], r.worker); say(c[2], time(r.seconds)); say(c[3], r.attempt);
  }, callActions);
  const showFunctions = s => {
    const by = $('order').value;
    table('functions', s.pools.flatMap(p => p.functions.map((f, i) => ({ ...f, pool: p.name, key: `${p.number}.${f.name}.${i}` }))).sort((a, b) => b[by] - a[by]).slice(0, 100), f => f.key, (c, f) => {
      say(c[0], f.name); say(c[1], f.pool); say(c[2], number(f.completed)); say(c[3], number(f.failed)); [f.p50, f.p99, f.longest].forEach((t, i) => say(c[4 + i], f.histogram.length ? time(t) : ''));
      const bars = inner(c[7], 'div', 'bars'), top = Math.max(...f.histogram.map(h => h.calls), 1);
      while (bars.childElementCount < f.histogram.length) bars.append(make('i'));
      while (bars.childElementCount > f.histogram.length) bars.lastChild.remove();
      f.histogram.forEach((h, i) => { const e = bars.children[i]; e.style.height = `${h.calls / top * 100}%`; e.title = `${time(h.from)} to ${time(2 * h.from)}: ${number(h.calls)}`; });
      bars.setAttribute('role', 'img'); bars.setAttribute('aria-label', f.histogram.map(h => `${number(h.calls)} from ${time(h.from)}`).join(', '));
      say(inner(c[7], 'p', 'ends'), f.histogram.length ? `${time(f.histogram[0].from)} to ${time(2 * f.histogram.at(-1).from)}` : '');
    });
  };
  const end = d => d.signal != null ? `signal ${d.signal}` : d.exitCode != null ? `exit code ${d.exitCode}` : '';
  const showDeaths = s => keyed($('deaths').querySelector('.list'), s.deaths, d => d.at + d.worker, d => {
    const whole = make('details'), head = make('summary'), body = make('div');
    head.append(make('span', clock(d.at)), ' ', make('span', d.reason, 'tag bad'), ' ', make('span', d.message));
    body.append(make('p', [d.worker, d.processId && `pid ${d.processId}`, end(d), d.call && `while it ran ${d.call}${d.seconds == null ? '' : `, after ${time(d.seconds)}`}`].filter(Boolean).join(', ')));
    for (const cause of d.likelyCauses) body.append(make('p', `Likely: ${cause}`));
    if (d.lastLogLines.length) body.append(make('p', 'Last lines', 'dim'), make('pre', d.lastLogLines.join('\n')));
    if (d.stacks) body.append(make('p', 'Stacks', 'dim'), make('pre', d.stacks));
    whole.append(head, body);
    return whole;
  }, () => {});

  // --- The log: kept here, and searched here ---
  const lines = document.querySelector('.lines');
  const options = (id, names) => {
    const select = $(id), there = [...select.options].slice(1).map(o => o.value);
    if (names.length === there.length && names.every((n, i) => n === there[i])) return;
    const value = select.value;
    select.replaceChildren(select.options[0], ...names.map(n => new Option(n, n)));
    select.value = names.includes(value) ? value : '';
  };
  const passes = () => {
    const text = $('search').value.toLowerCase(), pool = $('ofPool').value, worker = $('ofWorker').value, level = levels.indexOf($('level').value);
    return r => levels.indexOf(r.level) >= level && (!pool || r.pool === pool) && (!worker || r.worker === worker) && (!text || `${r.text} ${r.category} ${r.worker ?? ''}`.toLowerCase().includes(text));
  };
  const line = r => {
    const e = make('li');
    e.append(make('span', moment(r.at)), make('span', r.level, `tag ${{ Warning: 'warn', Error: 'bad', Critical: 'bad' }[r.level] ?? ''}`), make('span', r.worker ?? r.pool ?? r.category), make('span', r.text));
    return e;
  };
  const showLog = () => {
    const found = records.filter(passes());
    keyed(lines, found.slice(-drawn).reverse(), r => r.number, line, () => {});
    say($('shown'), `${number(found.length)} of ${number(records.length)} records${found.length > drawn ? `, the latest ${drawn} shown` : ''}`);
  };
  const addLog = added => {
    if (!added.length) return;
    records = records.concat(added).slice(-most);
    const some = key => [...new Set(records.map(r => r[key]).filter(Boolean))].sort();
    options('ofPool', some('pool')); options('ofWorker', some('worker'));
  };
  for (const id of ['search', 'ofPool', 'ofWorker', 'level']) $(id).addEventListener('input', showLog);
  $('order').addEventListener('input', () => last && showFunctions(last));

  // --- Live ---
  const show = () => {
    say($('program'), `${last.program}, pid ${last.processId}`); document.title = `${last.program}: Kernmantle`;
    showPools(last); showWorkers(last); showRunning(last); showFunctions(last); showDeaths(last); showLog();
  };
  const status = (text, kind) => { const e = $('status'); say(e, text); e.className = kind; document.body.classList.toggle('lost', kind === 'bad'); };
  const source = new EventSource(`${base}/events`);
  source.addEventListener('access', e => { mayAct = JSON.parse(e.data).actions; records = []; before = last = null; });
  source.onmessage = e => {
    const got = JSON.parse(e.data);
    addLog(got.log);
    before = last; last = got; root.dataset.at = got.at;
    status(paused ? 'paused' : mayAct ? 'live' : 'live, read only', paused ? 'warn' : 'good');
    if (!paused) show();
  };
  source.onerror = () => status(source.readyState === EventSource.CLOSED ? 'refused: open the page again' : 'connection lost, trying again', 'bad');

  // --- Keys ---
  const pause = () => { paused = !paused; $('pause').setAttribute('aria-pressed', paused); say($('pause'), paused ? 'Go on' : 'Pause'); if (!paused && last) show(); status(paused ? 'paused' : 'live', paused ? 'warn' : 'good'); };
  $('pause').addEventListener('click', pause);
  $('theme').addEventListener('click', swap);
  const sections = ['pools', 'workers', 'running', 'functions', 'deaths', 'log'];
  addEventListener('keydown', e => {
    if (e.ctrlKey || e.altKey || e.metaKey || dialog.open) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) { if (e.key === 'Escape') e.target.blur(); return; }
    const section = sections['123456'.indexOf(e.key)];
    if (section && e.key) { $(section).scrollIntoView(); $(section).focus({ preventScroll: true }); }
    else if (e.key === '/') $('search').focus();
    else if (e.key === 'p') pause();
    else if (e.key === 't') swap();
    else return;
    e.preventDefault();
  });
})();
