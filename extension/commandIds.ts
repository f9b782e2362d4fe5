/** Every command of the extension by name; the ids are those of package.json, which a test compares. */

import { acceptedCommand } from '../protocol/messages.ts';
import type { StatusAction } from './statusText.ts';

export const commandIds = {
  trigger: 'idiom.trigger',
  acceptLine: 'idiom.acceptLine',
  toggleSuggestions: 'idiom.toggleSuggestions',
  snooze: 'idiom.snooze',
  endSnooze: 'idiom.endSnooze',
  chooseBaseModel: 'idiom.chooseBaseModel',
  downloadBaseModel: 'idiom.downloadBaseModel',
  restartEngine: 'idiom.restartEngine',
  showLog: 'idiom.showLog',
  doctor: 'idiom.doctor',
  explain: 'idiom.explain',
  showIndex: 'idiom.showIndex',
  stopIndexing: 'idiom.stopIndexing',
  indexAgain: 'idiom.indexAgain',
  toggleLearning: 'idiom.toggleLearning',
  trainNow: 'idiom.trainNow',
  cancelTraining: 'idiom.cancelTraining',
  rollBack: 'idiom.rollBack',
  promote: 'idiom.promote',
  pauseLearning: 'idiom.pauseLearning',
  resumeLearning: 'idiom.resumeLearning',
  chooseTraining: 'idiom.chooseTraining',
  thumbsUp: 'idiom.thumbsUp',
  thumbsDown: 'idiom.thumbsDown',
  forget: 'idiom.forget',
  showDashboard: 'idiom.showDashboard',
  openWalkthrough: 'idiom.openWalkthrough',
  openExample: 'idiom.openExample',
  openSettings: 'idiom.openSettings',
  openTerminal: 'idiom.openTerminal',
  showRecorded: 'idiom.showRecorded',
  /** Behind the links of a report. */
  openPlace: 'idiom.openPlace',
  /** Behind the click on the status bar. */
  statusMenu: 'idiom.statusMenu',
  /** The Escape key, while a suggestion of ours may be on screen. */
  reject: 'idiom.reject',
  /** Of every inline item; runs when it is accepted. */
  accepted: acceptedCommand,
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Not for the command palette: they make no sense without an event or a click. */
export const hiddenCommands: readonly CommandId[] = [
  commandIds.openPlace,
  commandIds.statusMenu,
  commandIds.reject,
  commandIds.accepted,
];

/** The entries of the status menu. */
export const statusActions: Readonly<
  Record<StatusAction, { readonly label: string; readonly command: CommandId }>
> = {
  download: {
    label: '$(cloud-download) Download a model...',
    command: commandIds.downloadBaseModel,
  },
  retryDownload: { label: '$(refresh) Retry the download', command: commandIds.restartEngine },
  useAnother: { label: '$(symbol-class) Select a model...', command: commandIds.chooseBaseModel },
  restart: { label: '$(debug-restart) Restart the engine', command: commandIds.restartEngine },
  toggleSuggestions: {
    label: '$(circle-slash) Toggle suggestions...',
    command: commandIds.toggleSuggestions,
  },
  snooze: { label: '$(bell-slash) Snooze...', command: commandIds.snooze },
  endSnooze: { label: '$(bell) End snooze', command: commandIds.endSnooze },
  toggleLearning: {
    label: '$(mortar-board) Toggle learning for this repository',
    command: commandIds.toggleLearning,
  },
  showDashboard: { label: '$(dashboard) Show the dashboard', command: commandIds.showDashboard },
  trainNow: { label: '$(play) Train an adapter now', command: commandIds.trainNow },
  cancelTraining: { label: '$(debug-stop) Cancel training', command: commandIds.cancelTraining },
  pauseLearning: { label: '$(debug-pause) Pause learning', command: commandIds.pauseLearning },
  resumeLearning: { label: '$(debug-continue) Resume learning', command: commandIds.resumeLearning },
  explain: { label: '$(question) Explain the last suggestion', command: commandIds.explain },
  showIndex: { label: '$(database) Show the repository index', command: commandIds.showIndex },
  stopIndexing: { label: '$(debug-stop) Stop indexing', command: commandIds.stopIndexing },
  indexAgain: { label: '$(refresh) Rebuild the index', command: commandIds.indexAgain },
  doctor: { label: '$(pulse) Run diagnostics', command: commandIds.doctor },
  showLog: { label: '$(output) Show the log', command: commandIds.showLog },
  settings: { label: '$(gear) Settings', command: commandIds.openSettings },
  walkthrough: { label: '$(book) Walkthrough', command: commandIds.openWalkthrough },
};
