/**
 * One pattern of a `.gitignore` file, matched as git does (https://git-scm.com/docs/gitignore; wildmatch.c and dir.c of git),
 * byte by byte, in time proportional to pattern times path whatever stands in either.
 */

/** A text with one character for each byte of its UTF-8, as git compares them. */
export type ByteText = string;

export interface GitPattern {
  /** As written, for a person. */
  readonly text: string;
  readonly isNegated: boolean;
  readonly isFolderOnly: boolean;
  /** Matched against the last part of a path; else against all of it, below the folder of the rule file. */
  readonly isNameOnly: boolean;
  /** Set where the pattern is plain text: it matches this and nothing else. */
  readonly literal: ByteText | undefined;
  matches(subject: ByteText): boolean;
}

export function toBytes(text: string): ByteText {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}

/** ASCII alone, as git folds case. */
export function foldCase(bytes: ByteText): ByteText {
  return bytes.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Undefined for a blank line and a comment. @param line without its line end. */
export function parseGitPattern(line: ByteText, ignoresCase: boolean): GitPattern | undefined {
  if (line.startsWith('#')) return undefined;
  const whole = trimBlanks(line);
  const isNegated = whole.startsWith('!');
  let pattern = isNegated ? whole.slice(1) : whole;
  const isFolderOnly = pattern.endsWith('/');
  if (isFolderOnly) pattern = pattern.slice(0, -1);
  if (pattern === '') return undefined;
  const isNameOnly = !pattern.includes('/');
  if (!isNameOnly && pattern.startsWith('/')) pattern = pattern.slice(1);
  if (ignoresCase) pattern = foldCase(pattern);
  const plainLength = pattern.search(/[*?[\\]/);
  return {
    text: Buffer.from(whole, 'latin1').toString('utf8'),
    isNegated,
    isFolderOnly,
    isNameOnly,
    literal: plainLength < 0 ? pattern : undefined,
    matches: createMatcher(pattern, plainLength, ignoresCase),
  };
}

function createMatcher(
  pattern: string,
  plainLength: number,
  ignoresCase: boolean,
): (subject: ByteText) => boolean {
  const fold = (subject: ByteText) => (ignoresCase ? foldCase(subject) : subject);
  if (plainLength < 0) return (subject) => fold(subject) === pattern;
  const plain = pattern.slice(0, plainLength);
  const tail = pattern.slice(plainTail(pattern));
  let tokens: readonly Token[] | undefined;
  return (subject) => {
    const text = fold(subject);
    if (!text.startsWith(plain) || !text.endsWith(tail)) return false;
    // Read when they are first needed: most paths differ in the plain beginning or end.
    tokens ??= readTokens(pattern.slice(plainLength), ignoresCase);
    return matchTokens(tokens, text, plainLength);
  };
}

/** Where the text begins that a path must end with; a slash may belong to what stands for no folder at all. */
function plainTail(pattern: string): number {
  let at = pattern.length;
  while (at > 0 && !'*?[]\\/'.includes(pattern[at - 1] as string)) at--;
  return at;
}

/** Blanks at the end do not count unless a backslash stands before them. */
function trimBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') end--;
  let nBackslashes = 0;
  while (end - nBackslashes > 0 && line[end - nBackslashes - 1] === '\\') nBackslashes++;
  return line.slice(0, nBackslashes % 2 === 1 && end < line.length ? end + 1 : end);
}

/** What one step of a pattern takes from the path: one character, or any number of them. */
type Token =
  /** This character. */
  | string
  /** `?` or a class: one character but no slash. */
  | ((code: number) => boolean)
  /** `*`, any number of characters but no slash. */
  | typeof anyName
  /** `**` at an end: any characters. */
  | typeof anyPath
  /** `**` and a slash: nothing, or folders with their slash; `inFolders` always follows it. */
  | typeof folders
  | typeof inFolders
  /** What git gives up on: matches nothing. */
  | typeof never;

const anyName = Symbol('*');
const anyPath = Symbol('**');
const folders = Symbol('**/');
const inFolders = Symbol('in **/');
const never = Symbol('broken');
const slashCode = 47;

/** @param rest a pattern from its first special character on; git takes that place for the beginning of a part. */
function readTokens(rest: string, ignoresCase: boolean): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < rest.length;) {
    const char = rest[at] as string;
    if (char === '*') at = readStars(rest, at, tokens);
    else if (char === '?') {
      tokens.push((code) => code !== slashCode);
      at++;
    } else if (char === '[') {
      const found = readClass(rest, at, ignoresCase);
      if (found === undefined) return [never];
      tokens.push(found.holds);
      at = found.end;
    } else if (char === '\\') {
      if (at + 1 === rest.length) return [never];
      tokens.push(rest[at + 1] as string);
      at += 2;
    } else {
      tokens.push(char);
      at++;
    }
  }
  return tokens;
}

/** Adds what a run of stars means, and returns where it ends. */
function readStars(rest: string, start: number, tokens: Token[]): number {
  let end = start;
  while (rest[end] === '*') end++;
  const isWholePart =
    end - start > 1 &&
    (start === 0 || rest[start - 1] === '/') &&
    (end === rest.length || rest[end] === '/' || rest.startsWith('\\/', end));
  if (!isWholePart) tokens.push(anyName);
  else if (rest[end] !== '/') tokens.push(anyPath);
  else {
    if (tokens.at(-1) !== inFolders) tokens.push(folders, inFolders);
    return end + 1;
  }
  return end;
}

interface CharacterClass {
  holds(code: number): boolean;
  /** Behind the closing bracket. */
  readonly end: number;
}

const namedClasses: Readonly<Record<string, RegExp>> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\0-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** Whether there is a class of that name. */
function addNamed(members: Uint8Array, name: string): boolean {
  const named = Object.hasOwn(namedClasses, name) ? namedClasses[name] : undefined;
  if (named === undefined) return false;
  for (let code = 0; code < 256; code++) {
    if (named.test(String.fromCharCode(code))) members[code] = 1;
  }
  return true;
}

/** Undefined where git finds the class broken. @param start of its bracket. */
function readClass(rest: string, start: number, ignoresCase: boolean): CharacterClass | undefined {
  const members = new Uint8Array(256);
  const isNegated = rest[start + 1] === '!' || rest[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  /** Where a range would begin; 0 where none can. */
  let before = 0;
  let at = first;
  for (; at === first || rest[at] !== ']'; at++) {
    if (at >= rest.length) return undefined;
    if (rest.startsWith('[:', at)) {
      const close = rest.indexOf(']', at + 2);
      if (close < 0) return undefined;
      if (rest[close - 1] === ':' && close - 1 >= at + 2) {
        if (!addNamed(members, rest.slice(at + 2, close - 1))) return undefined;
        [at, before] = [close, 0];
        continue;
      }
    }
    const isRange = rest[at] === '-' && before > 0 && at + 1 < rest.length && rest[at + 1] !== ']';
    if (isRange) at++;
    if (rest[at] === '\\') at++;
    if (at >= rest.length) return undefined;
    const code = rest.charCodeAt(at);
    for (let each = isRange ? before : code; each <= code; each++) members[each] = 1;
    before = isRange ? 0 : code;
  }
  if (ignoresCase) for (let code = 65; code <= 90; code++) members[code + 32] ||= members[code] as number;
  const holds = (code: number) => code !== slashCode && (members[code] === 1) !== isNegated;
  return { holds, end: at + 1 };
}

/** Follows all ways through the tokens at once, so that no text makes it try them one after the other. */
function matchTokens(tokens: readonly Token[], text: string, start: number): boolean {
  const nTokens = tokens.length;
  if (tokens.filter((token) => typeof token !== 'symbol').length > text.length - start) return false;
  let now = new Uint8Array(nTokens + 1);
  let next = new Uint8Array(nTokens + 1);
  now[0] = 1;
  skipEmpty(tokens, now);
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    let isAlive = false;
    next.fill(0);
    for (let at = 0; at < nTokens; at++) {
      if (now[at] === 0) continue;
      const token = tokens[at] as Token;
      if (token === inFolders || token === anyPath || (token === anyName && code !== slashCode)) next[at] = 1;
      const isPassed =
        token === inFolders
          ? code === slashCode
          : typeof token === 'string'
            ? token.charCodeAt(0) === code
            : typeof token === 'function' && token(code);
      if (isPassed) next[at + 1] = 1;
      isAlive ||= isPassed || next[at] === 1;
    }
    if (!isAlive) return false;
    [now, next] = [next, now];
    skipEmpty(tokens, now);
  }
  return now[nTokens] === 1;
}

/** Marks what can be reached without taking a character. */
function skipEmpty(tokens: readonly Token[], reached: Uint8Array): void {
  for (let at = 0; at < tokens.length; at++) {
    if (reached[at] === 0) continue;
    const token = tokens[at];
    if (token === anyName || token === anyPath) reached[at + 1] = 1;
    if (token === folders) reached[at + 1] = reached[at + 2] = 1;
  }
}
