/** What can be said about a mean while one keeps looking: bounds that hold at all times together. Pure. */

export interface ConfidenceSequenceOptions {
  /** Values beyond `bound` or `-bound` are taken as that; the mean is of values so clipped. */
  readonly bound: number;
  /** Probability that the true mean is ever outside. Default 0.05. */
  readonly alpha?: number;
}

export interface ConfidenceBounds {
  readonly n: number;
  /** Of the clipped values; 0 without any. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** A single bet at most takes this share of the range; the source's choice. */
const maxBet = 0.5;

/**
 * Bounds of the mean after all `values`, in the order in which they came. One may look after each value and stop when one
 * likes: with probability 1 - alpha the true mean is within all bounds there ever were. They never widen again.
 * Holds for any distribution on [-bound, bound], also of values that depend on each other, as long as each has the same
 * mean given those before it.
 * Source: I. Waudby-Smith and A. Ramdas, Estimating means of bounded random variables by betting, JRSS B 86 (2024),
 * https://arxiv.org/abs/2010.09686, theorem 2 (predictable plug-in empirical Bernstein), intersected over time.
 * @throws RangeError when a value is not finite or an option makes no sense.
 */
export function confidenceSequence(
  values: readonly number[],
  { bound, alpha = 0.05 }: ConfidenceSequenceOptions,
): ConfidenceBounds {
  if (!(bound > 0 && Number.isFinite(bound)) || !(alpha > 0 && alpha < 1))
    throw new RangeError('A confidence sequence needs a bound above 0 and an alpha between 0 and 1.');
  if (!values.every(Number.isFinite)) throw new RangeError('Each value must be a finite number.');
  const logTerm = Math.log(2 / alpha);
  // All below is of values x moved into [0, 1]. The starting values count as half of one look at the middle.
  let [low, high] = [0, 1];
  let [sum, sumOfSquares] = [0, 0];
  let [sumOfBets, sumOfBetValues, sumOfCosts] = [0, 0, 0];
  for (const [i, value] of values.entries()) {
    const x = (Math.min(bound, Math.max(-bound, value)) / bound + 1) / 2;
    const t = i + 1;
    const guess = (0.5 + sum) / t;
    const variance = (0.25 + sumOfSquares) / t;
    const bet = Math.min(maxBet, Math.sqrt((2 * logTerm) / (variance * t * Math.log(1 + t))));
    sumOfBets += bet;
    sumOfBetValues += bet * x;
    // 4 (x - guess)^2 times psi(bet), with psi(bet) = (-log(1 - bet) - bet) / 4.
    sumOfCosts += (x - guess) ** 2 * (-Math.log1p(-bet) - bet);
    const centre = sumOfBetValues / sumOfBets;
    const halfWidth = (logTerm + sumOfCosts) / sumOfBets;
    low = Math.max(low, centre - halfWidth);
    high = Math.min(high, centre + halfWidth);
    sum += x;
    sumOfSquares += (x - (0.5 + sum) / (t + 1)) ** 2;
  }
  const n = values.length;
  const back = (x: number) => (2 * x - 1) * bound;
  return { n, mean: n === 0 ? 0 : back(sum / n), low: back(low), high: back(high) };
}
