/** What is known of an index as a sentence or two, for tooltips and reports on either side. Pure. */

import type { FolderIndex, IndexNumbers } from './messages.ts';

/** `isOnly`: there is no other folder, so that its name goes without saying. */
export function indexSentence(folder: FolderIndex, isOnly: boolean, nowMs: number): string {
  const { name, numbers, reason } = folder;
  const subject = isOnly ? 'Index' : `Index of ${name}`;
  const held = numbers === undefined ? '' : `${subject}: ${numbersInWords(numbers, nowMs)}`;
  switch (folder.state) {
    case 'ready':
      return held;
    case 'indexing':
      return describeWalk(folder, isOnly, held);
    case 'stopped': {
      const isComplete = numbers?.completeAtMs !== undefined;
      const stopped = isComplete ? 'The search for changes was stopped.' : 'Indexing was stopped.';
      return `${held} ${stopped}`.trim();
    }
    case 'trouble':
      return `${held} ${held === '' ? `${subject} in trouble:` : 'It is in trouble:'} ${reason ?? ''}`.trim();
  }
}

/** For example "1,204". */
export function readableCount(n: number): string {
  return n.toLocaleString('en-US');
}

/** For example "3.1 MB". */
export function readableBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}

/** For example "2 min ago"; seconds are not told, since nobody draws a tooltip anew each second. */
export function readableAge(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000);
  if (minutes < 1) return 'less than a minute ago';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

/** "1 file", "2 files". */
export function counted(n: number, noun: string): string {
  return `${readableCount(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function describeWalk({ name, numbers, nFilesSoFar }: FolderIndex, isOnly: boolean, held: string): string {
  const soFar =
    nFilesSoFar === undefined || nFilesSoFar === 0
      ? 'it has begun'
      : `${counted(nFilesSoFar, 'file')} so far`;
  if (numbers?.completeAtMs !== undefined) return `${held} Looking for changes: ${soFar}.`;
  return `${isOnly ? 'Indexing' : `Indexing ${name}`}: ${soFar}.`;
}

function numbersInWords(numbers: IndexNumbers, nowMs: number): string {
  const { nFiles, nChunks, indexBytes, completeAtMs } = numbers;
  const nSkipped = numbers.skipped.reduce((sum, { count }) => sum + count, 0);
  const age = completeAtMs === undefined ? 'not complete' : `complete ${readableAge(completeAtMs, nowMs)}`;
  const size = `${counted(nFiles, 'file')} in ${counted(nChunks, 'chunk')}, ${readableBytes(indexBytes)}`;
  return `${size}, ${age}; ${nSkipped === 0 ? 'nothing' : readableCount(nSkipped)} left out.`;
}
