/** Finds private keys in every layout: with their frame or without, in literals, comments, Base64 and lists of bytes. */

import { benignRanges } from './benignRanges.ts';
import { randomBits } from './randomness.ts';
import type { SecretRange } from './scrubSecrets.ts';

const opening = /-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-\d/g;
const closing = /-{4,5} ?END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-MAC: ?[0-9a-f]{0,64}/g;
/** A key with its headers; one of 16,384 bits has 12,000 characters. */
const maxChars = 32_000;

export function findKeyBlocks(text: string, _path: string): SecretRange[] {
  return [...framed(text), ...encoded(text), ...byteLists(text), ...bareLines(text)];
}

/** From the opening line to the closing one; where either is cut off, as far as the lines look like a key. */
function framed(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  const ends = Array.from(text.matchAll(closing), ({ index, 0: line }) => ({
    index,
    end: index + line.length,
  }));
  let at = 0;
  let done = 0;
  for (const { index, 0: line } of text.matchAll(opening)) {
    if (index < done) continue;
    while (at < ends.length && (ends[at]?.index ?? 0) < index) {
      found.push(...cutOffAbove(text, done, ends[at] ?? { index: 0, end: 0 }));
      at++;
    }
    const close = ends[at];
    const from = index + line.length;
    const isClosed = close !== undefined && close.index - index < maxChars;
    const end = isClosed ? close.end : bodyEnd(text, from);
    if (isClosed) at++;
    // Code that reads keys names the frame, with nothing inside.
    if (end === from || !bodyPart.test(text.slice(from, end))) continue;
    done = end;
    found.push({ start: index, end, isCertain: true });
  }
  for (; at < ends.length; at++) found.push(...cutOffAbove(text, done, ends[at] ?? { index: 0, end: 0 }));
  return found;
}

const bodyPart = /[A-Za-z0-9+/]{16}/;

/** Line without what a literal, a comment, a diff or an indentation puts around it. */
const dressed =
  /^[\s"'`+*#/>|;,\\.\-()$]{0,60}?([A-Za-z0-9+/]{1,400}={0,2})(?:\\[nr])*[\s"'`+*#/\\,;.()&]{0,40}$/;

/** The Base64 in a line. What is no group of four (RFC 4648, 4) has a diff's sign before it. */
function bodyOf(line: string): string | undefined {
  const body = line.length > 400 ? undefined : dressed.exec(line)?.[1];
  return body !== undefined && body.length % 4 === 1 && /^[+/]/.test(body) ? body.slice(1) : body;
}

const headerLine =
  /^[\s"'`+*#/>]{0,60}(?:Proc-Type|DEK-Info|Version|Comment|Encryption|Public-Lines|Private-Lines|Charset|Hash|Subject)\s?:/;

/** Of PEM (RFC 7468, 2), of OpenSSH and of MIME (RFC 2045, 6.8). */
const keyWidths = new Set([64, 70, 76]);

function isBody(line: string): boolean {
  const body = bodyOf(line);
  if (body === undefined || body.length < 16) return false;
  return body.length < 24 || keyWidths.has(body.length) || randomBits(body) > body.length / 4;
}

function bodyEnd(text: string, from: number): number {
  const lineEnd = text.indexOf('\n', from);
  let end = lineEnd < 0 ? text.length : lineEnd;
  // All of a key on the opening line, its line breaks written as \n.
  if (end - from > 40)
    return bodyPart.test(text.slice(from, from + 200)) ? Math.min(end, from + maxChars) : from;
  for (let nBlank = 0; end < text.length && end - from < maxChars;) {
    const next = text.indexOf('\n', end + 1);
    const line = text.slice(end + 1, next < 0 ? text.length : next);
    if (line.trim().length < 3) nBlank++;
    else if (!isBody(line) && !headerLine.test(line)) {
      if (nBlank === 0 && isLastLine(line, 64)) end = next < 0 ? text.length : next;
      break;
    }
    if (nBlank > 2) break;
    end = next < 0 ? text.length : next;
  }
  return end;
}

/** The rest of a key behind lines of `width`: groups of four in which no word would stand. */
function isLastLine(line: string, width: number): boolean {
  const body = line.length > 200 ? undefined : bodyOf(line);
  if (body === undefined || body.length >= width || body.length % 4 !== 0) return false;
  return body.endsWith('=') || (/[A-Z]/.test(body) && /[a-z]/.test(body) && /[\d+/]/.test(body));
}

function cutOffAbove(text: string, from: number, close: { index: number; end: number }): SecretRange[] {
  let start = text.lastIndexOf('\n', close.index);
  const least = Math.max(from, close.index - maxChars);
  if (start < least) return [{ start: Math.max(least, start), end: close.end, isCertain: true }];
  while (start > least) {
    const before = text.lastIndexOf('\n', start - 1);
    const line = text.slice(Math.max(before + 1, start - 401), start);
    if (!isBody(line) && line.trim().length > 2) break;
    start = Math.max(before, -1);
    if (before < 0) break;
  }
  return [{ start: start + 1, end: close.end, isCertain: bodyPart.test(text.slice(start + 1, close.index)) }];
}

/** The beginnings of what is in Base64: text with such a frame, OpenSSH's own format, and DER (X.690) of a private key. */
const encodedStart =
  /(?<![A-Za-z0-9+/])(?:LS0tLS1CRUdJTi|b3BlbnNzaC1rZXktdjEA|M[A-I][A-Za-z0-9+/]{6})[A-Za-z0-9+/]{8,32000}={0,2}/g;

function encoded(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  const isBenign = benignRanges(text);
  for (const { index, 0: each } of text.matchAll(encodedStart)) {
    if (isBenign(index)) continue;
    const head = Buffer.from(each.slice(0, 120), 'base64');
    const isKey = each.startsWith('LS0t')
      ? /BEGIN [A-Z0-9 ]*PRIVATE/.test(head.toString('latin1'))
      : each.startsWith('b3Bl') || isKeyDer(head);
    if (isKey) found.push({ start: index, end: bodyEnd2(text, index, each.length), isCertain: true });
  }
  return found;
}

/** To the end of the lines that go on with it. */
function bodyEnd2(text: string, start: number, length: number): number {
  const lineEnd = text.indexOf('\n', start + length);
  const restOfLine = text.slice(
    start + length,
    lineEnd < 0 ? start + length + 60 : Math.min(lineEnd, start + length + 60),
  );
  return length >= 60 && length <= 80 && /^(?:\\[nr])*[\s"'`+*#/\\,;.()&]{0,40}$/.test(restOfLine)
    ? bodyEnd(text, start + length)
    : start + length;
}

/** SEQUENCE, then a version (PKCS 1, SEC 1, PKCS 8), or PKCS 8's identifier of an encrypted key (RFC 5958, RFC 8017, RFC 5915). */
export function isKeyDer(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30 || bytes.length < 12) return false;
  const long = (bytes[1] ?? 0) > 0x80 ? (bytes[1] ?? 0) - 0x80 : 0;
  if (long > 3 || (bytes[1] ?? 0) === 0x80) return false;
  const body = bytes.subarray(2 + long);
  if (body[0] === 0x02 && body[1] === 0x01 && (body[2] ?? 9) <= 1)
    // The bytes of an EC key; a shorter text behind a number is SNMP's, for one.
    return body[3] === 0x30 || body[3] === 0x02 || (body[3] === 0x04 && (body[4] ?? 0) >= 0x14);
  const pbes2 = Buffer.from('06092a864886f70d0105', 'hex');
  return (
    body[0] === 0x30 &&
    body.subarray(0, 24).includes(pbes2) &&
    body.subarray(2, 6).includes(pbes2.subarray(0, 2))
  );
}

const byteList = /[[{(][\s+-]{0,20}(?:(?:0x[0-9a-f]{1,2}|\d{1,3})(?:u8|[uU])?\s{0,40},[\s+-]{0,40}){15}/gi;
const listPart = /(?:0x([0-9a-f]{1,2})|(\d{1,3}))(?:u8|[uU])?(?![\w.])[\s,+-]{0,80}/iy;
const secretName = /priv|secret|seed|signing|\bkey|_key|Key|KEY|wallet/;

/** Lists of bytes that are a key by their beginning, or by the name before them. */
function byteLists(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  let done = 0;
  for (const { index } of text.matchAll(byteList)) {
    if (index < done) continue;
    const bytes: number[] = [];
    listPart.lastIndex = index + 1 + (/^[\s+-]*/.exec(text.slice(index + 1, index + 22))?.[0].length ?? 0);
    for (
      let match = listPart.exec(text);
      match !== null && bytes.length < maxChars / 2;
      match = listPart.exec(text)
    ) {
      bytes.push(match[1] === undefined ? Number(match[2]) : parseInt(match[1], 16));
      done = listPart.lastIndex;
    }
    const name = text.slice(Math.max(0, index - 120), index);
    const isWallet = walletSizes.has(bytes.length) && isOnOwnLine(text, index, done);
    const isNamed =
      secretName.test(name) &&
      !/pub(?:lic)?[-_ ]?key/i.test(name) &&
      bytes.length >= 16 &&
      new Set(bytes).size > bytes.length / 4;
    const isCertain = isKeyDer(Buffer.from(bytes));
    if (!isNamed && !isWallet && !isCertain) continue;
    if (bytes.some((byte) => byte > 255)) continue;
    const last = /^[^\]})]{0,20}/.exec(text.slice(done, done + 20))?.[0].length ?? 0;
    done += last;
    found.push({ start: index + 1, end: done, isCertain });
  }
  return found;
}

const walletSizes = new Set([32, 64]);

/** A file, or a line of a diff, that has such a list and nothing else. */
function isOnOwnLine(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 10), start);
  return (
    /^[+\s-]*$/.test(before.slice(before.lastIndexOf('\n') + 1)) &&
    /^\s?\d{0,3}\s?\]\s*(?:\n|$)/.test(text.slice(end, end + 20))
  );
}

/** Lines as long as those of a key, one behind the other, without anything that says what they are. */
function bareLines(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  const isBenign = benignRanges(text);
  let first = -1;
  let nLines = 0;
  let width = 0;
  let at = 0;
  const close = (end: number) => {
    if (nLines >= 2) found.push({ start: first, end, isUncertain: true });
    nLines = 0;
  };
  while (at < text.length) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const body = end - at <= 200 ? bodyOf(text.slice(at, end)) : undefined;
    const isKeyLine =
      body !== undefined &&
      (body.length === 64 || body.length === 70) &&
      /[G-Zg-z]/.test(body) &&
      !isBenign(at) &&
      randomBits(body) > (nLines === 0 ? 30 : 10);
    if (isKeyLine && (nLines === 0 || width === body.length)) {
      if (nLines === 0) first = at;
      width = body.length;
      nLines++;
    } else if (nLines > 0) {
      const isLast =
        body !== undefined && body.length < width && (body.length >= 16 || isLastLine(body, width));
      close(isLast ? end : at);
    }
    at = end + 1;
  }
  close(text.length);
  return found;
}
