/** PLACEHOLDER */
export function registerModel(_p: unknown, _c: unknown) {}
