/** A name out of a file as a person may be shown it. */

const maxChars = 80;

/** In quotes, short, and without control characters. */
export function quoteName(name: string): string {
  const printable = name.replace(/\p{C}/gu, '?');
  return `"${printable.length > maxChars ? `${printable.slice(0, maxChars)}...` : printable}"`;
}
