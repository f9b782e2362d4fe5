/** Asks a person a question that is answered by yes or no. */

import { createInterface } from 'node:readline/promises';

/** False for anything but yes; undefined when nobody sits at a terminal. @throws AbortError when aborted. */
export async function askOnTerminal(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
