/** The page's entry: messages and clicks go into the state, the state is drawn. All it knows comes from the extension. */

import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import 'uplot/dist/uPlot.min.css';
import './dashboard.css';
import './tiles.css';
import './narrow.css';
import './chart.ts';
import { render } from 'lit';
import type { FromDashboard, ToDashboard } from '../protocol/dashboard.ts';
import { clicked, emptyState, missingReports, received } from './dashboardState.ts';
import type { DashboardState } from './dashboardState.ts';
import { page } from './views/page.ts';

interface VsCodeApi {
  postMessage(message: FromDashboard): void;
}
declare const acquireVsCodeApi: () => VsCodeApi;

const vscode = acquireVsCodeApi();
const asked = new Set<string>();
let state = emptyState;
let isDrawing = false;

/** Draws once a frame at most, however many messages come. */
function show(next: DashboardState): void {
  state = next;
  for (const digest of missingReports(state)) {
    if (asked.has(digest)) continue;
    asked.add(digest);
    vscode.postMessage({ kind: 'report', digest });
  }
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    render(page(state, hands), document.body);
  });
}

const hands = {
  click: (click: Parameters<typeof clicked>[1]) => show(clicked(state, click)),
  send: (message: FromDashboard) => vscode.postMessage(message),
};

window.addEventListener('message', ({ data }: MessageEvent<ToDashboard>) => {
  if (data.kind === 'report' || data.kind === 'trouble') asked.delete(data.digest ?? '');
  show(received(state, data));
});
show(state);
vscode.postMessage({ kind: 'ready' });
