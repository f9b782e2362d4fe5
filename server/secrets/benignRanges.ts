/** Blocks of random letters that everybody may know: certificates, public keys, signatures. */

const block = /-----BEGIN (?![A-Z0-9 ]{0,30}PRIVATE)[A-Z0-9 ]{1,40}-----/g;
const maxChars = 20_000;

/** @returns tells whether a place lies in such a block. Places have to be asked for in rising order. */
export function benignRanges(text: string): (place: number) => boolean {
  const starts = Array.from(text.matchAll(block), ({ index }) => index);
  let at = 0;
  let end = -1;
  let close = -1;
  return (place) => {
    for (; at < starts.length && (starts[at] ?? 0) <= place; at++) {
      const start = starts[at] ?? 0;
      if (start < end) continue;
      if (close < start) {
        close = text.indexOf('-----END ', start);
        if (close < 0) close = Infinity;
      }
      end = Math.min(close, start + maxChars);
    }
    return place < end;
  };
}
