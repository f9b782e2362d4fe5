/** Loads the bundled extension under Node with a stand-in for `vscode`, activates it once and prints how long that took. */

import { createRequire, registerHooks } from 'node:module';

const [bundle = '', extensionPath = ''] = process.argv.slice(2);

/** Anything: called, constructed or read, it gives itself; what is written to it is lost; it is no promise, and empty as text. */
const anything: object = new Proxy(function () {}, {
  get: (_, key) => (key === 'then' ? undefined : key === Symbol.toPrimitive ? () => '' : anything),
  set: () => true,
  apply: () => anything,
  construct: () => anything,
});
(globalThis as { vscodeStandIn?: object }).vscodeStandIn = anything;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode' ? { url: 'stand-in:vscode', shortCircuit: true } : next(specifier, context),
  load: (url, context, next) =>
    url === 'stand-in:vscode'
      ? { format: 'commonjs', source: 'module.exports = globalThis.vscodeStandIn;', shortCircuit: true }
      : next(url, context),
});

const startMs = performance.now();
const extension = createRequire(import.meta.url)(bundle) as { activate(context: unknown): unknown };
const loadedMs = performance.now();
extension.activate({
  subscriptions: [],
  extensionPath,
  extension: { packageJSON: { version: '0.0.0' } },
  logUri: { fsPath: extensionPath },
  globalState: anything,
  workspaceState: anything,
});
const activatedMs = performance.now();
process.stdout.write(JSON.stringify({ loadMs: loadedMs - startMs, activateMs: activatedMs - loadedMs }), () =>
  process.exit(0),
);
