/** Which adapter answers a request, whether retrieval takes part, and why; how that is chosen is in chooseRoute.ts. */

import type { AdapterFile } from '../llama/engine.ts';

/** `named`: a command was told which adapter to use. `previous`: an older version, where it is measured to be better. */
export type RouteName = 'base' | 'task' | 'champion' | 'canary' | 'previous' | 'named';

export interface Route {
  readonly name: RouteName;
  /** Undefined: the base model alone. */
  readonly adapter: AdapterFile | undefined;
  readonly useRetrieval: boolean;
  /** A sentence. */
  readonly reason: string;
}

export interface RoutedDocument {
  readonly uri: string;
  readonly languageId: string;
}

/** Asked on every request, so that a switch or a rollback holds at once; it must answer from memory. */
export interface Router {
  choose(document: RoutedDocument): Route;
  /** How long a request took that went this way, in milliseconds, without the wait for the typist. */
  note(route: Route, tookMs: number): void;
}

/**
 * As stored, in batch answers and in `idiom/explain`: `local:`, the route's name, `+retrieval` where snippets were asked
 * for, `; ` and the reason. For example `local:champion+retrieval; It is the champion.`
 */
export function formatRoute({ name, useRetrieval, reason }: Omit<Route, 'adapter'>): string {
  return `local:${name}${useRetrieval ? '+retrieval' : ''}; ${reason}`;
}

/** Always the adapter that `adapter` tells at that moment, with retrieval: for commands and measurements. */
export function fixedRouter(adapter: () => AdapterFile | undefined): Router {
  return {
    choose() {
      const chosen = adapter();
      const name = chosen === undefined ? 'base' : 'named';
      return { name, adapter: chosen, useRetrieval: true, reason: 'The command chose it.' };
    },
    note: () => undefined,
  };
}
