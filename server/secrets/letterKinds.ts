/** The kinds of letters that letterPairs.ts counts: small letters, capitals, and digits as one. */

export const kindCount = 53;
const digitKind = 52;
/** In half bits; what a base-36 digit can say. */
export const maxCost = 35;

/** @param code a UTF-16 code of `[A-Za-z0-9]`; -1 for any other. */
export function kindOf(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 65 && code <= 90) return code - 65 + 26;
  return code >= 48 && code <= 57 ? digitKind : -1;
}
