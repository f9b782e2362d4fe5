/** Finds private keys that stand as one hexadecimal string: DER of any form, and the 32 bytes of a wallet's key. */

import { isKeyDer } from './findKeyBlocks.ts';
import { isPlaceholder } from './placeholders.ts';
import type { SecretRange } from './scrubSecrets.ts';

export function findHexKeys(text: string, _path: string): SecretRange[] {
  return [...derStrings(text), ...walletKeys(text)];
}

/** From the shortest key to one of 16,384 bits; each byte with or without what escapes or separates it. */
const der = /(?<![0-9A-Za-z])(?:0x|\\x)?(30(?:(?:\\x|:)?[0-9a-f]{2}){31,16000})(?![0-9A-Za-z])/gi;

function derStrings(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (const { index, 0: each, 1: digits } of text.matchAll(der)) {
    const head = (digits ?? '').slice(0, 200).replace(/\\x|:/gi, '');
    if (isKeyDer(Buffer.from(head, 'hex')))
      found.push({ start: index, end: index + each.length, isCertain: true });
  }
  return found;
}

/** 32 bytes are a hash more often than not. */
const bytes32 = /(?<![0-9A-Za-z])(?:0x)?[0-9a-f]{64}(?![0-9A-Za-z])/gi;
/** As much before them as a list of some keys takes. */
const maxChars = 300;
/** A name of keys or of what signs with one, and no end of a statement behind it. */
const keyName =
  /(?:wallet|account|priv|mnemonic|signer|signing|deployer|from_?key|\bpk\b)(?=[^:=([]{0,40}[:=([])([\w.\s:=([{"'`>$@&+-]{1,60})$/i;
/** What else has 32 bytes, and a name of its own behind such a word. */
const publicPart = /hash|root|digest|address|pub|block|tx|transaction|topic|sha|sum|code|storage|id\b/i;

function walletKeys(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (const { index, 0: each } of text.matchAll(bytes32)) {
    if (isPlaceholder(each) || new Set(each).size < 8) continue;
    const before = text
      .slice(Math.max(0, index - maxChars), index)
      .replace(/(?:["'`]?(?:0x)?[0-9a-f]{64}["'`]?[\s+-]{0,40},[\s+-]{0,40}){1,4}(?=["'`]?$)/i, '');
    const rest = keyName.exec(before)?.[1];
    if (rest === undefined || publicPart.test(rest) || rest.split('\n').length > 3) continue;
    found.push({ start: index, end: index + each.length });
  }
  return found;
}
