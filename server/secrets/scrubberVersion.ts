/** Raised when the finders find more than before: what an older scrubber let through is then looked at again. */

/** What was stored before there was a number counts as 0. */
export const scrubberVersion = 3;
