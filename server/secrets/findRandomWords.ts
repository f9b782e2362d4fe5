/** Finds words that look random: tokens and keys of any service, known or not, whatever stands before them. */

import { benignRanges } from './benignRanges.ts';
import { lineAround } from './lineAround.ts';
import { isCodeWord, isPlaceholder, textOfBase64 } from './placeholders.ts';
import { isBeyondDoubt, randomBits } from './randomness.ts';
import type { SecretRange } from './scrubSecrets.ts';
import { isTelling } from './tellingNames.ts';

const word = /[A-Za-z0-9_+/-]{10,}/g;
/** Longer ones are data; keys as long as that have a form of their own (findKeyBlocks.ts). */
const maxChars = 600;
/** Bits of evidence (randomness.ts): where nothing tells what a word is, and where a name does. */
const minBits = { alone: 18, prefixed: 11, aloneLetters: 27, named: 9, namedLetters: 14 };
const minAloneChars = 16;
/** Hexadecimal digits are hashes more often than not; beside a telling name they are keys. */
const minHexChars = 16;

/** What is said of a word before it, that makes it a hash, an address or other public data. */
const publicName =
  /hash|digest|check-?sum|integrity|sha-?\d|md5|finger-?print|e-?tag|commit|revision|\brev\b|uuid|guid|crc|nonce|public|pubkey|base64\W|\bsri\b|websocket|image|font|icon|\bcid\b|\bpin-sha|\bdata:$|\barn:|(?:request|trace|span|correlation)[-_]?id|(?:["'][nxy]["']|\bn)\s?:\s?["']$/i;
const publicStart =
  /^(?:iVBOR|R0lGOD|\/9j\/|d09G|H4sI|UEsD|JVBER|AGFzbQ|UklGR|PHN2|PD94|AAABAA|T2dnUw|AAAAB3NzaC1|AAAAC3NzaC1|AAAAE2VjZHNh|age1|0x[0-9a-f]*$|xn--|_Z|sha\d{1,3}[-_]|h1-|GHSA-|CVE-|[0-9a-f]{1,6}-[A-Za-z0-9+/]{27}$|.*xn--|.*\/commit\/)/;
const staticFile =
  /^\.(?:png|jpe?g|gif|svg|webp|ico|css|m?js|map|woff2?|ttf|eot|mp[34]|html?|json|pdf|zip|gz|wasm)\b/i;
/** Words that build tools put before a hash. */
const hashPrefix =
  /(?:^|[^A-Za-z0-9])(?:sha\d*|md5|h1|hash|digest|blake\w{0,3}|crc\d*|git|g|commit|rev|etag|chunk|build|id|uuid|img|image|icon|asset|file|index|main|0x|urn)[-_:.@/]$/i;

export function findRandomWords(text: string, _path: string): SecretRange[] {
  const found: SecretRange[] = [];
  const isBenign = benignRanges(text);
  for (const match of text.matchAll(word)) {
    const start = match.index;
    if (match[0].length > maxChars) continue;
    const bits = randomBits(match[0]);
    const isHex = hexRun.test(match[0]);
    if ((bits < minBits.named && !isHex) || isBenign(start)) continue;
    const range = secretAt(text, start, start + match[0].length, bits);
    if (range !== undefined) found.push(range);
  }
  return found;
}

function secretAt(text: string, start: number, end: number, bits: number): SecretRange | undefined {
  const each = text.slice(start, end);
  if (!/[A-Za-z]/.test(each) || isPlaceholder(each) || text[end] === '(') return undefined;
  if (staticFile.test(text.slice(end, end + 7))) return undefined;
  const { before, line } = lineAround(text, start, end);
  if (publicName.test(before.slice(-80))) return undefined;
  const isNamed = isTelling(line.replace(each, ' '));
  const isSecret =
    (isNamed && isNamedSecret(each, bits)) ||
    (isUuid(each) && isDrawnUuid(each, before)) ||
    isLoneSecret(text, start, each, bits, before);
  if (!isSecret || isReadable(each, isNamed)) return undefined;
  return { ...widen(text, start, end), isCertain: isCertainToken(each, before) };
}

function isCertainToken(each: string, before: string): boolean {
  if (hasServiceSign.test(each)) return isBeyondDoubt(each);
  if (!isAssigned.test(before)) return false;
  return /[0-9a-f]{32}$/.test(each) || (isBeyondDoubt(each) && textOfBase64(each) === undefined);
}

/** Nothing but a secret is assigned to these. */
const isAssigned =
  /(?:secret|token|(?:api|access|auth|private)[-_ ]?key)[\w-]{0,20}["'`\]]?\s?(?:=>|:=|[:=])\s?["'`]?$/i;

/** `abc_`, then so many small letters, capitals and digits: services make tokens of this form. */
const hasServiceSign =
  /^(?:[a-z]{2,12}|[A-Z]{2,12})\d?[-_](?:[a-z]{2,6}\d{0,2}[-_])?(?=[^A-Z]{0,30}[A-Z])(?=[^a-z]{0,30}[a-z])(?=\D{0,30}\d)[A-Za-z0-9_-]{24,}$/;

function isNamedSecret(each: string, bits: number): boolean {
  if (publicStart.test(each) && !/^0x[0-9a-f]{64}$/i.test(each)) return false;
  if (/^[0-9a-f-]+$/i.test(each)) return each.length >= minHexChars && !isUuid(each);
  if (/(?=[a-f]*\d)[0-9a-f]{24}/.test(each)) return true;
  const nDigits = each.match(/\d/g)?.length ?? 0;
  if (bits < (nDigits > 1 ? minBits.named : minBits.namedLetters)) return false;
  if (nDigits === 0 && each.length < minAloneChars) return false;
  return bits >= minBits.alone || !isCodeWord(each);
}

/** Services give out UUIDs as tokens; elsewhere they are names of things, also those of tokens. */
function isDrawnUuid(each: string, before: string): boolean {
  return namesUuidToken.test(before) && !namesId.test(before) && !/^(?:1234|0123|(.)\1{7})/.test(each);
}

const namesUuidToken =
  /(?:secret|token|auth|(?:api|access|auth|private)[-_ ]?key)(?:[-_][a-z0-9]{1,12}|s|value|live|prod|\d{1,3}){0,2}["'`\]]{0,2}\s{0,4}(?:=>|:=|[:=,(])\s{0,4}["'`]?$/i;
const namesId = /(?:(?<!secret[-_])id|id[-_]\w{1,20})["'`\]]{0,2}\s{0,4}(?:=>|:=|[:=,(])\s{0,4}["'`]?$/i;

function isLoneSecret(text: string, start: number, each: string, bits: number, before: string): boolean {
  if (each.length < minAloneChars || publicStart.test(each)) return false;
  const address = addressAt.exec(before)?.[0];
  if (address !== undefined && !hook.test(address + each)) return false;
  const hex = hexRun.exec(each);
  if (hex !== null) return address !== undefined || hasOwnSign(text, start, each, hex);
  if (hasShortPrefix.test(each) || isBehindSign(text, start, each)) return bits >= minBits.prefixed;
  return bits >= (/\d/.test(each) ? minBits.alone : minBits.aloneLetters);
}

/** Hexadecimal digits with some of both kinds. */
const hexRun =
  /(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{24,}|(?=[A-F]*\d)(?=\d*[A-F])[0-9A-F]{24,}|^[0-9a-f-]+$|^[0-9A-F-]+$|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}/;

/** `abcd-` or `ab0cd-`, then small letters, capitals and digits. */
const hasShortPrefix =
  /^[A-Za-z][A-Za-z0-9]{1,8}[-_](?=[^A-Z]{0,20}[A-Z])(?=[^a-z]{0,20}[a-z])(?=\D{0,20}\d)[A-Za-z0-9_-]{20,}$/;

/** `abc.`, then the same: at the beginning of a text or value, and nothing behind it. */
function isBehindSign(text: string, start: number, each: string): boolean {
  return (
    /(?:["'`=]|: )[A-Za-z][A-Za-z0-9]{1,8}\.$/.test(text.slice(Math.max(0, start - 12), start)) &&
    /^(?:["'`\s]|$)/.test(text.slice(start + each.length, start + each.length + 1)) &&
    /^(?=[^A-Z]{0,20}[A-Z])(?=[^a-z]{0,20}[a-z])(?=\D{0,20}\d)[A-Za-z0-9_-]{20,}$/.test(each)
  );
}

function isUuid(each: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(each);
}

/** A service's own sign before the digits or behind them, as in `dop_v1_`; not what tools put before a hash. */
function hasOwnSign(text: string, start: number, each: string, hex: RegExpExecArray): boolean {
  const left = /[A-Za-z0-9_.-]{0,24}$/.exec(text.slice(Math.max(0, start - 24), start))?.[0] ?? '';
  const prefix = left + each.slice(0, hex.index);
  const suffix = each.slice(hex.index + hex[0].length);
  if (/[0-9a-f]{24}-[0-9a-f]{24}/.test(each)) return true;
  if (isUuid(hex[0])) return uuidSign.test(prefix);
  if (/^-us\d{1,2}$|^[A-Z]{4}$|^-[0-9a-f]{24,}$/.test(suffix)) return true;
  return (
    /[A-Za-z]{2}[A-Za-z0-9]*[-_.]?$|[A-Za-z][\w-]*[-_.][0-9a-f]{8,}[-_.]$|[A-Za-z]{2}\w*[-_.]\w{1,24}[-_.]$/.test(
      prefix,
    ) && !hashPrefix.test(prefix)
  );
}

const uuidSign =
  /(?:^|[^A-Za-z0-9])(?:sdk|mob|api|key|pat|tok|app|pat-[a-z]{2}\d|access-(?:production|development|sandbox)|HRKU)-$/;

/** Words in the path of an address are public, unless the address is a hook. */
const addressAt = /\w{2,10}:\/\/[^\s"'`<>]{0,300}$/;
const hook = /hook|\/bot\d|token|secret|[?&]sig=/i;

/** Base64 of plain text says what it is; beside a telling name, only a stand-in is let pass. */
function isReadable(each: string, isNamed: boolean): boolean {
  const text = textOfBase64(each);
  if (text === undefined || text.length < minReadable) return false;
  return !isNamed || isPlaceholder(text.slice(text.indexOf(':') + 1));
}

const minReadable = 9;

/** With the parts of a token that are joined to it by dots and the like. */
function widen(text: string, start: number, end: number): SecretRange {
  const least = Math.max(0, start - maxLeft);
  let left = start;
  while (left > least && /[\w+~%.$-]/.test(text[left - 1] ?? '')) left--;
  // `$name` and `.name` begin there; the number of a Telegram bot stands before a colon.
  while (left < start && /[.$%]/.test(text[left] ?? '')) left++;
  const bot = /(?<!\d)\d{6,12}:$/.exec(text.slice(Math.max(0, left - 14), left))?.[0] ?? '';
  const right =
    /^(?:[.~%$][A-Za-z0-9_+/~%-]{5,300}){0,4}={0,2}/.exec(text.slice(end, end + maxRight))?.[0] ?? '';
  return { start: left - bot.length, end: end + right.length };
}

const maxLeft = 200;
const maxRight = 1200;
