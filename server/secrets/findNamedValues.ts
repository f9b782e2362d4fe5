/** Finds what is assigned to a password's name, or stands behind it: in code, settings, command lines and prose. */

import { lineAround } from './lineAround.ts';
import { hasFunctionWord } from './findPhrases.ts';
import { operandsBehind } from './findOperands.ts';
import { isCodeWord, isExpression, isPlaceholder } from './placeholders.ts';
import { isBeyondDoubt, randomBits } from './randomness.ts';
import { secretMark } from './scrubSecrets.ts';
import type { SecretRange } from './scrubSecrets.ts';
import { isTelling, passwordNames } from './tellingNames.ts';

/** In these files a bare word is a name; in all others it is a value. */
const codeFile =
  /\.(?:[cm]?[jt]sx?|py[iw]?|rb|go|rs|java|kts?|scala|groovy|swift|cs|fs|vb|c|cc|cpp|cxx|h|hpp|m|mm|php|lua|pl|pm|r|jl|dart|ex|exs|erl|hs|ml|clj|elm|vue|svelte|css|scss|less|sol|zig|nim)$/i;

/** As much behind a name as a value may take, with what stands between them. */
const maxChars = 300;

export function findNamedValues(text: string, path: string): SecretRange[] {
  const found: SecretRange[] = [];
  const isCode = codeFile.test(path);
  for (const name of passwordNames(text)) {
    const tail = text.slice(name.end, name.end + maxChars);
    const values = [assignedValue(tail), ...laterValues(tail)];
    const assigned = values.find((each) => each !== undefined && isSecretValue(each, text, name, isCode));
    const value =
      assigned ??
      values.find(
        (each) => each !== undefined && (isOddWord(each, isCode) || isJoinedPhrase(each, isCode)),
      ) ??
      spokenValue(text, name, isCode);
    const others = operandsBehind(tail, lineAround(text, name.start, name.end).before).filter(
      (each) => isStrong(each.text) && isSecretValue({ ...each, kind: 'quoted' }, text, name, isCode),
    );
    for (const each of others)
      found.push({
        start: name.end + each.start,
        end: name.end + each.end,
        isCertain: isBeyondDoubt(each.text),
      });
    if (value === undefined || (assigned === undefined && others.length > 0)) continue;
    const start = value.start + name.end;
    const isUncertain = assigned === undefined;
    const isCertain = !isUncertain && isBeyondDoubt(value.text);
    found.push({ start, end: start + value.text.length, isUncertain, isCertain });
  }
  return found;
}

interface Value {
  /** From the end of the name. */
  readonly start: number;
  readonly text: string;
  readonly kind: 'quoted' | 'bare' | 'spoken';
}

/** The rest of the name, its closing quote or bracket, a type, and what assigns. */
const assigns =
  /^[\w.-]{0,30}(?:\\?["'`]|[\])}>]){0,3}(?:[ \t]{0,8}:[ \t]{0,4}(?:&(?:'\w{1,10}[ \t])?)?[A-Za-z][\w<>[\]|?. ]{0,30}(?==)|[ \t]{1,4}[Aa][Ss][ \t]{1,4}[\w.]{1,30}(?=[ \t]{0,4}=))?\s{0,20}(?:=>|:=|<-|\?=|\?\?=?|\|\|=?|==?=?|!==?|->|[:=,(>]|[ \t])\s{0,24}(?:[|>][+-]?\d?[\s+-]{1,24})?/;
/** Quoted after all: with a type's letter before the quote, a second quote or a bracket, or in a call. */
const quotedStart =
  /^(?:(?:new )?(?:[A-Z][\w.:]{0,30}|str|bytes|bytearray|quote)[([]\s{0,8}){0,2}[([{]{0,2}[a-zA-Z@$&]{0,2}(\\?(?:"""|'''|["'`]))/;
const closers: Readonly<Record<string, RegExp>> = {
  '"': /^[^"\n]*/,
  "'": /^[^'\n]*/,
  '`': /^[^`\n]*/,
};

function assignedValue(tail: string): Value | undefined {
  const separator = assigns.exec(tail)?.[0];
  if (separator === undefined || (separator.match(/\n/g)?.length ?? 0) > 2) return undefined;
  const rest = tail.slice(separator.length);
  const opened = quotedStart.exec(rest);
  if (opened !== null) return quotedValue(rest, separator.length, opened);
  // A blank alone assigns nothing, but for options and instructions.
  if (/^[\w.-]*\s+$/.test(separator) && !/^[ \t]*\S+\s*$/.test(separator + firstWord(rest))) return undefined;
  const bare = firstWord(rest);
  return bare === '' ? undefined : { start: separator.length, text: bare, kind: 'bare' };
}

function quotedValue(rest: string, offset: number, opened: RegExpExecArray): Value | undefined {
  const quote = opened[1] ?? '"';
  const isEscaped = quote.startsWith('\\');
  const from = opened[0].length;
  const inner = closers[quote.slice(-1)]?.exec(rest.slice(from))?.[0] ?? '';
  const isClosed = rest[from + inner.length] === quote.slice(-1);
  if (!isClosed) return undefined;
  const text = isEscaped ? inner.replace(/\\$/, '') : inner;
  return { start: offset + from, text, kind: 'quoted' };
}

/** Up to what ends a bare value: a blank, or the quote or tag around it. */
function firstWord(rest: string): string {
  return /^[^\s"'`<>]{1,200}/.exec(rest)?.[0].replace(/[;,)\]}\\]+$/, '') ?? '';
}

/** `?? 'x'`, `|| 'x'`, `, 'x')`, `or 'x'`, `:-x}`: what is taken where nothing is set. */
const fallback =
  /^[\w.-]{0,30}["'`)\]}]{0,4}(?:\.\w{1,20}\()?[\s)]{0,4}(?:\?\?|\|\||\bor\b|,|:-|\?:|:\?|\.unwrap_or(?:_else)?\((?:\|\| ?)?|\bdefault(?:_value)?\s?=|\bvalue\s?[:=]|else)\s{0,4}[bur$@]?(["'`]?)([^\s"'`})]{4,100})/i;
/** In the lines behind a name that is a value itself: `name: X` and `value: Y`, `variable "x" { default = "y" }`. */
const nextLines =
  /^[\w.-]{0,30}["'`]?\s{0,3}[,{>]?\s{0,3}(?:[^\n]{0,60}\n){0,4}?[\s+-]{0,20}["']?(?:value|default|stringValue|defaultValue)["']?\s{0,4}[:=]\s{0,4}(["'`]?)([^\s"'`<>}]{4,100})/i;

/** `<key>Password</key>` and `<string>X` behind it, also in the next line. */
const nextElement =
  /^[\w.-]{0,30}<\/[\w-]{1,20}>[\s+-]{0,30}<(?:string|[\w-]{0,20}value)([>])\s{0,20}([^\s<]{4,100})/i;
/** `<<EOT`, and the line below. */
const hereDocument =
  /^[\w.-]{0,30}["']?\s{0,8}[:=]\s{0,4}<<[-~]?["']?[A-Z]\w{0,20}(["']?\r?\n)[\s+-]{0,30}([^\s"'`]{4,100})/i;

function laterValues(tail: string): (Value | undefined)[] {
  return [fallback, nextLines, nextElement, hereDocument].map((pattern) => {
    const match = pattern.exec(tail);
    const text = match?.[2] ?? '';
    const kind = (match?.[1] ?? '') === '' ? 'bare' : 'quoted';
    return match === null ? undefined : { start: match[0].length - text.length, text, kind };
  });
}

/** `the old password was X`, `use X as the password`: the first word near the name, in a comment or in prose, that looks like one. */
function spokenValue(text: string, name: { start: number; end: number }, isCode: boolean): Value | undefined {
  const { before, line } = lineAround(text, name.start, name.end);
  if (line.includes(secretMark)) return undefined;
  if (isVerb.test(text.slice(name.start, name.end + 4))) return undefined;
  if (isCode && !/^[+-]?\s*(?:\/\/|\/?\*|#|--|;|%)|\/\/|\s#\s|\/\*|<!--|"""/.test(before)) return undefined;
  const after = line.slice(before.length + name.end - name.start);
  for (const match of after.slice(0, 80).matchAll(/[^\s"'`()<>[\]]{6,60}/g)) {
    const word = match[0].replace(/[.,;:]+$/, '');
    if (isSpoken(word)) return { start: match.index, text: word, kind: 'spoken' };
  }
  const words = Array.from(before.slice(-60).matchAll(/[^\s"'`()<>[\]]{6,60}/g));
  for (const match of words) {
    const word = match[0].replace(/[.,;:]+$/, '');
    const start = match.index - Math.min(60, before.length) - (name.end - name.start);
    if (isSpoken(word)) return { start, text: word, kind: 'spoken' };
  }
  return undefined;
}

function isSecretValue(
  { text: value, kind }: Value,
  text: string,
  name: { start: number; end: number },
  isCode: boolean,
): boolean {
  if (value.length < 4 || value.length > 200 || isPlaceholder(value)) return false;
  if (kind === 'bare' && /^[\w-]+=/.test(value)) return false;
  if (kind === 'quoted' && / /.test(value)) return isStrongPhrase(value);
  if (kind === 'bare' && isCode) return isStrong(value) && isSetting(text, name.start);
  if (isPin(text.slice(name.start, name.end)))
    return /^\d{4,8}$/.test(value) && (kind === 'quoted' || !isCode);
  if (isExpression(value) && randomBits(value) < 12) return false;
  return (
    isStrong(value) ||
    (value.length >= 6 &&
      /[\p{L}]/u.test(value) &&
      /[\d!@#$%^&*?+=~]/.test(value) &&
      !/^[\p{Lu}\d_]+$/u.test(value) &&
      !/^[\w-]+=/.test(value))
  );
}

/** Letters alone, in an order that words and names hardly have. */
function isOddWord({ text: value, kind }: Value, isCode: boolean): boolean {
  if (kind === 'bare' && isCode) return false;
  return (
    /^[A-Za-z]{8,64}$/.test(value) &&
    !isPlaceholder(value) &&
    !isTelling(value) &&
    randomBits(value) >= oddBits
  );
}

/** `correct-horse-battery`: words that name nothing in code. */
function isJoinedPhrase({ text: value, kind }: Value, isCode: boolean): boolean {
  if (kind === 'bare' && isCode) return false;
  return (
    value.length >= minPhraseChars &&
    /^[a-z]{3,10}(?:-[a-z]{3,10}){2,9}$/.test(value) &&
    !isPlaceholder(value) &&
    !isTelling(value) &&
    !hasFunctionWord(value.replaceAll('-', ' ')) &&
    !codeParts.test(value)
  );
}

const minPhraseChars = 15;
/** Parts of the names of fields, messages, files and services. */
const codeParts =
  /(?:^|-)(?:user|users|login|form|field|input|error|errors|invalid|valid|validation|label|button|reset|change|forgot|show|hide|toggle|required|min|max|length|text|type|icon|prompt|page|view|local|remote|test|default|strong|weak|check|hash|name|file|env|manager|store|provider|config|value|enabled|disabled|admin|server|client|service|model|account|message|messages|option|options|setting|settings|request|response|data|base|database|data|system|app|api|web|http|module|plugin|component|control|email|mail|code|new|old|current|set|get|add|remove|update|create|delete|read|write|not|must|has|too|with|without|missing|empty|match|confirm|only|one|two|time|grant|flow|policy|number|color|image|dialog|modal|title|description|placeholder)(?=$|-)/;

/** Of random words of ten letters 3 in 100 have less; of words and names of code hardly any have as much. */
const oddBits = 6.5;

/** `pass this on`, and not `pass: x`. */
const isVerb = /^pass(?! ?:| is| was|[-\w])|^pin\b/i;
const isSpoken = (word: string) =>
  /\d.*\d|\d.*[!@#$%^&*]|[!@#$%^&*].*\d/.test(word) &&
  /\p{Ll}/u.test(word) &&
  !/[/?]|^@|&#/.test(word) &&
  isStrong(word) &&
  (!isCodeWord(word) || /\d{3}/.test(word));

const isPin = (name: string) => /^pin$/i.test(name);

/** In code, `NAME=value` without blanks is part of a command line or a file that the code writes. */
function isSetting(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 40), start);
  return (
    /(?:^|[\s"'`;&?])(?:--?)?[\w.-]{0,40}$/.test(before) &&
    /^[\w-]{2,40}(?:=|[ \t]+)[^\s=]/.test(text.slice(start, start + 80))
  );
}

/** Letters with digits and signs, or in an order that no word has. */
export function isStrong(value: string): boolean {
  if (value.length < 7 || value.length > 100 || isPlaceholder(value) || isExpression(value)) return false;
  if (/^[\w.-]+\(|^https?:|^[\w./-]+\/[\w./-]+$|[{}|]|::|->|=>/.test(value)) return false;
  const nKinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[!@#$%^&*?+=~.:_-]/].filter((kind) => kind.test(value)).length;
  if (!/\p{L}/u.test(value) || !/[\d!@#$%^&*]/.test(value)) return randomBits(value) >= 12;
  return nKinds >= 3 || (nKinds === 2 && /\d/.test(value) && randomBits(value) >= 3);
}

/** Some words that are no sentence. */
function isStrongPhrase(value: string): boolean {
  if (/\d/.test(value) && /[!@#$%^&*]/.test(value) && value.split(' ').length <= 4 && !/[():,]/.test(value))
    return true;
  return /^[a-z]{3,10}(?: [a-z]{3,10}){3,9}$/.test(value) && !hasFunctionWord(value);
}
