/** The settings as the daemon gets them: as the user made them, and with learning off where the workspace is not trusted. */

/**
 * `value` is the section `idiom` as VS Code nests it. Adds `isTrusted`; where that is false, `learning.enabled` is false too,
 * so that a daemon which knows nothing of trust stores nothing either. `isOffForUser`: the user's own settings have learning
 * off, which those of a workspace can't undo. Not changed when it is no object.
 */
export function withTrust(value: unknown, isTrusted: boolean, isOffForUser = false): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const settings = value as Record<string, unknown>;
  if (isTrusted && !isOffForUser) return { ...settings, isTrusted };
  const { 'learning.enabled': _flat, learning, ...rest } = settings;
  return { ...rest, learning: { ...(learning as object | undefined), enabled: false }, isTrusted };
}
