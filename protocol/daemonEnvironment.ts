/** The environment that a daemon is started with, by an editor or a command. */

/** Which certificates and addresses to believe, and how much memory to take; all else of NODE_OPTIONS can load code. */
const harmless =
  /^--(use-(system|openssl|bundled)-ca|use-env-proxy|max-old-space-size=\d+|dns-result-order=\w+|tls-(min|max)-v1\.\d)$/;

/**
 * Without what makes Node load modules that are not the daemon's: a path in NODE_OPTIONS may lie in a repository, and a
 * debugger's port is taken already.
 */
export function daemonEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: options = '',
    NODE_PATH: _path,
    NODE_REPL_EXTERNAL_MODULE: _module,
    VSCODE_INSPECTOR_OPTIONS: _inspector,
    ...rest
  } = env;
  const kept = options.split(/\s+/).filter((option) => harmless.test(option));
  const result = { ...rest, ELECTRON_RUN_AS_NODE: '1' };
  return kept.length === 0 ? result : { ...result, NODE_OPTIONS: kept.join(' ') };
}
