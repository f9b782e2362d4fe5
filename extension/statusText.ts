/** What the status bar says in each situation, as data: icon, tooltip, colour and the actions behind a click. */

import { indexSentence } from '../protocol/indexSentence.ts';
import type { RepositoryLearning } from '../protocol/learning.ts';
import type { FolderIndex, StatusParams } from '../protocol/messages.ts';
import { loopActions, loopSentences } from './learningStatus.ts';
import type { Silence } from './silence.ts';
import type { LinkState } from './supervisor.ts';

export interface Situation {
  readonly link: LinkState;
  /** The daemon's last status over this link. */
  readonly daemon: StatusParams | undefined;
  /** Whether the active editor gets suggestions. */
  readonly suggestions: 'on' | 'off';
  /** Whether outcomes of the active editor are recorded. */
  readonly learning: 'on' | 'off' | 'untrusted';
  /** What the daemon last told of the indexes over this link. */
  readonly index: readonly FolderIndex[];
  /** The learning loop of the active file's repository, where the daemon told of it. */
  readonly loop: RepositoryLearning | undefined;
  /** A suggestion has been waited for longer than a moment. */
  readonly isWaiting: boolean;
  /** Minutes for which suggestions are snoozed in this window. */
  readonly snoozedMinutes: number | undefined;
  /** Why the newest request in the active editor brought nothing. */
  readonly silence: Silence | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

export type StatusAction =
  | 'download'
  | 'retryDownload'
  | 'useAnother'
  | 'restart'
  | 'toggleSuggestions'
  | 'snooze'
  | 'endSnooze'
  | 'toggleLearning'
  | 'explain'
  | 'showDashboard'
  | 'trainNow'
  | 'cancelTraining'
  | 'pauseLearning'
  | 'resumeLearning'
  | 'showIndex'
  | 'stopIndexing'
  | 'indexAgain'
  | 'doctor'
  | 'showLog'
  | 'settings'
  | 'walkthrough';

export interface StatusView {
  /** With a codicon (https://microsoft.github.io/vscode-codicons/dist/codicon.html). */
  readonly text: string;
  /** Plain sentences, one a paragraph. */
  readonly tooltip: readonly string[];
  /** `warning` and `error` only where a person is needed. */
  readonly tone: 'normal' | 'warning' | 'error';
  /** For screen readers; no icon. */
  readonly label: string;
  /** The fitting ones, the most useful first. */
  readonly actions: readonly StatusAction[];
}

const everyday: readonly StatusAction[] = [
  'toggleSuggestions',
  'snooze',
  'toggleLearning',
  'explain',
  'useAnother',
  'doctor',
  'showLog',
  'settings',
  'walkthrough',
];

export function describeStatus(situation: Situation): StatusView {
  const { link, daemon } = situation;
  switch (link.kind) {
    case 'connecting':
      return busy('loading~spin', 'starting', ['Idiom is starting.']);
    case 'recovering':
      return busy('sync~spin', 'recovering', [link.reason, 'Idiom recovers by itself in a moment.']);
    case 'failed':
      return view('warning', 'no daemon', [link.reason, link.remedy], 'error', [
        'restart',
        'showLog',
        'doctor',
      ]);
    case 'connected':
      if (daemon === undefined) return busy('loading~spin', 'starting', ['Idiom is starting.']);
      return withIndex(withLoop(describeDaemon(daemon, situation), situation), situation);
  }
}

/** Learning has a place in the tooltip and the menu alone: the item itself tells of suggestions, which come throughout. */
function withLoop(view: StatusView, { loop, learning, daemon }: Situation): StatusView {
  const isServing = daemon?.state === 'ready' || daemon?.state === 'thinking';
  if (!isServing || learning === 'untrusted') return view;
  const place = view.actions.indexOf('explain') + 1;
  const actions = [...view.actions.slice(0, place), ...loopActions(loop), ...view.actions.slice(place)];
  return {
    ...view,
    tooltip: [...view.tooltip, ...(loop === undefined ? [] : loopSentences(loop))],
    actions,
  };
}

/** The index has a place in the tooltip and the menu alone: no trouble of it keeps suggestions from coming. */
function withIndex(view: StatusView, { index, nowMs }: Situation): StatusView {
  if (index.length === 0) return view;
  const sentences = index.map((folder) => indexSentence(folder, index.length === 1, nowMs));
  const isIndexing = index.some(({ state }) => state === 'indexing');
  const offered: readonly StatusAction[] = ['showIndex', isIndexing ? 'stopIndexing' : 'indexAgain'];
  const place = view.actions.indexOf('doctor');
  const actions = [...view.actions.slice(0, place), ...offered, ...view.actions.slice(place)];
  return { ...view, tooltip: [...view.tooltip, ...sentences], actions };
}

function describeDaemon(daemon: StatusParams, situation: Situation): StatusView {
  const remedy = daemon.remedy === undefined ? [] : [daemon.remedy];
  switch (daemon.state) {
    case 'error':
      return view('warning', 'error', [daemon.detail, ...remedy], 'error', [
        daemon.isDownloadFailed === true ? 'retryDownload' : 'restart',
        'useAnother',
        'download',
        'doctor',
        'showLog',
        'settings',
      ]);
    case 'consentNeeded':
      return view('cloud-download', 'model needed', [daemon.detail, ...remedy], 'warning', [
        'download',
        'useAnother',
        'doctor',
        'showLog',
      ]);
    case 'recovering':
      return busy('sync~spin', 'recovering', [daemon.detail, 'Idiom recovers by itself in a moment.']);
    case 'downloading':
      return busy(
        'cloud-download',
        [daemon.isUnpacking === true ? 'unpacking' : 'downloading', percent(daemon.progress)].join(' '),
        [daemon.detail, ...timeLeft(daemon.secondsLeft)],
      );
    case 'loading':
      return busy('loading~spin', ['loading', percent(daemon.progress)].join(' ').trim(), [daemon.detail]);
    case 'thinking':
    case 'ready':
      return describeReady(daemon, situation);
  }
}

function describeReady(daemon: StatusParams, situation: Situation): StatusView {
  const { suggestions, learning, silence } = situation;
  const { baseModel, download } = daemon;
  const isNamed = baseModel === undefined || daemon.detail.includes(baseModel);
  const model = isNamed ? [] : [`Model: ${baseModel}.`];
  const better = download === undefined ? [] : [`${download.name} would suit this machine better.`];
  const actions: readonly StatusAction[] = download === undefined ? everyday : [...everyday, 'download'];
  if (situation.snoozedMinutes !== undefined) {
    const left = `Suggestions come back in ${situation.snoozedMinutes} min.`;
    const instead = actions.map((action) => (action === 'snooze' ? 'endSnooze' : action));
    return view('bell-slash', 'snoozed', [left, ...model], 'normal', [
      'endSnooze',
      ...instead.filter((action) => action !== 'endSnooze'),
    ]);
  }
  if (suggestions === 'off') {
    return view('circle-slash', 'off', ['Suggestions are off for this file.', ...model], 'normal', actions);
  }
  const icon = situation.isWaiting ? 'loading~spin' : 'sparkle';
  const silent = silence === undefined ? [] : [silenceSentence(silence)];
  const tooltip = [...silent, daemon.detail, ...model, ...better, learningSentences[learning]];
  const first = silence?.action === undefined ? [] : [silence.action];
  const offered = [...new Set([...first, ...actions])];
  if (learning === 'on') {
    return {
      ...view(icon, '', tooltip, 'normal', offered),
      label: situation.isWaiting ? 'Idiom, computing a suggestion' : 'Idiom, ready',
    };
  }
  return view(icon, 'not learning', tooltip, 'normal', offered);
}

function silenceSentence({ reason, remedy }: Silence): string {
  return [`No suggestion for the last request: ${reason}`, remedy]
    .filter((part) => part !== undefined)
    .join(' ');
}

const learningSentences = {
  on: 'Idiom records on this computer whether you keep its suggestions.',
  off: 'Learning is off here. Suggestions continue; nothing is recorded.',
  untrusted: 'This workspace is not trusted. Suggestions continue; nothing is recorded.',
} as const;

function busy(icon: string, words: string, tooltip: readonly string[]): StatusView {
  return view(icon, words, tooltip, 'normal', ['showLog', 'doctor', 'settings', 'walkthrough']);
}

function view(
  icon: string,
  words: string,
  tooltip: readonly string[],
  tone: StatusView['tone'],
  actions: readonly StatusAction[],
): StatusView {
  return {
    text: words === '' ? `$(${icon}) Idiom` : `$(${icon}) Idiom: ${words}`,
    tooltip: tooltip.filter((sentence) => sentence !== ''),
    tone,
    label: words === '' ? 'Idiom' : `Idiom, ${words}`,
    actions,
  };
}

function percent(progress: number | undefined): string {
  return progress === undefined ? '' : `${Math.floor(progress * 100)} %`;
}

function timeLeft(seconds: number | undefined): string[] {
  if (seconds === undefined) return [];
  if (seconds < 60) return [`About ${Math.max(1, Math.round(seconds))} s left.`];
  return [`About ${Math.round(seconds / 60)} min left.`];
}
