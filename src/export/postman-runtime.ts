/**
 * What the scripts of an exported Postman collection share: plain JavaScript for Postman's sandbox, as text. It follows `src/judge` and
 * `src/run/step.ts` line by line; `postman.test.ts` runs both on the same answers.
 *
 * @module
 */

/** Defines the global `dac`; `__TABLES__` is replaced by what the collection's profiles say. */
export const postmanRuntime = String.raw`// Shared by every request of this collection. The checks themselves stand in the requests.
dac = (() => {
  const { authorities, surfaces, schemas, secrets } = __TABLES__;
  // Each script has a "pm" of its own: the calling one hands its over.
  let pm;
  let store;
  const use = (ofCaller) => {
    pm = ofCaller;
    store = pm.collectionVariables;
    return dac;
  };
  const get = (name) => {
    const base = pm.variables.get('baseUrl') || '';
    const [, origin = '', path = ''] = /^(https?:\/\/[^/]+)(.*?)\/?$/.exec(base) || [];
    if (name === 'target.baseUrl') return base;
    if (name === 'target.origin') return origin;
    if (name === 'target.basePath') return path;
    if (name === 'target.host' || name === 'host') return origin.replace(/^https?:\/\//, '');
    if (name === 'answer.status') return pm.response && pm.response.code;
    return store.has(name) ? store.get(name) : pm.variables.get(name);
  };

  // ── values: name | filter, as in the contract language ──
  /** UTF-8 as a string of bytes. */
  const binary = (text) => encodeURIComponent(text).replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const bytes = (text) => Array.from(binary(text), (one) => one.charCodeAt(0));
  const base64 = (text) => btoa(binary(text));
  const flip = (text, index) => {
    const all = Array.from(text);
    const at = index(all.length);
    const flipOne = (char) => {
      for (const [first, size] of [['0', 10], ['A', 26], ['a', 26]]) {
        const offset = char.charCodeAt(0) - first.charCodeAt(0);
        if (char.length === 1 && offset >= 0 && offset < size) return String.fromCharCode(first.charCodeAt(0) + ((offset + size / 2) % size));
      }
      return char === '-' ? '_' : char === '_' ? '-' : 'x';
    };
    if (all[at] !== undefined) all[at] = flipOne(all[at]);
    return all.join('');
  };
  const filters = {
    upper: (text) => text.toUpperCase(),
    lower: (text) => text.toLowerCase(),
    swapcase: (text) => Array.from(text, (one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())).join(''),
    chop: (text, count = 1) => Array.from(text).slice(0, -count).join(''),
    behead: (text) => Array.from(text).slice(1).join(''),
    flip: (text) => flip(text, (length) => length - 1),
    'flip-first': (text) => flip(text, () => 0),
    'flip-middle': (text) => flip(text, (length) => Math.floor(length / 2)),
    double: (text) => text + text,
    reverse: (text) => Array.from(text).reverse().join(''),
    pad: (text) => ' ' + text + ' ',
    base64,
    base64url: (text) => base64(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''),
    percent: (text) => bytes(text).map((one) => '%' + one.toString(16).toUpperCase().padStart(2, '0')).join(''),
    form: (text) => encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()~]/g, (one) => '%' + one.charCodeAt(0).toString(16).toUpperCase()),
    json: (text) => JSON.stringify(text).slice(1, -1),
    repeat: (text, times) => text.repeat(times),
    minus: (text, by = 1) => String(Number(text) - by),
    over: (text, by = 1) => String(Number(text) / by),
    url: (text) => encodeURIComponent(text),
  };
  const asText = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  const split = (text, separator) => {
    const parts = [''];
    let depth = 0;
    for (const char of text) {
      depth += char === '(' ? 1 : char === ')' ? -1 : 0;
      if (char === separator && depth === 0) parts.push('');
      else parts[parts.length - 1] += char;
    }
    return parts.map((part) => part.trim());
  };
  /** The value of "name | filter | …"; undefined when a name has none. */
  const evaluate = (text) => {
    const [operand, ...calls] = split(text, '|');
    const pair = /^basic\((.*)\)$/.exec(operand);
    let value;
    if (pair) {
      const [user, password] = split(pair[1], ',').map(evaluate);
      value = user === undefined || password === undefined ? undefined : base64(asText(user) + ':' + asText(password));
    } else value = get(operand);
    if (value === undefined || value === null) return undefined;
    for (const call of calls) {
      const [, name, argument] = /^([\w-]+)(?:\((\d+)\))?$/.exec(call);
      value = filters[name](asText(value), argument === undefined ? undefined : Number(argument));
    }
    return value;
  };
  class Missing extends Error {}
  const fill = (template) => {
    if (typeof template === 'string') {
      const whole = /^\{\{([^{}]+)\}\}$/.exec(template);
      const valueOf = (text) => {
        const value = evaluate(text);
        if (value === undefined) throw new Missing(text);
        return value;
      };
      if (whole) return valueOf(whole[1]);
      return template.replace(/\{\{([^{}]+)\}\}/g, (_, text) => asText(valueOf(text)));
    }
    if (Array.isArray(template)) return template.map(fill);
    if (typeof template === 'object' && template !== null) {
      return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(value)]));
    }
    return template;
  };

  // ── before a request ──
  /** Sets generated values, and every variable of the request that has a filter; leaves out fields whose optional variable is empty. */
  const prepare = (generated, isFirst) => {
    if (isFirst) {
      for (const name of Object.keys(store.toObject())) if (name !== 'dac') store.unset(name);
    }
    for (const [name, value] of Object.entries(generated)) pm.variables.set(name, value);
    const request = pm.request;
    const body = request.body || {};
    for (const list of [request.headers, request.url.query, body.urlencoded, body.formdata]) {
      if (!list || !list.all) continue;
      for (const field of list.all()) {
        const optional = Array.from(String(field.value || '').matchAll(/\{\{([^{}|]+)\?[^{}]*\}\}/g), (match) => match[1]);
        if (optional.some((name) => [undefined, null, ''].includes(get(name)))) list.remove((one) => one === field);
        else if (optional.length > 0) field.value = String(field.value).replace(/\?(?=[ |}])/g, '');
      }
    }
    for (const [, text] of JSON.stringify(request.toJSON()).matchAll(/\{\{([^{}]+)\}\}/g)) {
      const value = evaluate(text.replace(/\\(.)/g, '$1'));
      if (value !== undefined && !store.has(text)) pm.variables.set(text, asText(value));
    }
  };
  /** A proof is asked for only when there is something to prove. */
  const onlyAfter = (step) => {
    if (store.get('success of ' + step) !== 'yes') pm.execution.skipRequest();
  };

  /** A row whose filter changes nothing on this target would test nothing. */
  const onlyIfDiffers = (sent, plain) => {
    const value = (template) => {
      try {
        return fill(template);
      } catch (error) {
        return undefined;
      }
    };
    if (value(sent) !== undefined && asText(value(sent)) === asText(value(plain))) pm.execution.skipRequest();
  };

  // ── matching ──
  const nothing = Symbol('absent');
  const matchers = ['equals', 'type', 'matches', 'oneOf', 'min', 'max', 'startsWith', 'contains', 'length', 'absent', 'present', 'not'];
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const isMatcher = (value) => isObject(value) && Object.keys(value).length > 0 && Object.keys(value).every((key) => matchers.includes(key));
  const show = (value) => (value === nothing || value === undefined ? 'absent' : (JSON.stringify(value) || '').slice(0, 300));
  const differ = (at, expected, actual) => [(at || 'body') + ': expected ' + expected + ', found ' + actual];
  const deepEqual = (a, b) => {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.prototype.hasOwnProperty.call(b, key) && deepEqual(a[key], b[key]));
  };
  const compare = (expected, actual, at) => {
    if (isMatcher(expected)) {
      if (expected.absent === true) return actual === nothing ? [] : differ(at, 'absent', show(actual));
      if (actual === nothing) return differ(at, show(expected), 'absent');
      return Object.entries(expected).every(([name, operand]) => holds(name, operand, actual)) ? [] : differ(at, show(expected), show(actual));
    }
    if (actual === nothing) return differ(at, show(expected), 'absent');
    if (Array.isArray(expected)) {
      if (!Array.isArray(actual)) return differ(at, 'an array', show(actual));
      const lengths = expected.length === actual.length ? [] : differ(at, expected.length + ' items', actual.length + ' items');
      return [...lengths, ...expected.flatMap((item, index) => (index < actual.length ? compare(item, actual[index], at + '/' + index) : []))];
    }
    if (isObject(expected)) {
      if (!isObject(actual)) return differ(at, 'an object', show(actual));
      return Object.entries(expected).flatMap(([key, value]) =>
        compare(value, Object.prototype.hasOwnProperty.call(actual, key) ? actual[key] : nothing, at + '/' + key),
      );
    }
    return expected === actual ? [] : differ(at, show(expected), show(actual));
  };
  const isScalar = (value) => typeof value === 'string' || typeof value === 'number';
  const toNumber = (value) => (typeof value === 'number' ? value : typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : NaN);
  const typesOf = (value) =>
    value === null ? ['null'] : Array.isArray(value) ? ['array'] : Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
  const holds = (name, operand, actual) => {
    switch (name) {
      case 'equals':
        return isScalar(operand) && isScalar(actual) ? String(operand) === String(actual) : deepEqual(operand, actual);
      case 'type':
        return [].concat(operand).some((wanted) => typesOf(actual).includes(String(wanted)));
      case 'matches':
        return typeof actual === 'string' && new RegExp(String(operand), 'u').test(actual);
      case 'oneOf':
        return Array.isArray(operand) && operand.some((one) => compare(one, actual, '').length === 0);
      case 'min':
        return toNumber(actual) >= Number(operand);
      case 'max':
        return toNumber(actual) <= Number(operand);
      case 'startsWith':
        return typeof actual === 'string' && actual.toLowerCase().startsWith(String(operand).toLowerCase());
      case 'contains':
        return Array.isArray(actual)
          ? actual.some((item) => compare(operand, item, '').length === 0)
          : typeof actual === 'string' && actual.includes(String(operand));
      case 'length':
        return (typeof actual === 'string' || Array.isArray(actual)) && compare(operand, actual.length, '').length === 0;
      case 'absent':
        return true;
      case 'present':
        return operand === true;
      case 'not':
        return compare(operand, actual, '').length > 0;
    }
  };
  const read = (document, pointer) => {
    let value = document;
    for (const raw of pointer.split('/').slice(1)) {
      const key = raw.replace(/~1/g, '/').replace(/~0/g, '~');
      if (Array.isArray(value) ? !/^(0|[1-9]\d*)$/.test(key) || Number(key) >= value.length : !isObject(value) || !Object.prototype.hasOwnProperty.call(value, key)) return nothing;
      value = value[key];
    }
    return value;
  };

  // ── the answer ──
  const header = (answer, name) => {
    const values = answer.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    return values.length === 0 ? nothing : values.join(', ');
  };
  const json = (answer) => {
    if (answer.text === '' || answer.text.charCodeAt(0) === 0xfeff) return nothing;
    try {
      return JSON.parse(answer.text);
    } catch (error) {
      return nothing;
    }
  };
  const take = () => ({
    status: pm.response.code,
    text: pm.response.text() || '',
    headers: pm.response.headers.all().map(({ key, value }) => [key, value]),
  });
  let answer;
  let current;
  let written = [];
  const keyTypes = (value, at = '') => {
    if (Array.isArray(value)) return [...new Set(value.flatMap((item) => keyTypes(item, at + '/*')))].sort();
    if (isObject(value)) return Object.entries(value).flatMap(([key, member]) => keyTypes(member, at + '/' + key)).sort();
    return [at + ': ' + (value === null ? 'null' : typeof value)];
  };
  const part = (one, name) => {
    if (name === 'status') return one.status;
    if (name === 'content-type') return String(header(one, name) === nothing ? '' : header(one, name)).split(';')[0].trim().toLowerCase();
    const body = json(one);
    if (name === 'body') return body === nothing ? one.text : body;
    if (name === 'keys') return body === nothing ? 'no JSON' : keyTypes(body);
    if (name[0] === '/') return body === nothing ? undefined : read(body, name) === nothing ? undefined : read(body, name);
    return header(one, name) === nothing ? undefined : header(one, name);
  };
  const decode = (token) => {
    try {
      const parts = String(token).split('.');
      const [head, claims] = parts.slice(0, 2).map((one) => JSON.parse(decodeURIComponent(Array.from(atob(one.replace(/-/g, '+').replace(/_/g, '/')), (char) => '%' + char.charCodeAt(0).toString(16).padStart(2, '0')).join(''))));
      return parts.length === 3 && typeof head === 'object' && head !== null && typeof claims === 'object' && claims !== null ? { head, claims } : undefined;
    } catch (error) {
      return undefined;
    }
  };
  /** Every difference between an expectation and the answer. */
  const match = (expected) => {
    const withJson = (test) => (json(answer) === nothing ? differ('body', 'JSON', show(answer.text.slice(0, 60))) : test(json(answer)));
    if ('status' in expected) {
      const wanted = [].concat(expected.status);
      const fits = wanted.some((one) => (typeof one === 'number' ? one === answer.status : one[0] === String(answer.status)[0]));
      return fits ? [] : differ('status', wanted.join(' or '), answer.status);
    }
    if ('header' in expected) {
      return Object.entries(expected.header).flatMap(([name, value]) => {
        const found = header(answer, name);
        if (value === null) return found === nothing ? [] : differ('header ' + name, 'absent', show(found));
        return compare(value, found, 'header ' + name);
      });
    }
    if ('json' in expected) return withJson((body) => compare(expected.json, body, ''));
    if ('text' in expected) return expected.text === null ? differ('body', 'absent', 'present') : compare(expected.text, answer.text, 'body');
    if ('absent' in expected) {
      return json(answer) === nothing ? [] : expected.absent.flatMap((at) => (read(json(answer), at) === nothing ? [] : differ(at, 'absent', 'present')));
    }
    if ('body' in expected) {
      return withJson((body) => {
        const Ajv = require('ajv');
        const guard = new Ajv({ allErrors: true, schemaId: 'auto', logger: false }).compile(schemas[expected.body]);
        return guard(body) ? [] : (guard.errors || []).map((error) => 'body' + (error.dataPath || error.instancePath || '') + ': ' + error.message);
      });
    }
    if ('same' in expected || 'differs' in expected) {
      const kept = store.get('answer of ' + (expected.same || expected.differs));
      const earlier = kept && JSON.parse(kept);
      if (!earlier) throw new Missing('the answer of ' + (expected.same || expected.differs));
      return expected.at.flatMap((name) =>
        deepEqual(part(earlier, name), part(answer, name)) === 'same' in expected
          ? []
          : differ(name, 'same' in expected ? show(part(earlier, name)) : 'another value', show(part(answer, name))),
      );
    }
    if ('within' in expected) {
      return withJson((body) => {
        const number = toNumber(read(body, expected.within));
        const fits = (expected.min === undefined || number >= Number(expected.min)) && (expected.max === undefined || number <= Number(expected.max));
        return fits ? [] : differ(expected.within, 'a number from ' + expected.min + ' to ' + expected.max, show(read(body, expected.within)));
      });
    }
    if ('jwt' in expected) {
      return withJson((body) => {
        const decoded = decode(read(body, expected.jwt));
        if (decoded === undefined) return differ(expected.jwt, 'a JWT', show(read(body, expected.jwt)));
        return [
          ...(expected.jwtHeader ? compare(expected.jwtHeader, decoded.head, expected.jwt + ' (JWT header)') : []),
          ...(expected.claims ? compare(expected.claims, decoded.claims, expected.jwt + ' (JWT claims)') : []),
        ];
      });
    }
    throw new Error('unknown expectation ' + Object.keys(expected));
  };

  // ── judging ──
  /** pass, warn, fail or blocked, with the differences. An authority of the profile decides; another witness only warns. */
  const judge = (level, alternatives) => {
    let matched;
    try {
      matched = alternatives.map((one) => ({
        witness: one.witness,
        isAuthority: one.witness === 'invariant' || authorities[current.profile].includes(one.witness),
        differences: one.differences || match(fill(one)),
      }));
    } catch (error) {
      if (error instanceof Missing) return { verdict: 'blocked', differences: ['it needs ' + error.message] };
      throw error;
    }
    const heard = matched.filter((one) => one.isAuthority);
    const fits = (one) => one.differences.length === 0;
    let verdict = 'pass';
    if (heard.some(fits)) verdict = 'pass';
    else if (heard.length > 0) verdict = matched.some(fits) ? 'warn' : 'fail';
    else if (!matched.some(fits)) verdict = matched.some((one) => one.witness === 'rfc' || one.witness === 'practice') ? 'warn' : 'pass';
    if (level === 'may') verdict = 'pass';
    if (level === 'should' && verdict === 'fail') verdict = 'warn';
    return { verdict, differences: (heard[0] || matched[0] || { differences: [] }).differences };
  };
  const tell = (name, { verdict, differences }) => {
    if (verdict === 'blocked') return pm.test.skip('#' + name + ' (blocked: ' + differences[0] + ')', () => {});
    pm.test('#' + name + (verdict === 'warn' ? ' (warn: ' + differences[0] + ')' : ''), () => {
      if (verdict === 'fail') throw new Error(differences.join('; '));
    });
  };
  const invariant = (name, differences) => tell(name, judge('must', [{ witness: 'invariant', differences }]));

  // ── after a request ──
  const traces = [/^#\d+ [^\n]*\.(php|module|inc)\(\d+\)/m, /\bStack trace:\s*\n?\s*#0 /, /<b>(Fatal error|Warning|Notice|Deprecated)<\/b>: .{1,500} on line <b>\d+<\/b>/s, /\bPHP (Fatal error|Warning|Notice|Parse error): .{1,500} on line \d+/s, /\bSQLSTATE\[\w+\]/];
  const isRefusal = () => (answer.status >= 300 && answer.status < 500) || answer.status === 501 || answer.status === 505;
  const isSuccess = () => answer.status >= 200 && answer.status < 300;
  const surfaceOf = (name) => surfaces[current.profile][name];
  const given = (surface) =>
    surface.yields.flatMap((at) => {
      const value = json(answer) === nothing ? nothing : read(json(answer), at);
      return value === nothing || value === null || value === '' ? [] : differ(at, 'absent', show(value));
    });
  /** Begins the judgement of a step; what is wrong under every reading is told at once. */
  const step = (profile, name, foretold = []) => {
    current = { profile, name };
    written = [];
    answer = pm.response && pm.response.code ? take() : { status: 0, text: '', headers: [] };
    store.set('answer of ' + name, JSON.stringify(answer));
    if (!answer.status) return pm.test.skip('#' + name + ' (blocked: no answer)', () => {});
    const rest = header(answer, 'retry-after');
    if ((answer.status === 429 || (answer.status === 503 && rest !== nothing)) && !foretold.includes(answer.status)) {
      return pm.test.skip('#' + name + ' (blocked: the target asks for a rest)', () => {});
    }
    if (answer.status >= 500 && answer.status !== 501 && answer.status !== 505 && !foretold.includes(answer.status)) {
      invariant('no-server-error', differ('status', 'below 500', answer.status));
    }
    const echoed = secrets.find((secret) => String(pm.variables.get(secret) || '').length >= 8 && answer.text.includes(pm.variables.get(secret)));
    if (echoed) invariant('no-secret-echo', differ('secret in the answer', 'none', echoed));
    if (traces.some((pattern) => pattern.test(answer.text))) invariant('no-stack-trace', differ('body', 'no stack trace', 'one'));
  };
  /** One named check with the alternatives that may hold, each with its witness. */
  const check = (name, level, ...alternatives) => {
    written.push(name);
    tell(name, judge(level, alternatives));
  };
  const checkSurface = (checks) =>
    checks.filter(({ as }) => !written.includes(as)).map(({ name, level, any }) => ({ name, ...judge(level, any) }));
  const keep = (name, from, at) => {
    const value = from === 'header' ? header(answer, at) : json(answer) === nothing ? nothing : read(json(answer), at);
    if (value !== nothing) store.set(name, value);
  };
  const accepted = (name) => {
    const surface = surfaceOf(name);
    for (const one of checkSurface(surface.accepted)) tell(one.name, one);
    for (const { name, from, at } of surface.capture) keep(name, from, at);
    store.set('success of ' + current.name, 'yes');
  };
  const refused = (name) => {
    const surface = surfaceOf(name);
    for (const one of checkSurface(surface.refused)) tell(one.name, one);
    invariant('nothing-given', given(surface));
    if (written.includes('status') || surface.refused.some((one) => one.name === 'status')) return;
    invariant('status', (answer.status >= 400 && answer.status < 500) || answer.status === 501 ? [] : differ('status', '4xx', answer.status));
  };
  const either = (name) => {
    const surface = surfaceOf(name);
    if (given(surface).length === 0 && !isSuccess()) {
      return invariant('outcome', isRefusal() ? [] : differ('status', 'a complete success, or a refusal (4xx)', answer.status));
    }
    const faults = checkSurface(surface.accepted).filter(({ verdict }) => verdict === 'fail' || verdict === 'blocked');
    for (const { name, from, at } of surface.capture) keep(name, from, at);
    if (faults.length === 0) {
      store.set('success of ' + current.name, 'yes');
      return invariant('outcome', []);
    }
    const shape = surface.refused.filter((one) => one.name !== 'status');
    const isShaped = shape.length > 0 && shape.every(({ level, any }) => ['pass', 'warn'].includes(judge(level, any).verdict));
    if (given(surface).length > 0 || !isShaped) return invariant('outcome', faults.flatMap(({ differences }) => differences).slice(0, 5));
    invariant('outcome', []);
    refused(name);
  };
  return { use, prepare, onlyAfter, onlyIfDiffers, step, check, accepted, refused, either, keep, evaluate };
})();`;
