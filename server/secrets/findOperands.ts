/** What else stands in a statement that gives a password its value: the branches of a choice, the parts of a sum, a list's other values. */

export interface Operand {
  /** From the end of the name. */
  readonly start: number;
  readonly end: number;
  /** Without the quotes; parts that are added are one text. */
  readonly text: string;
}

const assigns =
  /^[\w.-]{0,30}["'`)\]]{0,2}(?:[ \t]{1,4}As[ \t]{1,4}[\w.]{1,30})?\s{0,8}(?:<-|\?=|:=|[:=])(?![=>])/i;
const quoted = /(["'`])([^"'`\n\\]{1,100})\1/g;
/** Neither the end of the statement nor another name that is assigned to. */
const withinStatement = /^(?!:)(?!.*\w:)(?:[^;\n={}]|={2,3}|\n\s{0,20}[?:+.|&])*$/s;
const adds = /^\s{0,20}(?:\+|\.{1,2}|&|\|\||<>|~)\s{0,20}$/;

/** @param before the name's line up to the name: only in a list of names the values behind commas are a list, too. */
export function operandsBehind(tail: string, before: string): Operand[] {
  const separator = assigns.exec(tail)?.[0];
  if (separator === undefined) return [];
  const isList = /^[\s+-]*(?:\w+ )?\(?\w+\s?,[\w\s,]*$/.test(before);
  const found: Operand[] = [];
  let at = separator.length;
  for (const match of tail.slice(at).matchAll(quoted)) {
    const start = separator.length + match.index + 1;
    const text = match[2] ?? '';
    const between = tail.slice(at, start - 1);
    if (!withinStatement.test(between) || (!isList && between.includes(','))) break;
    const last = found.at(-1);
    if (last !== undefined && adds.test(between))
      found.splice(-1, 1, { start: last.start, end: start + text.length, text: last.text + text });
    else found.push({ start, end: start + text.length, text });
    at = start + text.length + 1;
  }
  return found;
}
