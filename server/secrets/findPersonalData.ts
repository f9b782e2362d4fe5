/** Finds people's e-mail addresses and payment cards. */

import type { SecretRange } from './scrubSecrets.ts';

const address =
  /(?<![\w.+%-])[A-Za-z0-9](?:[\w.+%-]{0,62}\w)?@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,18}(?![\w-]*[@(])/g;
/** Cheap to look for; a text without it has no address. */
const hasAddress = /@[A-Za-z0-9-]{1,63}\.[A-Za-z0-9]/;
/** Domains that nobody can have (RFC 2606, RFC 6761), senders that no person reads, and what only looks like an address. */
const nobody =
  /@(?:[\w-]+\.)*(?:example\.\w+|example|test|invalid|localhost|local|internal|domain\.\w+|email\.com|mail\.com|test\.com|foo\.\w+|bar\.\w+|company\.com|acme\.\w+|site\.com|host\.\w+|server\.\w+|users\.noreply\.github\.com|yourdomain\.\w+|mydomain\.\w+|a\.com|b\.com|x\.com)$|^(?:git|hg|svn|no-?reply|do-?not-?reply|postmaster|mailer-daemon|hostmaster|npm|root|user|username|someone|somebody|name|foo|bar|you|me|test)@/i;
const notADomain =
  /\.(?:png|jpe?g|gif|svg|webp|js|ts|css|html?|py|rb|go|rs|java|json|ya?ml|xml|md|txt|sh|service|lock|min|map|so|dll|exe|zip|gz|lan|app\.route)$/i;

const card = /(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-]*\d)/g;

export function findPersonalData(text: string, _path: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (const { index, 0: each } of hasAddress.test(text) ? text.matchAll(address) : []) {
    if (!nobody.test(each) && !notADomain.test(each) && !isOfAddress(text, index))
      found.push({ start: index, end: index + each.length });
  }
  for (const { index, 0: each } of text.matchAll(card)) {
    if (isCard(each)) found.push({ start: index, end: index + each.length });
  }
  return found;
}

/** `scheme://user:password@host` is no mail. */
function isOfAddress(text: string, index: number): boolean {
  return /:\/\/[^\s"'<>]{0,100}[:/]$|:\/\/$/.test(text.slice(Math.max(0, index - 110), index));
}

/** First digits and lengths of the large networks: https://en.wikipedia.org/wiki/Payment_card_number */
const networks =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:2[2-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17})$/;
const groups = /^\d+$|^\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}$|^\d{4}([ -])\d{6}\2\d{4,5}$/;

function isCard(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (!networks.test(digits) || !groups.test(text) || new Set(digits).size < 4) return false;
  return luhnSum(digits) % 10 === 0;
}

/** https://en.wikipedia.org/wiki/Luhn_algorithm */
function luhnSum(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}
