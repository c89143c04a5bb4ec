/**
 * Source text that runs once in each new vm context, with what the host gives it.
 *
 * Handlers meet objects of the host (what the SDK returns and throws), so `instanceof` of the common classes also recognizes
 * those. Date and Math.random become the kernel's, and local time is UTC, as it is in Lambda, wherever the simulator runs.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (TZ)
 */
export const PRELUDE = `(function (host) {
  'use strict';
  const define = (target, name, value) => Object.defineProperty(target, name, { value, writable: true, configurable: true });
  const ordinary = Function.prototype[Symbol.hasInstance];
  const accept = (Class, recognizes) => define(Class, Symbol.hasInstance, function (value) {
    return ordinary.call(this, value) || (this === Class && recognizes(value));
  });
  accept(Object, (value) => (typeof value === 'object' && value !== null) || typeof value === 'function');
  accept(Array, Array.isArray);
  accept(Promise, host.isPromise);
  accept(Map, host.isMap);
  accept(Set, host.isSet);
  accept(RegExp, host.isRegExp);
  accept(Error, host.isError);
  for (const Class of [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
    accept(Class, (value) => host.isError(value) && value.name === Class.name);
  }
  define(Math, 'random', () => host.random());

  const RealDate = Date;
  const { parse: realParse, UTC } = RealDate;
  const withoutZone = /^[+-]?\\d{4,6}-\\d\\d-\\d\\dT[\\d:.]+$/;
  const zone = /Z$|GMT|UTC|[+-]\\d{2}:?\\d{2}\\b/i;
  const parse = (text) => {
    if (withoutZone.test(text)) return realParse(text + 'Z');
    const utc = zone.test(text) ? NaN : realParse(text + ' UTC');
    return Number.isNaN(utc) ? realParse(text) : utc;
  };
  const time = (args) => {
    if (args.length === 0) return host.now();
    if (args.length > 1) return UTC(...args);
    const [value] = args;
    return typeof value === 'string' ? parse(value) : value;
  };
  const SimulatedDate = function (...args) {
    if (!new.target) return new SimulatedDate().toString();
    return Reflect.construct(RealDate, [time(args)], new.target);
  };
  define(SimulatedDate, 'name', 'Date');
  define(SimulatedDate, 'length', 7);
  const prototype = RealDate.prototype;
  SimulatedDate.prototype = prototype;
  define(prototype, 'constructor', SimulatedDate);
  define(SimulatedDate, 'now', () => host.now());
  define(SimulatedDate, 'parse', (text) => parse(String(text)));
  define(SimulatedDate, 'UTC', UTC);
  accept(SimulatedDate, host.isDate);
  for (const unit of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    define(prototype, 'get' + unit, prototype['getUTC' + unit]);
    if (unit !== 'Day') define(prototype, 'set' + unit, prototype['setUTC' + unit]);
  }
  define(prototype, 'getTimezoneOffset', function () { return Number.isNaN(this.getTime()) ? NaN : 0; });
  const textOf = (date, day, clock) => {
    if (Number.isNaN(date.getTime())) return 'Invalid Date';
    const [weekday, number, month, year, hours] = date.toUTCString().split(' ');
    return [day && weekday.slice(0, 3) + ' ' + month + ' ' + number + ' ' + year, clock && hours + ' GMT+0000 (Coordinated Universal Time)']
      .filter(Boolean).join(' ');
  };
  define(prototype, 'toString', function () { return textOf(this, true, true); });
  define(prototype, 'toDateString', function () { return textOf(this, true, false); });
  define(prototype, 'toTimeString', function () { return textOf(this, false, true); });
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const real = prototype[name];
    define(prototype, name, function (locale, options) { return real.call(this, locale, { timeZone: 'UTC', ...options }); });
  }
  define(globalThis, 'Date', SimulatedDate);
  const RealFormat = Intl.DateTimeFormat;
  define(Intl, 'DateTimeFormat', new Proxy(RealFormat, {
    construct: (target, [locale, options], newTarget) => Reflect.construct(target, [locale, { timeZone: 'UTC', ...options }], newTarget),
    apply: (target, self, [locale, options]) => new target(locale, { timeZone: 'UTC', ...options }),
  }));
})`;
