/** Cuts a text into chunks of whole lines at its cheapest break lines; where breaks are cheap is decided by others. */

/** Lines are 1-based, both ends included. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
}

export interface ChunkSize {
  readonly minLines: number;
  readonly targetLines: number;
  readonly maxLines: number;
}

export const defaultChunkSize: ChunkSize = { minLines: 6, targetLines: 16, maxLines: 28 };

/** Cost of a break that cuts no unit at all. */
export const freeBreak = 0;
/** Costs are bytes; larger ones are clamped by the array itself. */
export const maxBreakCost = 255;

/**
 * `costs[i]` is the cost of a break before line i (0-based), 0 to 255. Each chunk has `minLines` to `maxLines` lines, the
 * last one may be shorter; within these bounds the cheapest break wins, and of equal ones the nearest to the target.
 */
export function packChunks(costs: Uint8Array, size: ChunkSize = defaultChunkSize): LineRange[] {
  const nLines = costs.length;
  const chunks: LineRange[] = [];
  let start = 0;
  while (start < nLines) {
    const end = nLines - start <= size.targetLines ? nLines : nextBreak(costs, start, size);
    chunks.push({ startLine: start + 1, endLine: end });
    start = end;
  }
  return chunks;
}

function nextBreak(costs: Uint8Array, start: number, size: ChunkSize): number {
  const last = Math.min(start + size.maxLines, costs.length);
  let best = last;
  let bestCost = Infinity;
  for (let line = Math.min(start + size.minLines, last); line <= last; line++) {
    const distance = Math.abs(line - start - size.targetLines) / size.targetLines;
    const cost = (line === costs.length ? freeBreak : (costs[line] as number)) * 4 + distance * 6;
    if (cost < bestCost) {
      best = line;
      bestCost = cost;
    }
  }
  return best;
}

/** Break costs for text of any kind: cheap before a line that starts a paragraph or is little indented. */
export function lineBreakCosts(lines: readonly string[]): Uint8Array {
  const costs = new Uint8Array(lines.length);
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    const isAfterBlank = isBlank(lines[i - 1] as string);
    if (isBlank(line)) costs[i] = maxBreakCost;
    else costs[i] = Math.min(200, indentOf(line) * 2 + (isAfterBlank ? 0 : 12) + (isCloser(line) ? 40 : 0));
  }
  return costs;
}

/** Columns before the first visible character; a tab counts as four. */
export function indentOf(line: string): number {
  let columns = 0;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 32) columns++;
    else if (code === 9) columns += 4;
    else break;
  }
  return columns;
}

export function isBlank(line: string): boolean {
  return !/\S/.test(line);
}

function isCloser(line: string): boolean {
  return /^\s*[)\]}]|^\s*(end|else|elif|except|finally|catch)\b/.test(line);
}
