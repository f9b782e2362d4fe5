/** Progress of downloads and loading on standard error: one line that is written over on a terminal, few lines elsewhere. */

import type { EngineState } from '../llama/engine.ts';
import type { DownloadProgress } from '../llama/resolveBaseModel.ts';

export interface Progress {
  download(progress: DownloadProgress): void;
  engine(state: EngineState): void;
  indexing(nFiles: number): void;
  /** Ends the line. */
  done(): void;
}

export interface ProgressTarget {
  readonly isTerminal: boolean;
  write(text: string): void;
  nowMs(): number;
}

const minTerminalMs = 100;
const minLogMs = 5000;

export function showProgress(target: ProgressTarget): Progress {
  let lastMs = target.isTerminal ? -Infinity : target.nowMs();
  let isLineOpen = false;
  function show(text: string, isLast: boolean): void {
    const nowMs = target.nowMs();
    if (!isLast && nowMs - lastMs < (target.isTerminal ? minTerminalMs : minLogMs)) return;
    lastMs = nowMs;
    target.write(target.isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    isLineOpen = target.isTerminal;
  }
  function done(): void {
    if (isLineOpen) target.write('\r\u001b[K');
    isLineOpen = false;
  }
  return {
    download: (progress) => show(describeDownload(progress), progress.doneBytes === progress.totalBytes),
    engine(state) {
      if (state.kind === 'loading')
        show(`Loading the base model: ${Math.round(state.progress * 100)} %`, false);
    },
    indexing: (nFiles) => show(`Indexing the repository: ${nFiles} files`, false),
    done,
  };
}

export function describeDownload(progress: DownloadProgress): string {
  const { name, stage, doneBytes, totalBytes, secondsLeft } = progress;
  const done = `${Math.round(doneBytes / 1e6)} of ${Math.round(totalBytes / 1e6)} MB`;
  const percent = totalBytes > 0 ? ` (${Math.floor((100 * doneBytes) / totalBytes)} %)` : '';
  const left = secondsLeft === undefined ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  return `${stage === 'unpack' ? 'Unpacking' : 'Downloading'} ${name}: ${done}${percent}${left}`;
}
