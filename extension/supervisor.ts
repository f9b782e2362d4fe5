/** Keeps one link to the daemon alive: connect, serve until it breaks, wait, connect again. It shows nothing itself. */

import type { Clock } from './clock.ts';
import { LinkError } from './linkError.ts';
import { SilentDaemonError } from './silentDaemon.ts';
import { afterLoss, failuresUntilError, freshStart, reconnectDelayMs } from './reconnectPolicy.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** Lost; the next attempt is under way or comes within seconds. */
  | { readonly kind: 'recovering'; readonly reason: string }
  /** Several attempts failed; trying goes on, more slowly. Both texts are sentences. */
  | { readonly kind: 'failed'; readonly reason: string; readonly remedy: string; readonly isSilent?: true };

export interface SupervisorProps<Link> {
  /** Rejects when there is no link to be had now. */
  readonly connect: (signal: AbortSignal) => Promise<Link>;
  /** Uses the link; calls `onReady` when it works, resolves or rejects when it has ended. */
  readonly serve: (link: Link, onReady: () => void, signal: AbortSignal) => Promise<void>;
  readonly onState: (state: LinkState) => void;
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
}

export interface Supervisor {
  /** Cuts a wait short; does nothing while connected. */
  retryNow(): void;
  /** Ends the link and resolves when it has ended. */
  stop(): Promise<void>;
}

export function supervise<Link>(props: SupervisorProps<Link>): Supervisor {
  const abort = new AbortController();
  let wake: () => void = () => undefined;
  const ended = run();
  return {
    retryNow: () => wake(),
    async stop() {
      abort.abort();
      wake();
      await ended;
    },
  };

  async function run(): Promise<void> {
    let reconnect = freshStart;
    props.onState({ kind: 'connecting' });
    while (!abort.signal.aborted) {
      const { aliveMs, error } = await linkOnce(props, abort.signal);
      if (abort.signal.aborted) return;
      reconnect = afterLoss(reconnect, aliveMs);
      props.onState(describeLoss(error, reconnect.nFailures));
      await new Promise<void>((resolve) => {
        const timer = props.clock.setTimer(reconnectDelayMs(reconnect), resolve);
        wake = () => {
          timer.dispose();
          resolve();
        };
      });
    }
  }
}

async function linkOnce<Link>(
  props: SupervisorProps<Link>,
  signal: AbortSignal,
): Promise<{ aliveMs: number; error: unknown }> {
  let readyAtMs: number | undefined;
  let error: unknown;
  try {
    const link = await props.connect(signal);
    const onReady = () => {
      readyAtMs = props.clock.monotonicMs();
      props.onState({ kind: 'connected' });
    };
    await props.serve(link, onReady, signal);
  } catch (cause) {
    error = cause;
    if (!signal.aborted) props.onError(cause);
  }
  return { aliveMs: readyAtMs === undefined ? 0 : props.clock.monotonicMs() - readyAtMs, error };
}

function describeLoss(error: unknown, nFailures: number): LinkState {
  const reason = error instanceof Error ? error.message : 'The connection to the Idiom daemon was lost.';
  const remedy =
    error instanceof LinkError ? error.remedy : 'Idiom keeps trying. "Idiom: Show Log" tells more.';
  return error instanceof LinkError || nFailures >= failuresUntilError
    ? { kind: 'failed', reason, remedy, ...(error instanceof SilentDaemonError ? { isSilent: true } : {}) }
    : { kind: 'recovering', reason };
}
