/** Tells whether work grows faster than its input, by the processor's time for inputs that are eight times as long each. */

export interface Growth {
  readonly nChars: number;
  readonly cpuMs: number;
  /** Of the time for eight times as much to the time before. */
  readonly ratio: number;
}

/** Linear work takes 8 times as long on 8 times as much; quadratic 64 times. Caches and collections add some. */
const maxRatio = 28;
/** Below this the clock and other work on the machine say more than the growth does. */
const minTellingMs = 12;
/** For a character, of linear work that does much. */
const plentyMs = 0.0003;
const step = 8;

/**
 * The first step at which `run` took too much longer than before, or undefined when it stays linear up to `maxChars`.
 * Begins small, so that even exponential work ends.
 */
export function tooMuchGrowth(run: (nChars: number) => void, maxChars: number): Growth | undefined {
  const isQuick = [24, maxChars / step ** 2, maxChars].every(
    (nChars) => cpuMsOf(() => run(nChars)) < minTellingMs + nChars * plentyMs,
  );
  return isQuick ? undefined : climb(run, maxChars);
}

function climb(run: (nChars: number) => void, maxChars: number): Growth | undefined {
  // Short times are mostly the clock's.
  let before = Math.max(
    0.25,
    cpuMsOf(() => run(24)),
  );
  if (before > minTellingMs * 10) return { nChars: 24, cpuMs: before, ratio: Infinity };
  for (let nChars = maxChars / step ** 4; nChars <= maxChars; nChars *= step) {
    const last = before;
    const isSuspicious = (cpuMs: number) => cpuMs > minTellingMs && cpuMs / last > maxRatio;
    let cpuMs = cpuMsOf(() => run(nChars));
    // Something else may have cost time just now: the best of three counts.
    for (let i = 0; i < 2 && isSuspicious(cpuMs); i++)
      cpuMs = Math.min(
        cpuMs,
        cpuMsOf(() => run(nChars)),
      );
    if (isSuspicious(cpuMs)) return { nChars, cpuMs, ratio: cpuMs / last };
    before = Math.max(0.25, cpuMs);
  }
  return undefined;
}

function cpuMsOf(action: () => void): number {
  const start = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** What has made matchers slow before: runs of one thing, each also before something that does not fit. */
export const badRuns: readonly string[] = [
  ...[
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    'a',
    'A',
    '1',
    '_',
    '$',
    '-',
    '.',
    '/',
    '\\',
    '*',
    '?',
    '!',
    '#',
    ':',
    ',',
    '=',
  ],
  ...[
    '(',
    ')',
    '[',
    '{',
    '}',
    '<',
    '"',
    "'",
    '`',
    '@',
    '\u00e9',
    '\ufffd',
    '\u{1f600}',
    '\0',
    'aB',
    'a.',
    'a/',
    '../',
  ],
  ...[
    'a ',
    ' a',
    'a\n',
    '\n ',
    'a(',
    '()',
    '[]',
    '"a',
    "\\'",
    '//',
    '/*',
    '*/',
    '<!--',
    'a*',
    '**/',
    '\\ ',
    '==',
  ],
];

/** `nChars` of the run; with `end`, that stands behind it. */
export function repeatTo(run: string, nChars: number, end = ''): string {
  return run.repeat(Math.ceil(nChars / run.length)).slice(0, nChars) + end;
}
